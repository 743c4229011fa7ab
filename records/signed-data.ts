import { constants, createHash, verify as verifyWith, type X509Certificate } from 'node:crypto';
import { Attribute, EncapsulatedContentInfo, SignerInfo } from '@peculiar/asn1-cms';
import { AsnArray, AsnConvert, AsnType, AsnTypeTypes, OctetString } from '@peculiar/asn1-schema';
import { certificateOf, isIssuedBy } from './certificates.ts';
import { elementsOf, firstElement, tag } from './der.ts';

/** The attributes of a signer as they are signed: a SET, though the signer info holds them as [0]. */
export class SignedAttributes extends AsnArray<Attribute> {}
// Decorators are called by hand, as Node strips types and knows no decorators.
AsnType({ type: AsnTypeTypes.Set, itemType: Attribute })(SignedAttributes);

/** Names that Node knows, by object identifier. */
export const hashes: Record<string, string> = {
  '2.16.840.1.101.3.4.2.1': 'sha256',
  '2.16.840.1.101.3.4.2.2': 'sha384',
  '2.16.840.1.101.3.4.2.3': 'sha512',
};
const messageDigest = '1.2.840.113549.1.9.4';
const signingCertificateV2 = '1.2.840.113549.1.9.16.2.47';
const rsassaPss = '1.2.840.113549.1.1.10';

/** A SignedData (RFC 5652), taken apart. */
export interface SignedData {
  /** Object identifier of what the content is, and the content where it is not detached. */
  contentType: string;
  content: Buffer | undefined;
  certificates: X509Certificate[];
  signer: SignerInfo;
}

/**
 * Takes a SignedData with exactly one signer apart. The containers are split by hand, as most of their bytes are
 * certificates that are known already.
 *
 * @throws Error when it is something else
 */
export function readSignedData(der: Uint8Array): SignedData {
  const [, explicit] = elementsOf(firstElement(der).body);
  if (explicit?.tag !== tag.context0) throw new Error('it is no SignedData');
  const [, , encapsulated, ...rest] = elementsOf(firstElement(explicit.body).body);
  const signerInfos = rest.find((each) => each.tag === tag.set);
  if (!encapsulated || !signerInfos) throw new Error('it is no SignedData');
  const [signer, ...more] = elementsOf(signerInfos.body);
  if (!signer || more.length > 0) throw new Error('it has not exactly one signer');
  const { eContentType, eContent } = AsnConvert.parse(encapsulated.bytes, EncapsulatedContentInfo);
  const certificates = rest.find((each) => each.tag === tag.context0);
  return {
    contentType: eContentType,
    content: eContent?.single && Buffer.from(eContent.single.buffer),
    certificates: certificates ? elementsOf(certificates.body).map(({ bytes }) => certificateOf(bytes)) : [],
    signer: AsnConvert.parse(signer.bytes, SignerInfo),
  };
}

/** A SignedData whose signature was checked. */
export interface CheckedSignedData extends SignedData {
  /** The signer's certificate; the others that go with it. */
  certificate: X509Certificate;
  others: X509Certificate[];
  /** Whether the content is unchanged and the signature is the certificate's. */
  valid: boolean;
}

/**
 * Checks a SignedData with exactly one signer.
 *
 * @param detached what is signed, in parts, where it is not inside
 * @throws Error when it is something else, or lacks the signer's certificate
 */
export function checkSignedData(der: Uint8Array, detached?: Buffer[]): CheckedSignedData {
  const data = readSignedData(der);
  const certificate = data.certificates.find((each) => isSigner(each, data.signer));
  if (!certificate) throw new Error('the certificate of the signer is missing');
  return {
    ...data,
    certificate,
    others: data.certificates.filter((each) => each !== certificate),
    valid: isValid(data.signer, certificate, detached ?? [data.content ?? Buffer.alloc(0)]),
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
  const isPss = signer.signatureAlgorithm.algorithm === rsassaPss;
  const key = { key: certificate.publicKey, ...(isPss && { padding: constants.RSA_PKCS1_PSS_PADDING }) };
  return named && verifyWith(hash, signedBytes, key, Buffer.from(signer.signature.buffer));
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
    const issuer = [...roots, ...others].find((each) => isIssuedBy(current, each));
    if (!issuer) return false;
    current = issuer;
  }
  return false;
}
