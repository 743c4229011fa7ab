import { verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { nameOf } from '../../../records/certificates.ts';

/** Thrown when a certificate's issuer no longer stands for it: nothing may be signed with it. */
export class CertificateRevoked extends Error {
  constructor(certificate: X509Certificate, since: Date) {
    super(`the certificate of ${nameOf(certificate)} is revoked since ${since.toISOString()}`);
  }
}

/** A signed answer about certificates, as it is kept with a document. */
export interface StatusProof {
  /** DER. */
  der: Buffer;
  /** When it was made, to the second. */
  at: Date;
  /** Until when a newer one may be expected. */
  until: Date;
  /** Who signed it, where that is not the issuer. */
  responder?: X509Certificate;
}

/** Where a certificate says that its status can be asked. */
export function statusAddresses(certificate: X509Certificate): { ocsp?: string; crl?: string } {
  const { extensions } = AsnConvert.parse(certificate.raw, x509.Certificate).tbsCertificate;
  const valueOf = (type: string) => extensions?.find(({ extnID }) => extnID === type)?.extnValue;
  const access = valueOf(x509.id_pe_authorityInfoAccess);
  const points = valueOf(x509.id_ce_cRLDistributionPoints);
  const ocsp =
    access &&
    AsnConvert.parse(access, x509.AuthorityInfoAccessSyntax).find(
      ({ accessMethod }) => accessMethod === x509.id_ad_ocsp,
    )?.accessLocation.uniformResourceIdentifier;
  const crl =
    points &&
    AsnConvert.parse(points, x509.CRLDistributionPoints)
      .flatMap(({ distributionPoint }) => distributionPoint?.fullName ?? [])
      .find((name) => name.uniformResourceIdentifier?.startsWith('http'))?.uniformResourceIdentifier;
  return { ...(ocsp && { ocsp }), ...(crl && { crl }) };
}

const hashes: Record<string, string> = {
  '1.2.840.10045.4.3.2': 'sha256',
  '1.2.840.10045.4.3.3': 'sha384',
  '1.2.840.10045.4.3.4': 'sha512',
  '1.2.840.113549.1.1.11': 'sha256',
  '1.2.840.113549.1.1.12': 'sha384',
  '1.2.840.113549.1.1.13': 'sha512',
};

/** Whether a signature of an answer is right. */
export function isSignedBy(
  key: KeyObject,
  { algorithm, bytes, signature }: { algorithm: string; bytes: ArrayBuffer; signature: ArrayBuffer },
): boolean {
  const hash = hashes[algorithm];
  return hash !== undefined && verify(hash, Buffer.from(bytes), key, Buffer.from(signature));
}
