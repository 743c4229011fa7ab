import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';

/** What a sample identity provider keeps in DATA_DIR/keys, so that tokens stay good after a restart. */
export interface SigningKey extends JWK {
  kid: string;
  alg: 'RS256';
  use: 'sig';
}

/** Gives the provider's private signing key, made at the first start. */
export async function signingKey(dataDir: string): Promise<SigningKey> {
  const file = join(dataDir, 'keys', 'identity.jwk');
  const kept = await readFile(file, 'utf8').catch(() => '');
  if (kept !== '') return JSON.parse(kept) as SigningKey;
  const { privateKey } = await generateKeyPair('RS256', { extractable: true });
  const jwk = await exportJWK(privateKey);
  const key: SigningKey = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: 'RS256', use: 'sig' };
  await mkdir(join(dataDir, 'keys'), { recursive: true, mode: 0o700 });
  await writeFile(`${file}.new`, JSON.stringify(key), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return key;
}
