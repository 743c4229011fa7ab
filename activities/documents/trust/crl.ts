import type { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { Certificate, CertificateList, type Time } from '@peculiar/asn1-x509';
import { askTrustService, TrustServiceUnavailable } from './service.ts';
import { CertificateRevoked, isSignedBy, type StatusProof } from './status.ts';

/**
 * Fetches the list on which a certificate would stand if it were revoked (RFC 5280, 5).
 *
 * @returns the list, checked: signed by the issuer, and current
 * @throws CertificateRevoked, or TrustServiceUnavailable when there is no usable list
 */
export async function fetchCrl(
  url: string,
  { certificate, issuer, now }: { certificate: X509Certificate; issuer: X509Certificate; now: Date },
): Promise<StatusProof> {
  const der = await askTrustService(url);
  let list: CertificateList;
  try {
    list = AsnConvert.parse(der, CertificateList);
  } catch {
    throw new TrustServiceUnavailable(url, 'answers no list');
  }
  const { tbsCertList, tbsCertListRaw, signatureAlgorithm, signature } = list;
  const bytes = tbsCertListRaw ?? AsnConvert.serialize(tbsCertList);
  if (!isSignedBy(issuer.publicKey, { algorithm: signatureAlgorithm.algorithm, bytes, signature }))
    throw new TrustServiceUnavailable(url, 'answers a list that the issuer has not signed');
  const at = timeOf(tbsCertList.thisUpdate);
  const until = tbsCertList.nextUpdate
    ? timeOf(tbsCertList.nextUpdate)
    : new Date(at.getTime() + 24 * 3_600_000);
  if (until < now) throw new TrustServiceUnavailable(url, `answers a list of before ${until.toISOString()}`);
  const serial = hex(AsnConvert.parse(certificate.raw, Certificate).tbsCertificate.serialNumber);
  const entry = tbsCertList.revokedCertificates?.find(
    ({ userCertificate }) => hex(userCertificate) === serial,
  );
  if (entry) throw new CertificateRevoked(certificate, timeOf(entry.revocationDate));
  return { der, at, until };
}

const hex = (bytes: ArrayBuffer) => Buffer.from(bytes).toString('hex');
const timeOf = (time: Time): Date => time.getTime();
