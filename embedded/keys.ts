import { randomBytes } from 'node:crypto';
import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * Gives a secret of this installation, made once and kept in DATA_DIR/keys, readable by its owner only.
 *
 * @param name the file's name, for example `master`
 * @param encoding `base64url` also fits into an address
 * @returns 32 random bytes as text
 */
export async function secret(
  dataDir: string,
  name: string,
  encoding: 'base64' | 'base64url' = 'base64',
): Promise<string> {
  const folder = join(dataDir, 'keys');
  const file = join(folder, name);
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return kept.trim();
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const made = randomBytes(32).toString(encoding);
  // On the disk before it is used: what a lost key encrypts is lost with it.
  const draft = await open(`${file}.new`, 'w', 0o600);
  await draft.writeFile(made);
  await draft.sync();
  await draft.close();
  await rename(`${file}.new`, file);
  return made;
}
