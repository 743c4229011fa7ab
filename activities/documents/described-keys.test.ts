import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test, vi, type Mock } from 'vitest';
import { preparePki, type KeyKind } from '../../embedded/pki.ts';
import { certificatesIn } from '../../records/certificates.ts';
import { verify } from '../../records/signatures.ts';
import { makePkcs12 } from '../../testing/pkcs12.ts';
import { loadPkcs11, makeSoftToken, missingForTokens, type SoftToken } from '../../testing/softhsm.ts';
import { openKeystore } from './keystore.ts';
import { createRenderer } from './render.ts';
import { sampleRequests } from './samples.ts';
import { sign } from './sign.ts';

const madeByOpenssl = fileURLToPath(new URL('../../testing/pkcs12/', import.meta.url));
const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const at = new Date('2026-12-01T07:15:00.000Z');
const officer = { field: 'Signature1', reason: 'Ký duyệt', at, name: 'Vũ Thanh Sơn' };
const kinds: KeyKind[] = ['P-256', 'P-384', 'RSA-2048', 'RSA-3072'];
const password = 'mật khẩu';

let folder: string;
let base: Uint8Array;
let root: string;
const inPeople = (name: string) => join(folder, 'people', name);
const pem = (kind: string) => readFile(inPeople(`${kind}.pem`), 'utf8');
/** The signer that a description leads to; whose certificate it is says `uid`. */
async function described(description: object, name = 'leader') {
  await writeFile(inPeople(`${name}.json`), JSON.stringify(description));
  return openKeystore(folder).person(name);
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-described-'));
  const people = kinds.map((key) => ({ sub: key, name: 'Vũ Thanh Sơn', key }));
  await preparePki({ folder, people, agencies: [], clock: { now: () => at } });
  root = await readFile(join(folder, 'root.pem'), 'utf8');
  base = await createRenderer(templates).render(sampleRequests(templates)[0]!);
  await writeFile(inPeople('password'), `${password}\n`);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const isGood = async (signer: Awaited<ReturnType<typeof described>>) =>
  expect(verify(await sign(base, signer, officer), [root])).toMatchObject([{ valid: true, trusted: true }]);

describe('a key in a PKCS#12 file', () => {
  const description = (uid: string) => ({
    kind: 'pkcs12',
    file: `${uid}.p12`,
    password: { file: 'password' },
    uid,
  });
  beforeAll(async () => {
    for (const kind of kinds)
      await writeFile(inPeople(`${kind}.p12`), await makePkcs12(await pem(kind), password));
    const [own, other] = [await pem('P-256'), await pem('P-384')];
    const mixed = own.replace(certificatesIn(own)[0]!, certificatesIn(other)[0]!);
    await writeFile(inPeople('mixed.p12'), await makePkcs12(mixed, password));
  });

  test.each([
    ['a wrong password', { password: { env: 'HOME' } }, 'P-256.p12 does not open with its password'],
    ['a password that is nowhere', { password: { env: 'NO_SUCH' } }, 'NO_SUCH is not set'],
    ['a file that is not there', { file: 'none.p12' }, 'none.p12 cannot be read: ENOENT'],
    ['a file of another kind', { file: 'P-256.pem' }, 'P-256.pem is no PKCS#12 file'],
    ['the certificate of somebody else', { uid: 'other' }, 'is not the certificate of other'],
    ['the certificate of another key', { file: 'mixed.p12' }, "the key is not the certificate's"],
  ])('%s: there is no signer, and the reason is told without the password', async (_what, wrong, words) => {
    const failure = await described({ ...description('P-256'), ...wrong }).catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining(words) as string });
    expect((failure as Error).message).not.toContain(process.env['HOME']);
  });

  test.each(kinds)('signs with %s', async (kind) => {
    const signer = await described(description(kind));
    expect(signer.chain.length).toBeGreaterThan(0);
    await isGood(signer);
  });

  test('signs with RSASSA-PSS where the description says so', async () => {
    await isGood(await described({ ...description('RSA-2048'), padding: 'pss' }));
  });

  test('a renewed file counts at once', async () => {
    await writeFile(inPeople('leader.p12'), await readFile(inPeople('P-256.p12')));
    await writeFile(inPeople('leader.json'), JSON.stringify({ ...description('leader'), uid: 'P-256' }));
    const keystore = openKeystore(folder);
    const before = await keystore.person('leader');
    expect(await keystore.person('leader')).toBe(before);
    await utimes(inPeople('leader.p12'), 1_800_000_000, 1_800_000_000);
    expect(await keystore.person('leader')).not.toBe(before);
  });
});

