import { X509Certificate, createHash, verify as verifyWith } from 'node:crypto';
import { Attribute, ContentInfo, EncapsulatedContentInfo, SignerInfo } from '@peculiar/asn1-cms';
import {
  AsnArray,
  AsnConvert,
  AsnProp,
  AsnPropTypes,
  AsnType,
  AsnTypeTypes,
  OctetString,
} from '@peculiar/asn1-schema';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';

/** One signature found in a PDF. */
export interface Signature {
  /** Who signed, as the signature dictionary says; what the certificate says is `certificateSubject`. */
  name: string | null;
  /** When, as the signature dictionary says. */
  at: Date | null;
  /** Whether nothing was added to the file after this signature. Only the last one of a file can. */
  coversWholeFile: boolean;
  /** Whether the signed bytes are unchanged and the signature is the certificate's. */
  valid: boolean;
  /** Whether the certificate leads to one of the given roots; `null` when none were given. */
  trusted: boolean | null;
  certificateSubject: string | null;
}

/** SignedData (RFC 5652) whose certificates stay byte for byte what they were, never encoded anew. */
export class RawSignedData {
  version = 1;
  digestAlgorithms: AlgorithmIdentifier[] = [];
  encapContentInfo = new EncapsulatedContentInfo({ eContentType: '1.2.840.113549.1.7.1' });
  certificates?: ArrayBuffer[];
  crls?: ArrayBuffer[];
  signerInfos: SignerInfo[] = [];
}
// Decorators are called by hand, as Node strips types and knows no decorators.
const raw = { type: AsnPropTypes.Any, repeated: 'set', implicit: true, optional: true } as const;
AsnProp({ type: AsnPropTypes.Integer })(RawSignedData.prototype, 'version');
AsnProp({ type: AlgorithmIdentifier, repeated: 'set' })(RawSignedData.prototype, 'digestAlgorithms');
AsnProp({ type: EncapsulatedContentInfo })(RawSignedData.prototype, 'encapContentInfo');
AsnProp({ ...raw, context: 0 })(RawSignedData.prototype, 'certificates');
AsnProp({ ...raw, context: 1 })(RawSignedData.prototype, 'crls');
AsnProp({ type: SignerInfo, repeated: 'set' })(RawSignedData.prototype, 'signerInfos');

/** The attributes of a signer as they are signed: a SET, though the signer info holds them as [0]. */
export class SignedAttributes extends AsnArray<Attribute> {}
AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })(SignedAttributes);

const hashes: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const messageDigest = '1.2.840.113549.1.9.4';
const signingCertificateV2 = '1.2.840.113549.1.9.16.2.47';

/** More than a document of ours can have; the rest of a hostile file is not looked at. */
const mostSignatures = 32;

/**
 * Finds the signatures of a PDF, in the order of the file, and checks each: bytes, signature and certificate.
 *
 * Never throws on a strange file: what cannot be understood is not valid, and a file without signatures gives `[]`.
 *
 * @param pdf any file, also one that somebody uploaded
 * @param roots trusted root certificates, PEM
 */
export function verify(pdf: Uint8Array, roots: string[] = []): Signature[] {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const text = file.toString('latin1');
  const ranges = [
    ...text.matchAll(/\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g),
  ];
  const anchors = roots.map((root) => new X509Certificate(root));
  return ranges.slice(0, mostSignatures).map((match) => {
    const [start, before, after, rest] = match.slice(1).map(Number) as [number, number, number, number];
    const dictionary = dictionaryAround(text, match.index, after);
    const at = timeOf(dictionary);
    const unreadable: Signature = {
      name: nameOf(dictionary),
      at,
      coversWholeFile: start === 0 && after + rest === file.length,
      valid: false,
      trusted: anchors.length > 0 ? false : null,
      certificateSubject: null,
    };
    // Only the hexadecimal string of the signature itself may lie outside the signed bytes.
    const hole = text.slice(before, after);
    if (start !== 0 || after + rest > file.length || !/^<[0-9a-f]*>$/i.test(hole)) return unreadable;
    try {
      const signed = [file.subarray(0, before), file.subarray(after, after + rest)];
      const contents = withoutPadding(Buffer.from(hole.slice(1, -1), 'hex'));
      const { certificate, others, valid } = checkSignedData(contents, signed);
      const trusted = anchors.length > 0 ? leadsTo(anchors, certificate, others, at) : null;
      return {
        ...unreadable,
        valid,
        trusted,
        certificateSubject: certificate.subject.replaceAll('\n', ', '),
      };
    } catch {
      return unreadable;
    }
  });
}

/** What a SignedData (RFC 5652) says, and whether its signature is right. */
export interface CheckedSignedData {
  /** The signer's certificate, and the others that go with it. */
  certificate: X509Certificate;
  others: X509Certificate[];
  /** Whether the content is unchanged and the signature is the certificate's. */
  valid: boolean;
  /** Object identifier of what the content is, and the content where it is not detached. */
  contentType: string;
  content?: Buffer;
  /** What the signer added without signing it: values by attribute type, DER. */
  unsigned: Map<string, Buffer>;
}

