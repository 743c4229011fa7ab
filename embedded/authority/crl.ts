import { sign, type KeyObject, type X509Certificate } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { ecdsaWithSha256, keyId } from '../certificates.ts';
import type { Revocation } from './revocations.ts';

/** A certification authority that signs its own list. */
export interface ListIssuer {
  certificate: X509Certificate;
  key: KeyObject;
}

const validMs = 24 * 3_600_000;

/**
 * Makes the list of what an authority has revoked (RFC 5280, 5), good for a day.
 *
 * @returns DER
 */
export function makeCrl({ certificate, key }: ListIssuer, revoked: Revocation[], at: Date): Buffer {
  const signature = new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const { subject } = AsnConvert.parse(certificate.raw, x509.Certificate).tbsCertificate;
  const extension = (extnID: string, value: unknown) =>
    new x509.Extension({ extnID, extnValue: new OctetString(AsnConvert.serialize(value)) });
  const keyIdentifier = new x509.SubjectKeyIdentifier(keyId(certificate.publicKey));
  const tbsCertList = new x509.TBSCertList({
    version: x509.Version.v2,
    signature,
    issuer: subject,
    thisUpdate: new x509.Time(at),
    nextUpdate: new x509.Time(new Date(at.getTime() + validMs)),
    ...(revoked.length > 0 && {
      revokedCertificates: revoked.map(
        ({ serial, at: since }) =>
          new x509.RevokedCertificate({
            userCertificate: Uint8Array.from(Buffer.from(serial, 'hex')).buffer,
            revocationDate: new x509.Time(new Date(since)),
          }),
      ),
    }),
    crlExtensions: [
      extension(x509.id_ce_authorityKeyIdentifier, new x509.AuthorityKeyIdentifier({ keyIdentifier })),
      // Numbers only grow (5.2.3): so do the milliseconds.
      extension(x509.id_ce_cRLNumber, new x509.CRLNumber(at.getTime())),
    ],
  });
  const value = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertList)), key);
  const list = new x509.CertificateList({
    tbsCertList,
    signatureAlgorithm: signature,
    signature: Uint8Array.from(value).buffer,
  });
  return Buffer.from(AsnConvert.serialize(list));
}