describe('a PKCS#12 file that OpenSSL 3.0 has made (throwaway keys, see testing/pkcs12)', () => {
  const made = (name: string) =>
    described({
      kind: 'pkcs12',
      file: join(madeByOpenssl, `${name}.p12`),
      password: { file: 'password' },
      uid: 'openssl',
    });

  test('is read; of the certificates that lie in it in any order, the issuer goes with the signature', async () => {
    const { certificate, chain } = await made('openssl3');
    expect(new X509Certificate(certificate).subject).toContain('UID=openssl');
    expect(chain.map((each) => new X509Certificate(each).subject)).toEqual(['CN=Throwaway issuer']);
  });

  test.each([
    ['legacy', 'is protected in a way that is no longer used'],
    ['no-certificate', 'holds no certificate'],
  ])('as %s is refused, and the reason is told', async (name, words) => {
    await expect(made(name)).rejects.toThrow(words);
  });
});

const missing = missingForTokens();
describe.skipIf(missing)(`a key in a token${missing ? ` (not run: ${missing})` : ''}`, () => {
  let token: SoftToken;
  const description = (uid: string) => ({
    kind: 'pkcs11',
    module: token.module,
    token: token.label,
    key: uid,
    pin: { file: 'pin' },
    chain: 'issuers.pem',
    uid,
  });
  const pin = (value: string) => writeFile(inPeople('pin'), `${value}\n`, { mode: 0o600 });
  let logins: Mock;
  beforeAll(async () => {
    // Before a library is opened, which takes its methods along.
    logins = vi.spyOn(loadPkcs11().PKCS11.prototype, 'C_Login');
    token = makeSoftToken(folder);
    for (const kind of kinds) token.hold(kind, await pem(kind));
    const own = await pem('P-256');
    token.hold('mixed', await pem('P-384'), certificatesIn(own));
    const issuers = certificatesIn(own).slice(1);
    await Promise.all([pin(token.pin), writeFile(inPeople('issuers.pem'), issuers.join('\n'))]);
  });
  afterAll(() => {
    vi.restoreAllMocks();
    delete process.env['SOFTHSM2_CONF'];
  });

  test.each([
    ['a library that is not there', { module: '/nowhere.so' }, 'the library /nowhere.so cannot be opened'],
    ['a token that is not there', { token: 'other' }, 'there is no token other at'],
    ['a key that is not in it', { key: 'other' }, 'the token motcua holds 0 keys other'],
    ['the certificate of somebody else', { uid: 'other' }, 'is not the certificate of other'],
    ['issuers that are not there', { chain: 'none.pem' }, 'none.pem cannot be read: ENOENT'],
    ['a PIN that is nowhere', { pin: { env: 'NO_SUCH' } }, 'NO_SUCH is not set'],
  ])('%s: there is no signer, and the reason is told', async (_what, wrong, words) => {
    await expect(described({ ...description('P-256'), ...wrong })).rejects.toThrow(words);
  });

  test.each(kinds)('signs with %s, and never leaves the token', async (kind) => {
    await isGood(await described(description(kind)));
  });

  test('is found by its id too, and signs with RSASSA-PSS where the description says so', async () => {
    await isGood(await described({ ...description('RSA-2048'), key: '03', padding: 'pss' }));
  });

  test('with the certificate of another key signs nothing', async () => {
    const signer = await described({ ...description('mixed'), uid: 'P-256' });
    await expect(sign(base, signer, officer)).rejects.toThrow(
      'the token motcua has not signed with the key of the certificate of mixed',
    );
  });

  test('finds the issuers in the token where no file has them', async () => {
    const { chain } = await described({ ...description('P-384'), chain: undefined });
    expect(chain.map((each) => new X509Certificate(each).subject)).toEqual([
      expect.stringContaining('Motcua development issuer'),
    ]);
  });

  test('signs many documents that are asked for at once, by all keys of one token, logged in once', async () => {
    token.pullOut();
    logins.mockClear();
    const signers = await Promise.all(kinds.map((kind) => described(description(kind), kind)));
    await Promise.all(Array.from({ length: 40 }, (_, index) => isGood(signers[index % kinds.length]!)));
    expect(logins).toHaveBeenCalledOnce();
  });

  test('goes on when its token was pulled out and put in again', async () => {
    const signer = await described(description('P-384'));
    token.pullOut();
    await isGood(signer);
  });

  test('with wrong PINs: each is tried once, so that the token does not lock itself', async () => {
    token.pullOut();
    logins.mockClear();
    for (const wrong of ['0000', '1111']) {
      await pin(wrong);
      await expect(described(description('P-256'))).rejects.toThrow(
        'the token motcua refuses the PIN: CKR_PIN_INCORRECT',
      );
    }
    for (const wrong of ['0000', '1111']) {
      await pin(wrong);
      await expect(described(description('P-256'))).rejects.toThrow(
        'has refused this PIN; it is not tried again',
      );
    }
    expect(logins).toHaveBeenCalledTimes(2);
    await pin(token.pin);
    await isGood(await described(description('P-256')));
  });

  test('a wrong PIN opens nothing while the token is open with the right one', async () => {
    const signer = await described(description('P-256'));
    await writeFile(inPeople('wrong'), '2222');
    const wrong = { ...description('P-384'), pin: { file: 'wrong' } };
    await expect(described(wrong, 'other')).rejects.toThrow('the token motcua refuses the PIN');
    await isGood(signer);
  });
});
