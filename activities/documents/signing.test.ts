import { X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import express from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { serve, type Listening } from '../../embedded/agencies/desk.ts';
import { answerTimestamp } from '../../embedded/authority/timestamp.ts';
import { createLogger } from '../../log.ts';
import { verify } from '../../records/signatures.ts';
import { openSampleAuthority, type SampleAuthority } from '../../testing/authority.ts';
import { openKeystore } from './keystore.ts';
import { createRenderer } from './render.ts';
import { sampleRequests } from './samples.ts';
import { createSigning, type Signatory } from './signing.ts';
import type { Signer } from './sign.ts';
import { openTrustServices } from './trust/index.ts';
import { openTimestampAuthority } from './trust/timestamp.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));
const year = 365 * 86_400_000;
const log = createLogger('test', 'silent');
const people = ['vungtau.leader', 'vungtau.dismissed'].map((sub) => ({ sub, name: 'Vũ Thanh Sơn' }));
const agencies = [{ code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' }];
let now = new Date('2026-12-01T07:15:00.000Z');
const clock = { now: () => now };

let folder: string;
let root: string;
let authority: SampleAuthority;
let officer: Signer;
let dismissed: Signer;
let base: Uint8Array;
let signatories: Signatory[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-signing-'));
  authority = await openSampleAuthority({ folder, people, agencies, clock });
  root = await readFile(join(folder, 'root.pem'), 'utf8');
  const keystore = openKeystore(folder);
  officer = await keystore.person('vungtau.leader');
  dismissed = await keystore.person('vungtau.dismissed');
  signatories = [
    { signer: officer, reason: 'Ký duyệt', at: now, name: 'Vũ Thanh Sơn' },
    { signer: await keystore.seal('H29.16'), reason: 'Đóng dấu', at: now, name: 'UBND phường Vũng Tàu' },
  ];
  base = await createRenderer(templates).render(sampleRequests(templates)[0]!);
});
afterEach(() => authority.down());
afterAll(async () => {
  await authority.close();
  await rm(folder, { recursive: true, force: true });
});

const signing = () => createSigning(authority.services, clock, log);
const reopened = () =>
  openTrustServices(
    { TIMESTAMP_URL: `${authority.url}/timestamps`, TRUST_ANCHORS: join(folder, 'root.pem') },
    clock,
  );
const both = (pdf: Uint8Array) => verify(pdf, [root]).slice(0, 2);
const good = [
  { valid: true, trusted: true },
  { valid: true, trusted: true },
];

describe('a certificate that its issuer has revoked', () => {
  test('signs nothing', async () => {
    await authority.revoke('people', 'vungtau.dismissed');
    const [person, seal] = signatories as [Signatory, Signatory];
    await expect(signing().sign(base, [{ ...person, signer: dismissed }, seal])).rejects.toThrow(
      /the certificate of .*UID=vungtau.dismissed is revoked since 2026-12-01T07:15:00.000Z/,
    );
  });

  test('is noticed later, where nobody answered when it signed', async () => {
    await authority.down('ocsp');
    const [person, seal] = signatories as [Signatory, Signatory];
    const { pdf, level } = await signing().sign(base, [{ ...person, signer: dismissed }, seal]);
    expect(level).toBe('B-T');
    await authority.down();
    await expect(signing().augment(pdf)).rejects.toThrow('is revoked since');
  });
});

describe('a document is signed while the trust services answer', () => {
  test('it reaches B-LTA at once, and is due again before the timestamp of the archive expires', async () => {
    const { pdf, level, augmentDue } = await signing().sign(base, signatories);
    expect(level).toBe('B-LTA');
    expect(both(pdf)).toMatchObject(good);
    const { validTo } = new X509Certificate(await readFile(join(folder, 'timestamps.pem')));
    expect(augmentDue).toEqual(new Date(new Date(validTo).getTime() - 180 * 86_400_000));
    expect(Buffer.from(pdf).subarray(0, base.length).equals(base)).toBe(true);
    expect(pdf.length).toBeLessThan(2 * base.length);
  });

  test('it is renewed by one more revision, years later, when its signers have other certificates', async () => {
    const { pdf } = await signing().sign(base, signatories);
    const then = now;
    now = new Date(now.getTime() + 2 * year);
    const renewed = await signing().augment(pdf);
    now = then;
    expect(renewed.level).toBe('B-LTA');
    expect(Buffer.from(renewed.pdf).subarray(0, pdf.length).equals(pdf)).toBe(true);
    expect(both(renewed.pdf)).toMatchObject(good);
  });
});

describe('a trust service does not answer', () => {
  test.each([
    [['timestamps'], 'B-B'],
    [['ocsp'], 'B-T'],
    [['crl'], 'B-T'],
  ] as const)(
    'without %s the document is issued at %s, due at once, and B-LTA afterwards',
    async (down, reached) => {
      await authority.down(...down);
      // Opened anew, they remember no list of before.
      const first = createSigning(await reopened(), clock, log);
      const { pdf, level, augmentDue } = await first.sign(base, signatories);
      expect({ level, augmentDue }).toEqual({ level: reached, augmentDue: now });
      expect(both(pdf)).toMatchObject(good);
      await expect(first.augment(pdf)).rejects.toThrow(/answers 503/);
      await authority.down();
      const augmented = await first.augment(pdf);
      expect(augmented.level).toBe('B-LTA');
      expect(Buffer.from(augmented.pdf).subarray(0, pdf.length).equals(pdf)).toBe(true);
      expect(both(augmented.pdf)).toMatchObject(good);
    },
  );

  test('where none is configured the document stays at B-B and is never due', async () => {
    const { level, augmentDue } = await createSigning(undefined, clock, log).sign(base, signatories);
    expect({ level, augmentDue }).toEqual({ level: 'B-B', augmentDue: null });
  });
});

describe('a timestamp authority that cannot be trusted', () => {
  let lying: Listening;
  let answer: (request: Buffer) => Promise<Buffer>;
  beforeAll(async () => {
    const app = express();
    app.post(
      '/',
      express.raw({ type: '*/*' }),
      async (req, res) => void res.send(await answer(req.body as Buffer)),
    );
    lying = await serve(app, 0);
  });
  afterAll(() => lying.close());

  const ask = (roots = [new X509Certificate(root)]) =>
    openTimestampAuthority(lying.url, roots)(Buffer.alloc(32, 7));
  const honest = async (body: Buffer): Promise<Buffer> => {
    const headers = { 'content-type': 'application/timestamp-query' };
    const response = await fetch(`${authority.url}/timestamps`, {
      method: 'POST',
      headers,
      body: Uint8Array.from(body),
    });
    return Buffer.from(await response.arrayBuffer());
  };

  test('one that answers what is no timestamp', async () => {
    answer = () => Promise.resolve(Buffer.from('<html>'));
    await expect(ask()).rejects.toThrow('answers no usable timestamp');
  });

  test('one that refuses', async () => {
    answer = () => honest(Buffer.from('no request'));
    await expect(ask()).rejects.toThrow('refused: this is no time-stamp request');
  });

  test('one that gives a timestamp of before', async () => {
    let before: Buffer | undefined;
    answer = async (request) => (before ??= await honest(request));
    await expect(ask()).resolves.toBeDefined();
    await expect(ask()).rejects.toThrow('it answers another request');
  });

  test('one that stamps with a certificate for something else', async () => {
    answer = (request) => answerTimestamp(request, officer, now);
    await expect(ask()).rejects.toThrow('its certificate is not for timestamps alone');
  });

  test('one whose certificate leads elsewhere', async () => {
    answer = honest;
    await expect(ask([new X509Certificate(officer.certificate)])).rejects.toThrow('leads to no trusted root');
  });

  test('one whose signature was changed', async () => {
    answer = async (request) => {
      const response = await honest(request);
      response[response.length - 3]! ^= 1;
      return response;
    };
    await expect(ask()).rejects.toThrow('answers no usable timestamp');
  });
});