/**
 * Checks a SignedData with exactly one signer.
 *
 * @param detached what is signed, in parts, where it is not inside
 * @throws Error when it is something else, or lacks the signer's certificate
 */
export function checkSignedData(der: Uint8Array, detached?: Buffer[]): CheckedSignedData {
  const { content: body } = AsnConvert.parse(der, ContentInfo);
  const { signerInfos, certificates, encapContentInfo } = AsnConvert.parse(body, RawSignedData);
  const [signer, ...more] = signerInfos;
  if (!signer || more.length > 0) throw new Error('it has not exactly one signer');
  const all = (certificates ?? []).map((each) => new X509Certificate(Buffer.from(each)));
  const certificate = all.find((each) => isSigner(each, signer));
  if (!certificate) throw new Error('the certificate of the signer is missing');
  const inside = encapContentInfo.eContent?.single;
  const content = inside && Buffer.from(inside.buffer);
  return {
    certificate,
    others: all.filter((each) => each !== certificate),
    valid: isValid(signer, certificate, detached ?? [content ?? Buffer.alloc(0)]),
    contentType: encapContentInfo.eContentType,
    ...(content && { content }),
    unsigned: new Map(
      (signer.unsignedAttrs ?? []).map(({ attrType, attrValues: [value] }) => [
        attrType,
        Buffer.from(value ?? new ArrayBuffer(0)),
      ]),
    ),
  };
}

function isSigner(certificate: X509Certificate, { sid }: SignerInfo): boolean {
  const serial = Buffer.from(sid.issuerAndSerialNumber?.serialNumber ?? new ArrayBuffer(0)).toString('hex');
  return serial !== '' && BigInt(`0x${certificate.serialNumber}`) === BigInt(`0x${serial}`);
}

function isValid(signer: SignerInfo, certificate: X509Certificate, signed: Buffer[]): boolean {
  const hash = hashes[signer.digestAlgorithm.algorithm];
  const attributes = signer.signedAttrs;
  if (!hash || !attributes) return false;
  const value = (type: string) => attributes.find(({ attrType }) => attrType === type)?.attrValues[0];

  const digest = createHash(hash);
  for (const part of signed) digest.update(part);
  const claimed = value(messageDigest);
  if (!claimed || !digest.digest().equals(Buffer.from(AsnConvert.parse(claimed, OctetString).buffer)))
    return false;

  // The attribute names the signer's certificate by its hash; the rest of its structure does not matter here.
  const bound = Buffer.from(value(signingCertificateV2) ?? new ArrayBuffer(0));
  const named = ['sha256', 'sha384', 'sha512'].some((each) =>
    bound.includes(createHash(each).update(certificate.raw).digest()),
  );
  const signedBytes = Buffer.from(AsnConvert.serialize(new SignedAttributes(attributes)));
  return named && verifyWith(hash, signedBytes, certificate.publicKey, Buffer.from(signer.signature.buffer));
}

/** Whether issuers beside a certificate lead from it to a root, each valid at an instant. */
export function leadsTo(
  roots: X509Certificate[],
  leaf: X509Certificate,
  others: X509Certificate[],
  at: Date | null,
): boolean {
  const inTime = ({ validFrom, validTo }: X509Certificate) =>
    at !== null && at >= new Date(validFrom) && at <= new Date(validTo);
  let current = leaf;
  for (let hops = 0; hops < 5; hops++) {
    if (!inTime(current)) return false;
    if (roots.some((root) => root.fingerprint256 === current.fingerprint256)) return hops > 0;
    const issued = (issuer: X509Certificate) =>
      issuer.ca && current.checkIssued(issuer) && current.verify(issuer.publicKey);
    const issuer = [...roots, ...others].find(issued);
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}

/** The hole of a signature is longer than the signature; its DER says how long it is. */
export function withoutPadding(contents: Buffer): Buffer {
  const first = contents[1] ?? 0;
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  const length = lengthBytes > 0 ? contents.readUIntBE(2, Math.min(lengthBytes, 4)) : first;
  return contents.subarray(0, 2 + lengthBytes + length);
}

function dictionaryAround(text: string, byteRange: number, afterContents: number): string {
  const start = Math.max(text.lastIndexOf(' obj', byteRange), byteRange - 4096);
  const end = text.indexOf('endobj', afterContents);
  return text.slice(start, byteRange) + text.slice(afterContents, Math.min(end, afterContents + 4096));
}

function nameOf(dictionary: string): string | null {
  const hex = /\/Name\s*<((?:[0-9A-F]{2}){0,2048})>/i.exec(dictionary)?.[1];
  if (hex === undefined) return /\/Name\s*\(([^()\\]{0,512})\)/.exec(dictionary)?.[1] ?? null;
  const bytes = Buffer.from(hex, 'hex');
  return bytes.readUInt16BE?.(0) === 0xfeff
    ? bytes.subarray(2).swap16().toString('utf16le')
    : bytes.toString('latin1');
}

function timeOf(dictionary: string): Date | null {
  const found = /\/M\s*\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'(\d\d)'?)/.exec(dictionary);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, zone = '+00', zoneMinutes = '00'] = found;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}:${zoneMinutes}`);
  return Number.isNaN(time.getTime()) ? null : time;
}
