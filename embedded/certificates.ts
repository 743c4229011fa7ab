import { X509Certificate, createHash, sign, type KeyObject } from 'node:crypto';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import type { Clock } from '../clock.ts';
import { randomInteger } from '../records/der.ts';

/** Name attributes of a certificate, in order. */
export type Subject = [type: string, value: string][];

/** What a certificate is for: another certificate's issuer, a signature, a timestamp or an answer about revocation. */
export type Use =
  | { kind: 'authority'; mayHaveBelow: number }
  | { kind: 'signer' }
  | { kind: 'timestamps' }
  | { kind: 'revocation' };

/** Where validators find what they need beside the certificate. */
export interface Addresses {
  /** The issuer's certificate. */
  issuer: string;
  crl: string;
  /** Only where the issuer answers for each certificate. */
  ocsp?: string;
}

/** What somebody asks a certification authority for. */
export interface CertificateRequest {
  subject: Subject;
  publicKey: KeyObject;
  /** Who issues it; oneself for a root. */
  issuer: { subject: Subject; key: KeyObject; certificate?: X509Certificate };
  /** Years. */
  valid: number;
  use: Use;
  /** None for a root. */
  addresses?: Addresses;
}

/** Object identifiers of a name's attributes. */
export const nameType = {
  common: '2.5.4.3',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  unit: '2.5.4.11',
  title: '2.5.4.12',
  userId: '0.9.2342.19200300.100.1.1',
} as const;
/** How every authority here signs. */
export const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const ocspNoCheck = '1.3.6.1.5.5.7.48.1.5';
const day = 86_400_000;

/** Issues a certificate (RFC 5280) with the EC P-256 key of its issuer, valid since yesterday. */
export function issueCertificate(request: CertificateRequest, clock: Clock): X509Certificate {
  const { subject, publicKey, issuer, valid } = request;
  const now = clock.now().getTime();
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const key = AsnConvert.parse(publicKey.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo);
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: Uint8Array.from(randomInteger()).buffer,
    signature: algorithm,
    issuer: distinguishedName(issuer.subject),
    validity: new x509.Validity({
      notBefore: new Date(now - day),
      notAfter: new Date(now + valid * 365 * day),
    }),
    subject: distinguishedName(subject),
    subjectPublicKeyInfo: key,
    extensions: new x509.Extensions(extensions(request)),
  });
  const signatureValue = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), issuer.key);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: Uint8Array.from(signatureValue).buffer,
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
}

function extensions({ publicKey, issuer, use, addresses }: CertificateRequest): x509.Extension[] {
  const issuerKey = issuer.certificate?.publicKey ?? publicKey;
  return [
    ...purpose(use),
    extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyId(publicKey))),
    extension(
      x509.id_ce_authorityKeyIdentifier,
      new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.SubjectKeyIdentifier(keyId(issuerKey)) }),
    ),
    ...(addresses ? whereToAsk(addresses) : []),
  ];
}

function purpose(use: Use): x509.Extension[] {
  const { keyCertSign, cRLSign, digitalSignature, nonRepudiation } = x509.KeyUsageFlags;
  const usage = (flags: number) => extension(x509.id_ce_keyUsage, new x509.KeyUsage(flags), true);
  const only = (extended: string, critical = false) =>
    extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([extended]), critical);
  switch (use.kind) {
    case 'authority': {
      const constraints = new x509.BasicConstraints({ cA: true, pathLenConstraint: use.mayHaveBelow });
      return [extension(x509.id_ce_basicConstraints, constraints, true), usage(keyCertSign | cRLSign)];
    }
    case 'signer':
      // Poppler trusts a person's signature only with this use.
      return [usage(digitalSignature | nonRepudiation), only(x509.id_kp_emailProtection)];
    case 'timestamps':
      // RFC 3161, 2.3: critical, and alone.
      return [usage(digitalSignature), only(x509.id_kp_timeStamping, true)];
    case 'revocation':
      // RFC 6960, 4.2.2.2.1: nobody asks whether the one who answers was revoked.
      return [
        usage(digitalSignature),
        only(x509.id_kp_OCSPSigning),
        new x509.Extension({ extnID: ocspNoCheck, extnValue: new OctetString(Buffer.from('0500', 'hex')) }),
      ];
  }
}

function whereToAsk({ issuer, crl, ocsp }: Addresses): x509.Extension[] {
  const at = (url: string) => new x509.GeneralName({ uniformResourceIdentifier: url });
  const descriptions = [
    ...(ocsp
      ? [new x509.AccessDescription({ accessMethod: x509.id_ad_ocsp, accessLocation: at(ocsp) })]
      : []),
    new x509.AccessDescription({ accessMethod: x509.id_ad_caIssuers, accessLocation: at(issuer) }),
  ];
  const point = new x509.DistributionPoint({
    distributionPoint: new x509.DistributionPointName({ fullName: [at(crl)] }),
  });
  return [
    extension(x509.id_pe_authorityInfoAccess, new x509.AuthorityInfoAccessSyntax(descriptions)),
    extension(x509.id_ce_cRLDistributionPoints, new x509.CRLDistributionPoints([point])),
  ];
}

function extension(extnID: string, value: unknown, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

/** A name as certificates have it. */
export function distinguishedName(subject: Subject): x509.Name {
  return new x509.Name(
    subject.map(([type, text]) => {
      const value = new x509.AttributeValue(
        type === nameType.country ? { printableString: text } : { utf8String: text },
      );
      return new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type, value })]);
    }),
  );
}

/** SHA-1 of the public key's bits names a key (RFC 5280, 4.2.1.2); nothing rests on the hash. */
export function keyId(key: KeyObject): Buffer {
  const { subjectPublicKey } = AsnConvert.parse(
    key.export({ type: 'spki', format: 'der' }),
    x509.SubjectPublicKeyInfo,
  );
  return createHash('sha1').update(Buffer.from(subjectPublicKey)).digest();
}
