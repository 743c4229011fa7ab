import { X509Certificate, createHash } from 'node:crypto';
import { IssuerAndSerialNumber } from '@peculiar/asn1-cms';
import {
  AsnConvert,
  AsnIntegerArrayBufferConverter,
  AsnObjectIdentifierConverter,
  AsnProp,
  AsnPropTypes,
  OctetString,
} from '@peculiar/asn1-schema';
import { tag, wrap } from '../../records/der.ts';
import { signatureTimestamp } from '../../records/signatures.ts';
import { AlgorithmIdentifier, Certificate, GeneralName, type TBSCertificate } from '@peculiar/asn1-x509';
import { schemeOf, type Padding, type Scheme } from './scheme.ts';

/** Whoever can sign: a key in a file, in a hardware module or at a remote signing service. */
export interface Signer {
  /** The signer's certificate, DER. */
  certificate: Uint8Array;
  /** Certificates of the issuers, nearest first, DER; the root may be left out. */
  chain: Uint8Array[];
  /** Of an RSA key; PKCS#1 v1.5 unless told. */
  padding?: Padding;
  /**
   * Signs with the certificate's key by its scheme (see scheme.ts), over the hash of {@link hashOf}; ECDSA gives DER.
   *
   * @param bytes what is signed, for software keys
   * @param digest its hash, for modules and services that see no content
   */
  sign(bytes: Uint8Array, digest: Uint8Array): Promise<Uint8Array>;
}

const oid = {
  data: '1.2.840.113549.1.7.1',
  signedData: '1.2.840.113549.1.7.2',
  contentType: '1.2.840.113549.1.9.3',
  messageDigest: '1.2.840.113549.1.9.4',
  signingCertificateV2: '1.2.840.113549.1.9.16.2.47',
  algorithmProtection: '1.2.840.113549.1.9.52',
} as const;
// RFC 5035 and RFC 6211, which no installed library carries; decorators are called by hand, as Node strips types only.
class IssuerSerial {
  issuer: GeneralName[] = [];
  serialNumber: ArrayBuffer = new ArrayBuffer(0);
}
AsnProp({ type: GeneralName, repeated: 'sequence' })(IssuerSerial.prototype, 'issuer');
AsnProp({ type: AsnPropTypes.Integer, converter: AsnIntegerArrayBufferConverter })(
  IssuerSerial.prototype,
  'serialNumber',
);

class CertificateId {
  hashAlgorithm?: AlgorithmIdentifier;
  certHash = new OctetString();
  issuerSerial = new IssuerSerial();
}
AsnProp({ type: AlgorithmIdentifier, optional: true })(CertificateId.prototype, 'hashAlgorithm');
AsnProp({ type: OctetString })(CertificateId.prototype, 'certHash');
AsnProp({ type: IssuerSerial })(CertificateId.prototype, 'issuerSerial');

class SigningCertificateV2 {
  certs: CertificateId[] = [];
}
AsnProp({ type: CertificateId, repeated: 'sequence' })(SigningCertificateV2.prototype, 'certs');

class AlgorithmProtection {
  digestAlgorithm = new AlgorithmIdentifier();
  signatureAlgorithm = new AlgorithmIdentifier();
}
AsnProp({ type: AlgorithmIdentifier })(AlgorithmProtection.prototype, 'digestAlgorithm');
AsnProp({ type: AlgorithmIdentifier, context: 1, implicit: true })(
  AlgorithmProtection.prototype,
  'signatureAlgorithm',
);

/** What all signatures of a signer have in common; DER but for the hash and the validity. */
interface SignerFacts {
  hash: Scheme['hash'];
  validity: { from: Date; to: Date };
  /** Names the certificate by its issuer and serial number. */
  id: Buffer;
  digestAlgorithm: Buffer;
  signatureAlgorithm: Buffer;
  attributes: Buffer[];
}

/** A signer signs many documents, and reading its certificate costs more than signing. */
const known = new WeakMap<Signer, SignerFacts>();

function factsOf(signer: Signer): SignerFacts {
  const facts = known.get(signer) ?? readFacts(signer);
  known.set(signer, facts);
  return facts;
}

function readFacts({ certificate, padding }: Signer): SignerFacts {
  const scheme = schemeOf(new X509Certificate(certificate), padding);
  const { hash, digestAlgorithm, signatureAlgorithm } = scheme;
  const fields = AsnConvert.parse(certificate, Certificate).tbsCertificate;
  const { issuer, serialNumber } = fields;
  const protection = Object.assign(new AlgorithmProtection(), { digestAlgorithm, signatureAlgorithm });
  return {
    hash,
    validity: { from: fields.validity.notBefore.getTime(), to: fields.validity.notAfter.getTime() },
    id: serialize(new IssuerAndSerialNumber({ issuer, serialNumber })),
    digestAlgorithm: serialize(digestAlgorithm),
    signatureAlgorithm: serialize(signatureAlgorithm),
    attributes: [
      attribute(oid.signingCertificateV2, serialize(bindTo(certificate, fields, scheme))),
      attribute(oid.algorithmProtection, serialize(protection)),
    ],
  };
}

/** The hash that goes with a signer's key: SHA-384 for P-384, otherwise SHA-256. */
export function hashOf(signer: Signer): Scheme['hash'] {
  return factsOf(signer).hash;
}

