import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { preparePki, warning } from './pki.ts';

const at = new Date('2026-12-01T00:00:00Z');
const clock = { now: () => at };
const people = [
  { sub: 'vungtau.leader', name: 'Vũ Thanh Sơn', title: 'Chủ tịch', agencyName: 'UBND phường Vũng Tàu' },
];
const agencies = [{ code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' }];
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motcua-pki-')), 'pki');
});
afterEach(() => rm(join(folder, '..'), { recursive: true, force: true }));

const read = (...path: string[]) => readFile(join(folder, ...path), 'utf8');

test('a person whose name could lead out of the folder gets nothing', async () => {
  await expect(
    preparePki({ folder, people: [{ sub: '../leader', name: 'x' }], agencies: [], clock }),
  ).rejects.toThrow('cannot name a certificate');
});

test('every certificate leads to the root and says that it has no legal value', async () => {
  await preparePki({ folder, people, agencies, clock });
  const root = new X509Certificate(await read('root.pem'));
  const issuer = new X509Certificate(await read('issuer.pem'));
  expect(root.verify(root.publicKey) && root.ca && issuer.verify(root.publicKey) && issuer.ca).toBe(true);
  for (const path of [
    ['people', 'vungtau.leader.pem'],
    ['agencies', 'H29.16.pem'],
  ]) {
    const certificate = new X509Certificate(await read(...path));
    expect(certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)).toBe(true);
    expect(certificate.ca).toBe(false);
    expect(certificate.subject).toContain(warning);
    expect(certificate.keyUsage).toEqual(['1.3.6.1.5.5.7.3.4']);
  }
  const leader = new X509Certificate(await read('people', 'vungtau.leader.pem'));
  expect(leader.subject.split('\n')).toEqual([
    'C=VN',
    'O=UBND phường Vũng Tàu',
    `OU=${warning}`,
    'title=Chủ tịch',
    'CN=Vũ Thanh Sơn',
    'UID=vungtau.leader',
  ]);
  expect([root.subject, issuer.subject].every((subject) => subject.includes(warning))).toBe(true);
});

test.skipIf(process.platform === 'win32')('keys are readable by their owner alone', async () => {
  await preparePki({ folder, people, agencies, clock });
  for (const path of ['root.key', 'issuer.pem', 'people/vungtau.leader.pem', 'agencies/H29.16.pem']) {
    expect((await stat(join(folder, path))).mode & 0o777).toBe(0o600);
  }
});

test('running again changes nothing and adds who is new', async () => {
  await preparePki({ folder, people, agencies, clock });
  const before = [await read('root.pem'), await read('people', 'vungtau.leader.pem')];
  await preparePki({ folder, people: [...people, { sub: 'new', name: 'Lê Thị Mới' }], agencies, clock });
  expect([await read('root.pem'), await read('people', 'vungtau.leader.pem')]).toEqual(before);
  expect(new X509Certificate(await read('people', 'new.pem')).subject).toContain('CN=Lê Thị Mới');
});

test('certificates that ran out are issued anew', async () => {
  await preparePki({ folder, people, agencies, clock });
  const before = await read('people', 'vungtau.leader.pem');
  await preparePki({ folder, people, agencies, clock: { now: () => new Date('2029-11-25T00:00:00Z') } });
  expect(await read('people', 'vungtau.leader.pem')).not.toBe(before);
});
