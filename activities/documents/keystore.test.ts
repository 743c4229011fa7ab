import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparePki } from '../../embedded/pki.ts';
import { openKeystore } from './keystore.ts';
import type { Keystore } from './keystore.ts';

let folder: string;
let keystore: Keystore;
const pem = (sub: string) => join(folder, 'people', `${sub}.pem`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-keys-'));
  await preparePki({
    folder,
    people: [
      { sub: 'an', name: 'Nguyễn Văn An' },
      { sub: 'binh', name: 'Trần Thị Bình' },
    ],
    agencies: [],
    clock: { now: () => new Date('2026-12-01T00:00:00Z') },
  });
  keystore = openKeystore(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a person without a certificate is named, and so is the missing file', async () => {
  await expect(keystore.person('nobody')).rejects.toThrow(
    `the person nobody has no certificate: ${pem('nobody')} is missing`,
  );
  await expect(keystore.seal('H29.99')).rejects.toThrow('the agency H29.99 has no certificate');
});

test.each(['../../etc/passwd', '..', '.hidden', 'a/b', 'a\\b', '', 'a\u0000b', 'x'.repeat(200)])(
  'a name that could lead elsewhere is refused: %j',
  async (name) => {
    await expect(keystore.person(name)).rejects.toThrow('cannot name a certificate');
  },
);

test('a file without its key, or with the key of another, is refused by its path', async () => {
  const [an, binh] = await Promise.all([readFile(pem('an'), 'utf8'), readFile(pem('binh'), 'utf8')]);
  const certificate = binh.slice(binh.indexOf('-----BEGIN CERTIFICATE'));
  await writeFile(pem('keyless'), certificate);
  await expect(keystore.person('keyless')).rejects.toThrow(`${pem('keyless')} must hold a private key`);
  const key = an.slice(0, an.indexOf('-----BEGIN CERTIFICATE'));
  await writeFile(pem('mixed'), key + certificate);
  await expect(keystore.person('mixed')).rejects.toThrow("the key is not the certificate's");
});

test('a renewed file counts at once', async () => {
  await writeFile(pem('renewed'), await readFile(pem('an'), 'utf8'));
  const before = await keystore.person('renewed');
  expect(await keystore.person('renewed')).toBe(before);
  await writeFile(pem('renewed'), await readFile(pem('binh'), 'utf8'));
  await utimes(pem('renewed'), 1_800_000_000, 1_800_000_000);
  expect(Buffer.compare((await keystore.person('renewed')).certificate, before.certificate)).not.toBe(0);
});
