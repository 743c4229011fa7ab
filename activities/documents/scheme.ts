import { constants, sign, verify, type KeyObject, type X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { RsaSaPssParams, id_mgf1, id_RSASSA_PSS, id_sha256 } from '@peculiar/asn1-rsa';
import { AlgorithmIdentifier } from '@peculiar/asn1-x509';

/** How a key signs: which hash, and the algorithm identifiers that say so in a signature. */
export interface Scheme {
  hash: 'sha256' | 'sha384';
  digestAlgorithm: AlgorithmIdentifier;
  signatureAlgorithm: AlgorithmIdentifier;
  /** Of RSA; ECDSA has none. */
  padding?: Padding;
}

/** PKCS#1 v1.5, or RSASSA-PSS (RFC 8017) with the hash of the signature and a salt of its length. */
export type Padding = 'pkcs1' | 'pss';

const oid = {
  sha256: id_sha256,
  sha384: '2.16.840.1.101.3.4.2.2',
  'ecdsa sha256': '1.2.840.10045.4.3.2',
  'ecdsa sha384': '1.2.840.10045.4.3.3',
  'rsa sha256': '1.2.840.113549.1.1.11',
} as const;
const curves: Record<string, Scheme['hash']> = { prime256v1: 'sha256', secp384r1: 'sha384' };
const fewestBits = 2048;
const saltLength = 32;

/**
 * The scheme of a certificate's key: EC P-256 and P-384, RSA from 2048 bits on.
 *
 * @param padding of an RSA key that is not bound to one by its certificate; PKCS#1 v1.5 unless told
 * @throws Error for any other key
 */
export function schemeOf({ publicKey }: X509Certificate, padding: Padding = 'pkcs1'): Scheme {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details = {} } = publicKey;
  const hash = type === 'ec' ? curves[details.namedCurve ?? ''] : 'sha256';
  const isRsa = type === 'rsa' || type === 'rsa-pss';
  if (!hash || (type !== 'ec' && !isRsa))
    throw new Error(
      `a key of type ${type} ${details.namedCurve ?? ''} does not sign; use EC P-256, P-384 or RSA`,
    );
  if (isRsa && (details.modulusLength ?? 0) < fewestBits)
    throw new Error(`an RSA key of ${details.modulusLength} bits is too short; use ${fewestBits} or more`);
  const digestAlgorithm = new AlgorithmIdentifier({ algorithm: oid[hash] });
  if (!isRsa) {
    const signatureAlgorithm = new AlgorithmIdentifier({ algorithm: oid[`ecdsa ${hash}`] });
    return { hash, digestAlgorithm, signatureAlgorithm };
  }
  const chosen = type === 'rsa-pss' ? 'pss' : padding;
  const signatureAlgorithm =
    chosen === 'pss'
      ? new AlgorithmIdentifier({ algorithm: id_RSASSA_PSS, parameters: pssParameters() })
      : // PKCS#1 takes a NULL as its parameters, ECDSA takes none.
        new AlgorithmIdentifier({ algorithm: oid['rsa sha256'], parameters: null });
  return { hash, digestAlgorithm, signatureAlgorithm, padding: chosen };
}

function pssParameters(): ArrayBuffer {
  const hashAlgorithm = new AlgorithmIdentifier({ algorithm: id_sha256 });
  const maskGenAlgorithm = new AlgorithmIdentifier({
    algorithm: id_mgf1,
    parameters: AsnConvert.serialize(hashAlgorithm),
  });
  return AsnConvert.serialize(new RsaSaPssParams({ hashAlgorithm, maskGenAlgorithm, saltLength }));
}

/** Signs bytes with a key in this process. */
export function signWithKey({ hash, padding }: Scheme, bytes: Uint8Array, key: KeyObject): Buffer {
  const options = padding === 'pss' && { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength };
  return sign(hash, bytes, { key, ...options });
}

/** Whether a signature that came from elsewhere is one of bytes by a certificate's key. */
export function verifiedBy(
  { publicKey }: X509Certificate,
  { hash, padding }: Scheme,
  bytes: Uint8Array,
  signed: Uint8Array,
): boolean {
  const options = padding === 'pss' && { padding: constants.RSA_PKCS1_PSS_PADDING };
  return verify(hash, bytes, { key: publicKey, ...options }, signed);
}
