import { createHash, X509Certificate } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  BasicOCSPResponse,
  CertID,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
  id_pkix_ocsp_nonce,
} from '@peculiar/asn1-ocsp';
import { MessageImprint, PKIStatus, TimeStampReq, TimeStampResp } from '@peculiar/asn1-tsp';
import { AlgorithmIdentifier, Certificate, CertificateList, Extension } from '@peculiar/asn1-x509';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkSignedData } from '../../records/signed-data.ts';
import { openSampleAuthority, type SampleAuthority } from '../../testing/authority.ts';
import { serve } from '../agencies/desk.ts';
import { createAuthority } from './index.ts';

const at = new Date('2026-12-01T07:15:00.000Z');
const clock = { now: () => at };
const people = ['an', 'binh'].map((sub) => ({ sub, name: 'Nguyễn Văn An' }));

let folder: string;
let authority: SampleAuthority;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'motcua-authority-')), 'pki');
  authority = await openSampleAuthority({ folder, people, agencies: [], clock });
});
afterAll(async () => {
  await authority.close();
  await rm(join(folder, '..'), { recursive: true, force: true });
});

const post = (path: string, type: string, body: Uint8Array) =>
  fetch(`${authority.url}${path}`, {
    method: 'POST',
    headers: { 'content-type': type },
    body: Uint8Array.from(body),
  });
const certificate = async (file: string) => new X509Certificate(await readFile(join(folder, file)));

test('what is for this machine alone is not among what everybody is shown', async () => {
  for (const [method, path] of [
    ['PUT', '/control'],
    ['POST', '/revocations'],
  ])
    expect((await fetch(`${authority.url}${path}`, { method })).status).toBe(404);
});

test('what cannot be understood is refused in a sentence', async () => {
  const origin = new URL(authority.url).origin;
  const headers = { 'content-type': 'application/json' };
  const tell = (method: string, path: string, body: unknown) =>
    fetch(`${origin}${path}`, { method, headers, body: JSON.stringify(body) });
  expect((await tell('PUT', '/control', { down: ['everything'] })).status).toBe(422);
  const refused = await tell('POST', '/revocations', { certificate: 'mine' });
  expect(await refused.json()).toMatchObject({ title: expect.stringContaining('as PEM') as string });
});

describe('the timestamp authority', () => {
  const imprint = (length = 32, algorithm = '2.16.840.1.101.3.4.2.1') =>
    new MessageImprint({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm }),
      hashedMessage: new OctetString(Buffer.alloc(length, 1)),
    });
  const ask = async (request: Partial<TimeStampReq>) => {
    const body = Buffer.from(
      AsnConvert.serialize(new TimeStampReq({ messageImprint: imprint(), ...request })),
    );
    const answer = await post('/timestamps', 'application/timestamp-query', body);
    return AsnConvert.parse(await answer.arrayBuffer(), TimeStampResp);
  };

  test.each([
    ['a hash that is not used any more', { messageImprint: imprint(20, '1.3.14.3.2.26') }, 'SHA-256'],
    ['a hash of the wrong length', { messageImprint: imprint(31) }, 'length'],
    ['another policy', { reqPolicy: '1.2.3' }, 'the policy is 2.999.1'],
  ])('refuses %s', async (_what, request, words) => {
    const { status, timeStampToken } = await ask(request);
    expect(status.status).toBe(PKIStatus.rejection);
    expect(status.statusString?.join()).toContain(words);
    expect(timeStampToken).toBeUndefined();
  });

  test('stamps with its certificate, or without where that was not asked for', async () => {
    const token = async (certReq: boolean) =>
      Buffer.from(AsnConvert.serialize((await ask({ certReq })).timeStampToken!));
    expect(checkSignedData(await token(true))).toMatchObject({ valid: true });
    expect(() => checkSignedData(Buffer.alloc(0))).toThrow('no DER');
    expect((await token(false)).length).toBeLessThan((await token(true)).length - 1000);
  });
});

describe('the responder', () => {
  const question = async (file: string, issuerFile = 'issuer.pem') => {
    const [subject, issuer] = [await certificate(file), await certificate(issuerFile)];
    const { tbsCertificate } = AsnConvert.parse(issuer.raw, Certificate);
    const hash = (bytes: ArrayBuffer) =>
      new OctetString(createHash('sha256').update(Buffer.from(bytes)).digest());
    return new CertID({
      hashAlgorithm: new AlgorithmIdentifier({ algorithm: '2.16.840.1.101.3.4.2.1' }),
      issuerNameHash: hash(AsnConvert.serialize(tbsCertificate.subject)),
      issuerKeyHash: hash(tbsCertificate.subjectPublicKeyInfo.subjectPublicKey),
      serialNumber: AsnConvert.parse(subject.raw, Certificate).tbsCertificate.serialNumber,
    });
  };
  const nonce = new Extension({
    extnID: id_pkix_ocsp_nonce,
    extnValue: new OctetString(Buffer.from('04021234', 'hex')),
  });
  const request = async (file: string, issuerFile?: string) => {
    const requestList = [new Request({ reqCert: await question(file, issuerFile) })];
    const tbsRequest = new TBSRequest({ requestList, requestExtensions: [nonce] });
    return Buffer.from(AsnConvert.serialize(new OCSPRequest({ tbsRequest })));
  };
  const read = async (answer: Response) => {
    const { responseBytes } = AsnConvert.parse(await answer.arrayBuffer(), OCSPResponse);
    return AsnConvert.parse(responseBytes!.response, BasicOCSPResponse).tbsResponseData;
  };

  test('answers what is no request with a status of its own', async () => {
    const answer = await post('/ocsp', 'application/ocsp-request', Buffer.from('hello'));
    const { responseStatus } = AsnConvert.parse(await answer.arrayBuffer(), OCSPResponse);
    expect(responseStatus).toBe(OCSPResponseStatus.malformedRequest);
  });

  test('knows its certificates, asked either way, and gives the nonce back', async () => {
    const body = await request('people/an.pem');
    const posted = await read(await post('/ocsp', 'application/ocsp-request', body));
    expect(posted.responses[0]?.certStatus.good).toBeNull();
    expect(posted.responseExtensions?.[0]?.extnID).toBe(id_pkix_ocsp_nonce);
    const gotten = await read(await fetch(`${authority.url}/ocsp/${body.toString('base64')}`));
    expect(gotten.responses[0]?.certStatus.good).toBeNull();
  });

  test('says of the certificate of another issuer that it does not know it', async () => {
    const answer = await post('/ocsp', 'application/ocsp-request', await request('issuer.pem', 'root.pem'));
    expect((await read(answer)).responses[0]?.certStatus.unknown).toBeDefined();
  });

  test('says that a revoked one is revoked, the list says it too, and both still do after a restart', async () => {
    await authority.revoke('people', 'binh');
    const again = await serve(await createAuthority({ folder, clock }), 0);
    for (const url of [authority.url, `${again.url}/dev-pki`]) {
      const body = Uint8Array.from(await request('people/binh.pem'));
      const headers = { 'content-type': 'application/ocsp-request' };
      const answer = await read(await fetch(`${url}/ocsp`, { method: 'POST', headers, body }));
      expect(answer.responses[0]?.certStatus.revoked?.revocationTime).toEqual(at);
      const list = AsnConvert.parse(await (await fetch(`${url}/issuer.crl`)).arrayBuffer(), CertificateList);
      expect(list.tbsCertList.revokedCertificates).toHaveLength(1);
    }
    await again.close();
  });
});
