import { createPrivateKey, generateKeyPairSync, sign as signWith, type X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preparePki, type KeyKind } from '../../embedded/pki.ts';
import { verify } from '../../records/signatures.ts';
import { hashOf } from './cms.ts';
import { openKeystore, readSigner } from './keystore.ts';
import { createRenderer } from './render.ts';
import { schemeOf } from './scheme.ts';
import { sampleRequests } from './samples.ts';
import { sign } from './sign.ts';
import type { Signer } from './sign.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const at = new Date('2026-12-01T07:15:00.000Z');
const officerSigns = { field: 'Signature1', reason: 'Ký duyệt', at, name: 'Vũ Thanh Sơn' };
const agencySeals = { field: 'Signature2', reason: 'Đóng dấu', at, name: 'Ủy ban nhân dân phường Vũng Tàu' };

let folder: string;
let root: string;
let officer: Signer;
let seal: Signer;
let base: Uint8Array;
let once: Uint8Array;
let twice: Uint8Array;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-sign-'));
  await preparePki({
    folder,
    people: [{ sub: 'vungtau.leader', name: 'Vũ Thanh Sơn', title: 'Chủ tịch' }],
    agencies: [{ code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' }],
    clock: { now: () => at },
  });
  root = await readFile(join(folder, 'root.pem'), 'utf8');
  const keystore = openKeystore(folder);
  [officer, seal] = [await keystore.person('vungtau.leader'), await keystore.seal('H29.16')];
  const [request] = sampleRequests(templates);
  if (!request) throw new Error('no sample');
  base = await createRenderer(templates).render(request);
  once = await sign(base, officer, officerSigns);
  twice = await sign(once, seal, agencySeals);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('what cannot be signed', () => {
  test('a field that the document does not have', async () => {
    await expect(sign(base, officer, { ...officerSigns, field: 'Signature9' })).rejects.toThrow(
      'there is no field Signature9; unsigned fields: Signature1, Signature2',
    );
  });

  test('a field that is signed already', async () => {
    await expect(sign(once, officer, officerSigns)).rejects.toThrow('Signature1 is signed already');
  });

  test('with a certificate that is not valid at that instant', async () => {
    const later = new Date('2040-01-01T00:00:00Z');
    await expect(sign(base, officer, { ...officerSigns, at: later })).rejects.toThrow(
      /the certificate of .*CN=Vũ Thanh Sơn.* is valid from .* not at 2040-01-01/,
    );
  });

  test('a file that Motcua did not make', async () => {
    await expect(sign(Buffer.from('%PDF-1.7 hello'), officer, officerSigns)).rejects.toThrow(
      'not a PDF that Motcua made',
    );
  });
});

describe('an officer signs, then the agency seals', () => {
  test('both signatures hold and lead to our root; only the last one covers the whole file', () => {
    expect(verify(twice, [root])).toMatchObject([
      { name: 'Vũ Thanh Sơn', at, valid: true, trusted: true, coversWholeFile: false },
      { name: 'Ủy ban nhân dân phường Vũng Tàu', at, valid: true, trusted: true, coversWholeFile: true },
    ]);
    expect(verify(once, [root])).toMatchObject([{ valid: true, coversWholeFile: true }]);
  });

  test('each signature adds a revision and leaves every earlier byte as it was', () => {
    expect(Buffer.compare(Buffer.from(once).subarray(0, base.length), base)).toBe(0);
    expect(Buffer.compare(Buffer.from(twice).subarray(0, once.length), once)).toBe(0);
  });

  test('the byte range covers everything but the signature itself', () => {
    const text = Buffer.from(once).toString('latin1');
    const [, start, before, after, rest] = (/ByteRange \[(\d+) (\d+) (\d+) (\d+) *\]/.exec(text) ?? []).map(
      Number,
    );
    expect([start, (after ?? 0) + (rest ?? 0)]).toEqual([0, once.length]);
    expect(text.slice(before, after)).toMatch(/^<[0-9a-f]+>$/);
  });

  test('the dictionary is that of a PAdES signature, with its time in Vietnamese time', () => {
    const text = Buffer.from(once).toString('latin1');
    expect(text).toContain('/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached');
    expect(text).toContain("/M (D:20261201141500+07'00')");
  });

  test('a byte that changes breaks every signature over it', () => {
    const broken = Buffer.from(twice);
    broken[1000] = (broken[1000] ?? 0) ^ 1;
    expect(verify(broken).map(({ valid }) => valid)).toEqual([false, false]);
  });

  test('a byte that changes between the two breaks the seal and not the officer', () => {
    const broken = Buffer.from(twice);
    broken[once.length - 10] = (broken[once.length - 10] ?? 0) ^ 1;
    const signedBoth = verify(broken).map(({ valid }) => valid);
    expect(signedBoth).toEqual([false, false]);
    const afterOnce = Buffer.from(twice);
    afterOnce[once.length + 5] = (afterOnce[once.length + 5] ?? 0) ^ 1;
    expect(verify(afterOnce).map(({ valid }) => valid)).toEqual([true, false]);
  });

  test('words added after the seal are seen as not covered', () => {
    const longer = Buffer.concat([twice, Buffer.from('\n% more')]);
    expect(verify(longer).map(({ coversWholeFile }) => coversWholeFile)).toEqual([false, false]);
  });

  test('a small part of the file is all that signing adds', () => {
    expect(twice.length - base.length).toBeLessThan(16_000);
  });
});

describe('keys of every kind', () => {
  const kinds: KeyKind[] = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072', 'RSA-4096', 'RSA-PSS-3072'];
  const sha384 = ['P-384'];

  test.each(kinds)('%s signs, and what it signed holds', async (kind) => {
    const people = [{ sub: kind, name: 'Vũ Thanh Sơn', key: kind }];
    await preparePki({ folder, people, agencies: [], clock: { now: () => at } });
    const signer = await openKeystore(folder).person(kind);
    expect(hashOf(signer)).toBe(sha384.includes(kind) ? 'sha384' : 'sha256');
    expect(verify(await sign(base, signer, officerSigns), [root])).toMatchObject([
      { valid: true, trusted: true },
    ]);
  });

  test('a plain RSA key may sign with PSS too', async () => {
    const pem = await readFile(join(folder, 'people', 'RSA-3072.pem'), 'utf8');
    const signer = readSigner(pem, 'RSA-3072.pem', 'pss');
    const signed = await sign(base, signer, officerSigns);
    expect(verify(signed, [root])).toMatchObject([{ valid: true, trusted: true }]);
    const plain = await sign(base, readSigner(pem, 'RSA-3072.pem'), officerSigns);
    expect(Buffer.from(plain).equals(Buffer.from(signed))).toBe(false);
  });

  test.each([
    ['an RSA key that is too short', () => generateKeyPairSync('rsa', { modulusLength: 1024 }), 'too short'],
    ['another curve', () => generateKeyPairSync('ec', { namedCurve: 'secp256k1' }), 'does not sign'],
    ['another algorithm', () => generateKeyPairSync('ed25519'), 'does not sign'],
  ])('%s is refused', (_what, make, words) => {
    expect(() => schemeOf({ publicKey: make().publicKey } as X509Certificate)).toThrow(words);
  });
});

describe('other signers behind the same interface', () => {
  test('a module or a service is handed the digest beside the bytes', async () => {
    const pem = await readFile(join(folder, 'people', 'vungtau.leader.pem'), 'utf8');
    let digestLength = 0;
    const remote: Signer = {
      ...officer,
      sign: (bytes, digest) => {
        digestLength = digest.length;
        return Promise.resolve(signWith('sha256', bytes, createPrivateKey(pem)));
      },
    };
    expect(verify(await sign(base, remote, officerSigns))).toMatchObject([{ valid: true }]);
    expect(digestLength).toBe(32);
  });

  test("a signature by a key that is not the certificate's does not hold", async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const impostor: Signer = {
      ...officer,
      sign: (bytes) => Promise.resolve(signWith('sha256', bytes, privateKey)),
    };
    expect(verify(await sign(base, impostor, officerSigns))).toMatchObject([{ valid: false }]);
  });
});
