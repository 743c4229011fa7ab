import { X509Certificate, createHash } from 'node:crypto';
import {
  Attribute,
  ContentInfo,
  EncapsulatedContent,
  EncapsulatedContentInfo,
  IssuerAndSerialNumber,
  SignerIdentifier,
  SignerInfo,
} from '@peculiar/asn1-cms';
import {
  AsnConvert,
  AsnIntegerArrayBufferConverter,
  AsnObjectIdentifierConverter,
  AsnProp,
  AsnPropTypes,
  OctetString,
} from '@peculiar/asn1-schema';
import { RawSignedData, SignedAttributes } from '../../records/signatures.ts';
import { AlgorithmIdentifier, Certificate, GeneralName } from '@peculiar/asn1-x509';
import type { TBSCertificate } from '@peculiar/asn1-x509';

/** Whoever can sign: a key in a file, in a hardware module or at a remote signing service. */
export interface Signer {
  /** The signer's certificate, DER. */
  certificate: Uint8Array;
  /** Certificates of the issuers, nearest first, DER; the root may be left out. */
  chain: Uint8Array[];
  /**
   * Signs with the certificate's key: ECDSA (DER) or RSA PKCS#1 v1.5, over the hash of {@link hashOf}.
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
/** Attribute type of a timestamp over the signature's value (RFC 3161, appendix A). */
export const signatureTimestamp = '1.2.840.113549.1.9.16.2.14';
const digestOid = { sha256: '2.16.840.1.101.3.4.2.1', sha384: '2.16.840.1.101.3.4.2.2' } as const;
const signatureOid = {
  'ec sha256': '1.2.840.10045.4.3.2',
  'ec sha384': '1.2.840.10045.4.3.3',
  'rsa sha256': '1.2.840.113549.1.1.11',
  'rsa sha384': '1.2.840.113549.1.1.12',
} as const;
type Hash = keyof typeof digestOid;

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

interface SignerFacts {
  hash: Hash;
  fields: TBSCertificate;
  digestAlgorithm: AlgorithmIdentifier;
  signatureAlgorithm: AlgorithmIdentifier;
  signingCertificate: SigningCertificateV2;
}

/** A signer signs many documents, and reading its certificate costs more than signing. */
const known = new WeakMap<Signer, SignerFacts>();

function factsOf(signer: Signer): SignerFacts {
  const facts = known.get(signer) ?? readFacts(signer);
  known.set(signer, facts);
  return facts;
}

function readFacts({ certificate }: Signer): SignerFacts {
  const { asymmetricKeyType: type, asymmetricKeyDetails } = new X509Certificate(certificate).publicKey;
  const hash = asymmetricKeyDetails?.namedCurve === 'secp384r1' ? 'sha384' : 'sha256';
  const algorithm = signatureOid[`${type} ${hash}` as keyof typeof signatureOid];
  if (!algorithm) throw new Error(`a signer with a key of type ${type} is not supported; use EC or RSA`);
  const fields = AsnConvert.parse(certificate, Certificate).tbsCertificate;
  return {
    hash,
    fields,
    digestAlgorithm: new AlgorithmIdentifier({ algorithm: digestOid[hash] }),
    // RSA PKCS#1 takes a NULL as its parameters, ECDSA takes none.
    signatureAlgorithm: new AlgorithmIdentifier({ algorithm, parameters: type === 'rsa' ? null : undefined }),
    signingCertificate: bindTo(certificate, fields, hash),
  };
}

/** The hash that goes with a signer's key: SHA-384 for P-384, otherwise SHA-256. */
export function hashOf(signer: Signer): Hash {
  return factsOf(signer).hash;
}

/** When a signer's certificate is valid. */
export function validityOf(signer: Signer): { from: Date; to: Date } {
  const { notBefore, notAfter } = factsOf(signer).fields.validity;
  return { from: notBefore.getTime(), to: notAfter.getTime() };
}

/** An RFC 3161 timestamp. */
export interface Timestamp {
  /** DER. */
  token: Uint8Array;
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
  const { hash, fields, digestAlgorithm, signatureAlgorithm, signingCertificate } = factsOf(signer);
  const { issuer, serialNumber } = fields;

  const attributes = inOrder([
    attribute(oid.contentType, Buffer.from(AsnObjectIdentifierConverter.toASN(content.type).toBER())),
    attribute(oid.messageDigest, serialize(new OctetString(content.digest))),
    attribute(oid.signingCertificateV2, serialize(signingCertificate)),
    attribute(
      oid.algorithmProtection,
      serialize(Object.assign(new AlgorithmProtection(), { digestAlgorithm, signatureAlgorithm })),
    ),
  ]);
  const signedBytes = serialize(new SignedAttributes(attributes));
  const signature = await signer.sign(signedBytes, createHash(hash).update(signedBytes).digest());

  const signerInfo = new SignerInfo({
    version: 1,
    sid: new SignerIdentifier({ issuerAndSerialNumber: new IssuerAndSerialNumber({ issuer, serialNumber }) }),
    digestAlgorithm,
    signedAttrs: attributes,
    signatureAlgorithm,
    signature: new OctetString(signature),
  });
  const stamp = await timestamp?.(createHash('sha256').update(signature).digest());
  if (stamp) signerInfo.unsignedAttrs = [attribute(signatureTimestamp, stamp.token)];
  const signedData = Object.assign(new RawSignedData(), {
    // RFC 5652, 5.1: 3 for content that is not plain data.
    version: content.type === oid.data ? 1 : 3,
    digestAlgorithms: [digestAlgorithm],
    encapContentInfo: new EncapsulatedContentInfo({
      eContentType: content.type,
      ...(content.bytes && {
        eContent: new EncapsulatedContent({ single: new OctetString(content.bytes) }),
      }),
    }),
    ...(certificates.length > 0 && { certificates: certificates.map(arrayBuffer) }),
    signerInfos: [signerInfo],
  });
  return serialize(
    new ContentInfo({ contentType: oid.signedData, content: arrayBuffer(serialize(signedData)) }),
  );
}

const serialize = (value: unknown) => Buffer.from(AsnConvert.serialize(value));
const arrayBuffer = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;

function attribute(attrType: string, value: Uint8Array): Attribute {
  return new Attribute({ attrType, attrValues: [arrayBuffer(value)] });
}

/** DER orders a SET OF by the encoding of its members. */
function inOrder(attributes: Attribute[]): Attribute[] {
  return attributes
    .map((each) => ({ each, der: serialize(each) }))
    .sort((a, b) => Buffer.compare(a.der, b.der))
    .map(({ each }) => each);
}

/** Binds the signature to one certificate, so that another with the same key cannot be put in its place. */
function bindTo(certificate: Uint8Array, fields: TBSCertificate, hash: Hash): SigningCertificateV2 {
  const id = Object.assign(new CertificateId(), {
    // SHA-256 is the default, and DER leaves defaults out.
    hashAlgorithm: hash === 'sha256' ? undefined : new AlgorithmIdentifier({ algorithm: digestOid[hash] }),
    certHash: new OctetString(createHash(hash).update(certificate).digest()),
    issuerSerial: Object.assign(new IssuerSerial(), {
      issuer: [new GeneralName({ directoryName: fields.issuer })],
      serialNumber: fields.serialNumber,
    }),
  });
  return Object.assign(new SigningCertificateV2(), { certs: [id] });
}