/** When a signer's certificate is valid. */
export function validityOf(signer: Signer): { from: Date; to: Date } {
  return factsOf(signer).validity;
}

/** An RFC 3161 timestamp. */
export interface Timestamp {
  /** DER. */
  token: Uint8Array;
  /** The authority's certificate and its issuers, DER. */
  certificates: Uint8Array[];
  /** Until when the authority's certificate is valid: the timestamp proves nothing afterwards. */
  until: Date;
}

/** Stamps a SHA-256 digest. */
export type TimestampSource = (digest: Uint8Array) => Promise<Timestamp>;

/** Stamps it if it can; a signature is valid without. */
export type OptionalTimestampSource = (digest: Uint8Array) => Promise<Timestamp | undefined>;

/** Bytes that a timestamp token may have, with the certificates of its authority. */
export const tokenRoom = 6144;

/** An upper bound of the bytes that {@link signDigest} gives for a signer, known before anything is signed. */
export function roomFor(signer: Signer, timestamped: boolean): number {
  const certificates = [signer.certificate, ...signer.chain];
  return certificates.reduce((sum, { length }) => sum + length, 1536 + (timestamped ? tokenRoom : 0));
}

/**
 * Makes the detached CMS signature of a document's digest, in the form that PAdES baseline B-B asks for, or B-T with the
 * signature timestamp as an unsigned attribute of the one signer info.
 *
 * @param digest hash of the document's bytes, with the hash of {@link hashOf}
 * @returns DER
 */
export function signDigest(
  signer: Signer,
  digest: Uint8Array,
  timestamp?: OptionalTimestampSource,
): Promise<Buffer> {
  return signedDataOf(signer, { type: oid.data, digest }, { timestamp });
}

/** What is signed: its type, its hash with the hash of {@link hashOf} and, unless it is detached, itself (DER). */
export interface SignedContent {
  type: string;
  digest: Uint8Array;
  bytes?: Uint8Array;
}

/**
 * Makes a CMS SignedData (RFC 5652) with one signer, as {@link signDigest} does, over content of any type.
 *
 * @param options `certificates` that go with it: the signer's and its chain, unless said otherwise
 * @returns DER
 */
export async function signedDataOf(
  signer: Signer,
  content: SignedContent,
  {
    timestamp,
    certificates = [signer.certificate, ...signer.chain],
  }: { timestamp?: OptionalTimestampSource | undefined; certificates?: Uint8Array[] },
): Promise<Buffer> {
  const { hash, id, digestAlgorithm, signatureAlgorithm, attributes } = factsOf(signer);
  // DER orders a SET OF by the encoding of its members.
  const signed = [
    attribute(oid.contentType, oidOf(content.type)),
    attribute(oid.messageDigest, wrap(tag.octetString, content.digest)),
    ...attributes,
  ].sort((a, b) => Buffer.compare(a, b));
  const signedBytes = wrap(tag.set, ...signed);
  const signature = await signer.sign(signedBytes, createHash(hash).update(signedBytes).digest());
  const stamp = await timestamp?.(createHash('sha256').update(signature).digest());

  const signerInfo = wrap(
    tag.sequence,
    ...[integer(1), id, digestAlgorithm, wrap(tag.context0, ...signed)],
    ...[signatureAlgorithm, wrap(tag.octetString, signature)],
    ...(stamp ? [wrap(tag.context1, attribute(signatureTimestamp, stamp.token))] : []),
  );
  const inside = content.bytes ? [wrap(tag.context0, wrap(tag.octetString, content.bytes))] : [];
  const signedData = wrap(
    tag.sequence,
    // RFC 5652, 5.1: 3 for content that is not plain data.
    integer(content.type === oid.data ? 1 : 3),
    wrap(tag.set, digestAlgorithm),
    wrap(tag.sequence, oidOf(content.type), ...inside),
    ...(certificates.length > 0 ? [wrap(tag.context0, ...certificates)] : []),
    wrap(tag.set, signerInfo),
  );
  return wrap(tag.sequence, oidOf(oid.signedData), wrap(tag.context0, signedData));
}

const serialize = (value: unknown) => Buffer.from(AsnConvert.serialize(value));
const oidOf = (type: string) => Buffer.from(AsnObjectIdentifierConverter.toASN(type).toBER());
const integer = (value: number) => Buffer.from([0x02, 1, value]);
const attribute = (type: string, value: Uint8Array) => wrap(tag.sequence, oidOf(type), wrap(tag.set, value));

/** Binds the signature to one certificate, so that another with the same key cannot be put in its place. */
function bindTo(
  certificate: Uint8Array,
  { issuer, serialNumber }: TBSCertificate,
  { hash, digestAlgorithm }: Scheme,
): SigningCertificateV2 {
  const id = Object.assign(new CertificateId(), {
    // SHA-256 is the default, and DER leaves defaults out.
    hashAlgorithm: hash === 'sha256' ? undefined : digestAlgorithm,
    certHash: new OctetString(createHash(hash).update(certificate).digest()),
    issuerSerial: Object.assign(new IssuerSerial(), {
      issuer: [new GeneralName({ directoryName: issuer })],
      serialNumber,
    }),
  });
  return Object.assign(new SigningCertificateV2(), { certs: [id] });
}
