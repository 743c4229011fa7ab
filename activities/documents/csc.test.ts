import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { preparePki } from '../../embedded/pki.ts';
import { verify } from '../../records/signatures.ts';
import { account, openSigningService, type SigningService } from '../../testing/signing-service.ts';
import { openKeystore } from './keystore.ts';
import { createRenderer } from './render.ts';
import { sampleRequests } from './samples.ts';
import { sign } from './sign.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const at = new Date('2026-12-01T07:15:00.000Z');
const officer = { field: 'Signature1', reason: 'Ký duyệt', at, name: 'Vũ Thanh Sơn' };

let folder: string;
let service: SigningService;
let base: Uint8Array;
const description = () => ({
  kind: 'csc',
  url: service.url,
  credentialId: 'seal',
  clientId: account.clientId,
  clientSecret: { env: 'TEST_CSC_SECRET' },
  factors: { PIN: { file: 'leader.pin' }, OTP: { file: 'leader.otp' } } as object,
});
const describeAs = (given: unknown) =>
  writeFile(join(folder, 'people', 'leader.json'), typeof given === 'string' ? given : JSON.stringify(given));
const factor = (name: 'pin' | 'otp', value: string) =>
  writeFile(join(folder, 'people', `leader.${name}`), `${value}\n`, { mode: 0o600 });
/** A keystore that remembers nothing of before. */
const leader = () => openKeystore(folder).person('leader');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-csc-'));
  const people = [
    { sub: 'leader', name: 'Vũ Thanh Sơn', key: 'RSA-2048' as const },
    { sub: 'other', name: 'Lê Văn Khác' },
  ];
  await preparePki({ folder, people, agencies: [], clock: { now: () => at } });
  service = await openSigningService(await readFile(join(folder, 'people', 'leader.pem'), 'utf8'));
  base = await createRenderer(templates).render(sampleRequests(templates)[0]!);
});
beforeEach(async () => {
  process.env['TEST_CSC_SECRET'] = account.clientSecret;
  Object.assign(service.behaviour, {
    key: 'enabled',
    cert: 'valid',
    lies: false,
    multisign: 1,
    status: undefined,
  });
  await Promise.all([describeAs(description()), factor('pin', account.PIN), factor('otp', account.OTP)]);
});
afterAll(async () => {
  delete process.env['TEST_CSC_SECRET'];
  await service.close();
  await rm(folder, { recursive: true, force: true });
});

describe('a signature that the service does not give', () => {
  test.each([
    ['a wrong PIN', () => factor('pin', '0000'), 'refuses credentials/authorize: The PIN is wrong'],
    ['a wrong second factor', () => factor('otp', '0000'), 'refuses credentials/authorize: The OTP is wrong'],
    [
      'a signature of something else',
      () => (service.behaviour.lies = true),
      'has not signed with the key of seal',
    ],
    ['a service that is down', () => (service.behaviour.status = 503), 'answers 503 to oauth2/token'],
  ])('%s: nothing is signed, and the reason is told without a secret', async (_what, prepare, words) => {
    const signer = await leader();
    await prepare();
    const failure = await sign(base, signer, officer).catch((error: Error) => error);
    expect(failure).toMatchObject({ message: expect.stringContaining(words) as string });
    for (const secret of Object.values(account).slice(1))
      expect((failure as Error).message).not.toContain(secret);
  });

  test.each([
    [
      'a wrong password of Motcua',
      () => (process.env['TEST_CSC_SECRET'] = 'guess'),
      'The client is not known',
    ],
    ['no password', () => delete process.env['TEST_CSC_SECRET'], 'TEST_CSC_SECRET is not set'],
    ['a key that is disabled', () => (service.behaviour.key = 'disabled'), 'has disabled the key seal'],
    ['a certificate that is revoked', () => (service.behaviour.cert = 'revoked'), 'of seal is revoked'],
    ['a description that is no JSON', () => describeAs('hello'), 'leader.json is no JSON'],
    ['a description with a mistake', () => describeAs({ ...description(), url: 'x' }), 'is wrong at /url'],
    ['another person’s credential', () => describeAs({ ...description(), uid: 'other' }), 'it is that of'],
    [
      'a service that is not there',
      () => describeAs({ ...description(), url: 'http://127.0.0.1:9' }),
      'cannot be reached',
    ],
  ])('%s: there is no signer, and the reason is told', async (_what, prepare, words) => {
    await prepare();
    await expect(leader()).rejects.toThrow(words);
  });
});

test('with PIN and second factor the service signs a hash, and never sees the document', async () => {
  service.asked.length = 0;
  const signed = await sign(base, await leader(), officer);
  const root = await readFile(join(folder, 'root.pem'), 'utf8');
  expect(verify(signed, [root])).toMatchObject([{ valid: true, trusted: true }]);
  expect(service.asked.filter((method) => method !== 'oauth2/token')).toEqual([
    'credentials/info',
    'credentials/authorize',
    'signatures/signHash',
  ]);
});

test('each signature is authorised by itself, with the factors as they are then', async () => {
  const signer = await leader();
  await sign(base, signer, officer);
  await factor('otp', 'used up');
  await expect(sign(base, signer, officer)).rejects.toThrow('The OTP is wrong');
  await factor('otp', account.OTP);
  await sign(base, signer, officer);
});

describe('a leader who signs many documents at once', () => {
  const counted = () => service.asked.filter((method) => method === 'credentials/authorize').length;
  const signMany = async (count: number) => {
    const signer = await leader();
    service.asked.length = 0;
    return Promise.allSettled(
      Array.from({ length: count }, (_, each) =>
        sign(base, signer, { ...officer, reason: `Ký duyệt ${each}` }),
      ),
    );
  };

  test('gives the second factor once for as many as the credential allows; each gets its own signature', async () => {
    service.behaviour.multisign = 16;
    const root = await readFile(join(folder, 'root.pem'), 'utf8');
    for (const signed of await signMany(40)) {
      expect(signed.status).toBe('fulfilled');
      const { value } = signed as PromiseFulfilledResult<Uint8Array>;
      expect(verify(value, [root])).toMatchObject([{ valid: true, trusted: true }]);
    }
    expect(counted()).toBe(3);
  });

  test('gives it for each one where the credential allows no more', async () => {
    await signMany(3);
    expect(counted()).toBe(3);
  });

  test('has signed none of them when the factor is wrong', async () => {
    service.behaviour.multisign = 16;
    await factor('otp', '0000');
    for (const refused of await signMany(5)) expect(refused.status).toBe('rejected');
    expect(counted()).toBe(1);
    expect(service.asked).not.toContain('signatures/signHash');
  });
});
