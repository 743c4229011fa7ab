import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { preparePki, type PkiOptions } from '../../embedded/pki.ts';
import { openKeystore } from './keystore.ts';
import type { Keystore } from './keystore.ts';

let folder: string;
let keystore: Keystore;
let pki: PkiOptions;
const pem = (sub: string) => join(folder, 'people', `${sub}.pem`);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-keys-'));
  pki = {
    folder,
    people: [
      { sub: 'an', name: 'Nguyễn Văn An' },
      { sub: 'binh', name: 'Trần Thị Bình' },
    ],
    agencies: [],
    clock: { now: () => new Date('2026-12-01T00:00:00Z') },
  };
  await preparePki(pki);
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

test('the certificate of another person is refused, and both are named', async () => {
  await writeFile(pem('stolen'), await readFile(pem('an'), 'utf8'));
  await expect(keystore.person('stolen')).rejects.toThrow(
    /stolen.pem is not the certificate of stolen: it is that of .*UID=an/,
  );
});

test('a renewed file counts at once', async () => {
  const before = await keystore.person('an');
  expect(await keystore.person('an')).toBe(before);
  await rm(pem('an'));
  await preparePki(pki);
  await utimes(pem('an'), 1_800_000_000, 1_800_000_000);
  expect(Buffer.compare((await keystore.person('an')).certificate, before.certificate)).not.toBe(0);
});
