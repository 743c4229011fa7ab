import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { preparePki, type KeyKind } from '../../embedded/pki.ts';
import { verify } from '../../records/signatures.ts';
import { makePkcs12 } from '../../testing/pkcs12.ts';
import { findSofthsm, makeSoftToken, type SoftToken } from '../../testing/softhsm.ts';
import { openKeystore } from './keystore.ts';
import { createRenderer } from './render.ts';
import { sampleRequests } from './samples.ts';
import { sign } from './sign.ts';

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
  });

  test.each([
    ['a wrong password', { password: { env: 'HOME' } }, 'P-256.p12 does not open with its password'],
    ['a password that is nowhere', { password: { env: 'NO_SUCH' } }, 'NO_SUCH is not set'],
    ['a file that is not there', { file: 'none.p12' }, 'none.p12 cannot be read: ENOENT'],
    ['a file of another kind', { file: 'P-256.pem' }, 'P-256.pem is no PKCS#12 file'],
    ['the certificate of somebody else', { uid: 'other' }, 'is not the certificate of other'],
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
});

const softhsm = findSofthsm();
const absent = softhsm
  ? ''
  : ' (not run: no SoftHSM2 was found; apt-get install libsofthsm2, or set SOFTHSM2_MODULE)';
describe.skipIf(!softhsm)(`a key in a token${absent}`, () => {
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
  beforeAll(async () => {
    token = makeSoftToken(folder);
    for (const kind of kinds) token.hold(kind, await pem(kind));
    const [, ...issuers] = (await pem('P-256')).split(/(?=-----BEGIN CERTIFICATE)/).slice(1);
    await Promise.all([pin(token.pin), writeFile(inPeople('issuers.pem'), issuers.join(''))]);
  });
  afterAll(() => {
    delete process.env['SOFTHSM2_CONF'];
  });

  test.each([
    ['a library that is not there', { module: '/nowhere.so' }, 'the library /nowhere.so cannot be opened'],
    ['a token that is not there', { token: 'other' }, 'there is no token other at'],
    ['a key that is not in it', { key: 'other' }, 'the token motcua holds 0 keys other'],
    ['the certificate of somebody else', { uid: 'other' }, 'is not the certificate of other'],
  ])('%s: there is no signer, and the reason is told', async (_what, wrong, words) => {
    await expect(described({ ...description('P-256'), ...wrong })).rejects.toThrow(words);
  });

  test.each(kinds)('signs with %s, and never leaves the token', async (kind) => {
    await isGood(await described(description(kind)));
  });

  test('is found by its id too, and signs with RSASSA-PSS where the description says so', async () => {
    await isGood(await described({ ...description('RSA-2048'), key: '03', padding: 'pss' }));
  });

  test('signs many documents that are asked for at once', async () => {
    const signer = await described(description('P-256'));
    await Promise.all(Array.from({ length: 20 }, () => isGood(signer)));
  });

  test('goes on when its token was pulled out and put in again', async () => {
    const signer = await described(description('P-384'));
    token.pullOut();
    await isGood(signer);
  });

  test('with a wrong PIN: refused once, and not tried again, so that the token does not lock itself', async () => {
    token.pullOut();
    await pin('0000');
    await expect(described(description('P-256'))).rejects.toThrow(
      'the token motcua refuses: CKR_PIN_INCORRECT',
    );
    await expect(described(description('P-256'))).rejects.toThrow(
      'has refused this PIN; it is not tried again',
    );
    await pin(token.pin);
    await isGood(await described(description('P-256')));
  });
});
