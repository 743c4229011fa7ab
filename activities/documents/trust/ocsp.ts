import { createHash, X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import {
  BasicOCSPResponse,
  CertID,
  OCSPRequest,
  OCSPResponse,
  OCSPResponseStatus,
  Request,
  TBSRequest,
} from '@peculiar/asn1-ocsp';
import { AlgorithmIdentifier, Certificate } from '@peculiar/asn1-x509';
import { askTrustService, TrustServiceUnavailable } from './service.ts';
import { CertificateRevoked, isSignedBy, type StatusProof } from './status.ts';

const sha1 = '1.3.14.3.2.26';
const ocspSigning = '1.3.6.1.5.5.7.3.9';
/** How far the clocks of two machines may be apart. */
const skewMs = 60_000;

/**
 * Asks an issuer's responder (RFC 6960) for the status of a certificate.
 *
 * @returns the response, checked: signed by the issuer or by whom it has charged with that, about this certificate, and current
 * @throws CertificateRevoked, or TrustServiceUnavailable when there is no usable answer
 */
export async function askOcsp(
  url: string,
  { certificate, issuer, now }: { certificate: X509Certificate; issuer: X509Certificate; now: Date },
): Promise<StatusProof> {
  const asked = certificateId(certificate, issuer);
  const tbsRequest = new TBSRequest({ requestList: [new Request({ reqCert: asked })] });
  const body = Buffer.from(AsnConvert.serialize(new OCSPRequest({ tbsRequest })));
  const der = await askTrustService(url, { type: 'application/ocsp-request', body });
  const unusable = (why: string) => new TrustServiceUnavailable(url, `answers no usable status: ${why}`);
  let answer: ReturnType<typeof readResponse>;
  try {
    answer = readResponse(der, asked, issuer);
  } catch (error) {
    throw unusable((error as Error).message);
  }
  const { single, producedAt, responder } = answer;
  const { thisUpdate, nextUpdate = new Date(producedAt.getTime() + 24 * 3_600_000), certStatus } = single;
  if (certStatus.revoked) throw new CertificateRevoked(certificate, certStatus.revoked.revocationTime);
  if (certStatus.good !== null) throw unusable('it does not know the certificate');
  if (thisUpdate.getTime() > now.getTime() + skewMs || nextUpdate < now) throw unusable('it is not current');
  return { der, at: producedAt, until: nextUpdate, ...(responder && { responder }) };
}

function readResponse(der: Buffer, asked: CertID, issuer: X509Certificate) {
  const { responseStatus, responseBytes } = AsnConvert.parse(der, OCSPResponse);
  if (responseStatus !== OCSPResponseStatus.successful || !responseBytes)
    throw new Error(`status ${OCSPResponseStatus[responseStatus]}`);
  const basic = AsnConvert.parse(responseBytes.response, BasicOCSPResponse);
  const { producedAt, responses } = basic.tbsResponseData;
  const single = responses.find(({ certID }) => isSame(certID, asked));
  if (!single) throw new Error('it is about another certificate');
  const signed = {
    algorithm: basic.signatureAlgorithm.algorithm,
    bytes: basic.tbsResponseDataRaw ?? AsnConvert.serialize(basic.tbsResponseData),
    signature: basic.signature,
  };
  const responder = (basic.certs ?? [])
    .map((each) => new X509Certificate(Buffer.from(AsnConvert.serialize(each))))
    .find((each) => mayAnswerFor(issuer, each, producedAt) && isSignedBy(each.publicKey, signed));
  if (!responder && !isSignedBy(issuer.publicKey, signed)) throw new Error('its signature is wrong');
  return { single, producedAt, responder };
}

/** RFC 6960, 4.2.2.2: the issuer itself has given the responder its certificate, for that use. */
function mayAnswerFor(issuer: X509Certificate, responder: X509Certificate, at: Date): boolean {
  return (
    responder.keyUsage?.includes(ocspSigning) === true &&
    responder.checkIssued(issuer) &&
    responder.verify(issuer.publicKey) &&
    at >= new Date(responder.validFrom) &&
    at <= new Date(responder.validTo)
  );
}

/** Names a certificate as responders know it; SHA-1 only names here, and some know nothing else. */
function certificateId(certificate: X509Certificate, issuer: X509Certificate): CertID {
  const { subject, subjectPublicKeyInfo } = AsnConvert.parse(issuer.raw, Certificate).tbsCertificate;
  const { serialNumber } = AsnConvert.parse(certificate.raw, Certificate).tbsCertificate;
  const hash = (bytes: ArrayBuffer) =>
    new OctetString(createHash('sha1').update(Buffer.from(bytes)).digest());
  return new CertID({
    hashAlgorithm: new AlgorithmIdentifier({ algorithm: sha1, parameters: null }),
    issuerNameHash: hash(AsnConvert.serialize(subject)),
    issuerKeyHash: hash(subjectPublicKeyInfo.subjectPublicKey),
    serialNumber,
  });
}

const isSame = (one: CertID, other: CertID): boolean =>
  one.hashAlgorithm.algorithm === other.hashAlgorithm.algorithm &&
  [
    [one.issuerNameHash.buffer, other.issuerNameHash.buffer],
    [one.issuerKeyHash.buffer, other.issuerKeyHash.buffer],
    [one.serialNumber, other.serialNumber],
  ].every(([a, b]) => Buffer.from(a!).equals(Buffer.from(b!)));
