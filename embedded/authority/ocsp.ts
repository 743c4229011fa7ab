import { createHash, sign, type KeyObject, type X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  BasicOCSPResponse,
  CertStatus,
  KeyHash,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  ResponderID,
  ResponseBytes,
  ResponseData,
  RevokedInfo,
  SingleResponse,
  id_pkix_ocsp_basic,
  id_pkix_ocsp_nonce,
  type CertID,
} from '@peculiar/asn1-ocsp';
import * as x509 from '@peculiar/asn1-x509';
import { ecdsaWithSha256, keyId } from '../certificates.ts';
import type { Revocations } from './revocations.ts';

/** Who answers for an issuer. */
export interface Responder {
  issuer: X509Certificate;
  certificate: X509Certificate;
  key: KeyObject;
  revocations: Revocations;
}

const validMs = 3_600_000;
const hashes: Record<string, string> = {
  '1.3.14.3.2.26': 'sha1',
  '2.16.840.1.101.3.4.2.1': 'sha256',
};

/**
 * Answers whether certificates are revoked (RFC 6960): good or revoked for those of the issuer, unknown for others; a
 * nonce is given back.
 *
 * @param request DER, whatever came
 * @returns DER
 */
export function answerOcsp(request: Uint8Array, responder: Responder, at: Date): Buffer {
  const asked = parseRequest(request);
  if (!asked || asked.tbsRequest.requestList.length === 0)
    return serialize(new OCSPResponse({ responseStatus: OCSPResponseStatus.malformedRequest }));
  const { requestList, requestExtensions } = asked.tbsRequest;
  const nonce = requestExtensions?.filter(({ extnID }) => extnID === id_pkix_ocsp_nonce) ?? [];
  const second = new Date(Math.floor(at.getTime() / 1000) * 1000);
  const tbsResponseData = new ResponseData({
    responderID: new ResponderID({ byKey: new KeyHash(keyId(responder.certificate.publicKey)) }),
    producedAt: second,
    responses: requestList.map(
      ({ reqCert }) =>
        new SingleResponse({
          certID: reqCert,
          certStatus: statusOf(reqCert, responder),
          thisUpdate: second,
          nextUpdate: new Date(second.getTime() + validMs),
        }),
    ),
    ...(nonce.length > 0 && { responseExtensions: nonce }),
  });
  const signature = sign('sha256', serialize(tbsResponseData), responder.key);
  const basic = new BasicOCSPResponse({
    tbsResponseData,
    signatureAlgorithm: new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 }),
    signature: Uint8Array.from(signature).buffer,
    certs: [AsnConvert.parse(responder.certificate.raw, x509.Certificate)],
  });
  return serialize(
    new OCSPResponse({
      responseStatus: OCSPResponseStatus.successful,
      responseBytes: new ResponseBytes({
        responseType: id_pkix_ocsp_basic,
        response: new OctetString(serialize(basic)),
      }),
    }),
  );
}

function parseRequest(request: Uint8Array): OCSPRequest | undefined {
  try {
    return AsnConvert.parse(request, OCSPRequest);
  } catch {
    return undefined;
  }
}

function statusOf(asked: CertID, { issuer, revocations }: Responder): CertStatus {
  const hash = hashes[asked.hashAlgorithm.algorithm];
  if (!hash || !isIssuer(asked, issuer, hash)) return new CertStatus({ unknown: null });
  const serial = Buffer.from(asked.serialNumber).toString('hex').toUpperCase().replace(/^0+/, '');
  const revoked = revocations.find(serial);
  if (!revoked) return new CertStatus({ good: null });
  return new CertStatus({ revoked: new RevokedInfo({ revocationTime: new Date(revoked.at) }) });
}

function isIssuer(asked: CertID, issuer: X509Certificate, hash: string): boolean {
  const { subject, subjectPublicKeyInfo } = AsnConvert.parse(issuer.raw, x509.Certificate).tbsCertificate;
  const digest = (bytes: ArrayBuffer) => createHash(hash).update(Buffer.from(bytes)).digest();
  const same = (given: OctetString, bytes: ArrayBuffer) => Buffer.from(given.buffer).equals(digest(bytes));
  return (
    same(asked.issuerNameHash, AsnConvert.serialize(subject)) &&
    same(asked.issuerKeyHash, subjectPublicKeyInfo.subjectPublicKey)
  );
}

const serialize = (value: unknown) => Buffer.from(AsnConvert.serialize(value));
