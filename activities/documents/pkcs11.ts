import { X509Certificate } from 'node:crypto';
import type Pkcs11 from 'pkcs11js';
import { issuersOf } from '../../records/certificates.ts';
import { tag, wrap } from '../../records/der.ts';
import type { Signer } from './cms.ts';
import { schemeOf, verifiedBy, type Padding, type Scheme } from './scheme.ts';
import { inToken, TokenError, type Session, type TokenPlace } from './token.ts';

/** A key in a token. */
export interface TokenKey extends TokenPlace {
  /** Label of the key, or its id in hexadecimal digits. */
  key: string;
  /** Certificates of issuers that are not in the token. */
  chain: X509Certificate[];
  padding?: Padding | undefined;
}

/**
 * Opens a key in a token (PKCS#11 2.40): its certificate is the one in the token with the id of the key. Each signature is
 * checked when it comes.
 *
 * @throws TokenError when library, token, key or certificate is not there, or the PIN is refused
 */
export async function openTokenSigner(where: TokenKey): Promise<Signer> {
  const certificates = await inToken(where, (session) => readCertificates(session, where));
  const [certificate] = certificates;
  const scheme = schemeOf(certificate, where.padding);
  return {
    certificate: certificate.raw,
    chain: issuersOf(certificate, [...certificates, ...where.chain]).map(({ raw }) => raw),
    ...(where.padding && { padding: where.padding }),
    async sign(bytes, digest) {
      const signed = await inToken(where, (session) =>
        signIn(session, findKey(session, where), scheme, digest),
      );
      if (!verifiedBy(certificate, scheme, bytes, signed))
        throw new TokenError(
          `the token ${where.token} has not signed with the key of the certificate of ${where.key}`,
        );
      return signed;
    },
  };
}

function findKey(session: Session, { token, key }: TokenKey): Pkcs11.Handle {
  const known = session.keys.get(key);
  if (known) return known;
  const { CKA_CLASS, CKO_PRIVATE_KEY, CKA_LABEL, CKA_ID } = session.constants;
  const isPrivate = { type: CKA_CLASS, value: CKO_PRIVATE_KEY };
  const byId = /^([0-9a-f]{2})+$/i.test(key)
    ? findObjects(session, [isPrivate, { type: CKA_ID, value: Buffer.from(key, 'hex') }])
    : [];
  const found = byId.length > 0 ? byId : findObjects(session, [isPrivate, { type: CKA_LABEL, value: key }]);
  const [privateKey] = found;
  if (!privateKey || found.length > 1)
    throw new TokenError(`the token ${token} holds ${found.length} keys ${key}`);
  session.keys.set(key, privateKey);
  return privateKey;
}

/** The certificates in a token: that of the key, or the last of them where it was renewed, then all others. */
function readCertificates(session: Session, where: TokenKey): [X509Certificate, ...X509Certificate[]] {
  const { CKA_CLASS, CKO_CERTIFICATE, CKA_CERTIFICATE_TYPE, CKC_X_509, CKA_ID, CKA_VALUE } =
    session.constants;
  const id = attribute(session, findKey(session, where), CKA_ID);
  const all = findObjects(session, [
    { type: CKA_CLASS, value: CKO_CERTIFICATE },
    { type: CKA_CERTIFICATE_TYPE, value: CKC_X_509 },
  ]).map((each) => ({
    isOwn: attribute(session, each, CKA_ID).equals(id),
    certificate: new X509Certificate(attribute(session, each, CKA_VALUE)),
  }));
  const [own, ...older] = all
    .filter(({ isOwn }) => isOwn)
    .map(({ certificate }) => certificate)
    .sort((a, b) => Date.parse(b.validTo) - Date.parse(a.validTo));
  if (!own) throw new TokenError(`the token ${where.token} holds no certificate of the key ${where.key}`);
  const others = all.filter(({ isOwn }) => !isOwn).map(({ certificate }) => certificate);
  return [own, ...older, ...others];
}

/** More objects of a kind than tokens hold. */
const most = 256;

function findObjects({ pkcs11, handle }: Session, template: Pkcs11.Template): Pkcs11.Handle[] {
  pkcs11.C_FindObjectsInit(handle, template);
  try {
    return pkcs11.C_FindObjects(handle, most);
  } finally {
    pkcs11.C_FindObjectsFinal(handle);
  }
}

const attribute = ({ pkcs11, handle }: Session, object: Pkcs11.Handle, type: number): Buffer =>
  pkcs11.C_GetAttributeValue(handle, object, [{ type }])[0]!.value;

/** Signs a hash in the token; the event loop goes on meanwhile. */
async function signIn(
  { pkcs11, constants, handle }: Session,
  privateKey: Pkcs11.Handle,
  scheme: Scheme,
  digest: Uint8Array,
): Promise<Buffer> {
  const { CKM_ECDSA, CKM_RSA_PKCS, CKM_RSA_PKCS_PSS, CKM_SHA256, CKG_MGF1_SHA256, CK_PARAMS_RSA_PSS } =
    constants;
  const pss = { type: CK_PARAMS_RSA_PSS, hashAlg: CKM_SHA256, mgf: CKG_MGF1_SHA256, saltLen: 32 };
  const [mechanism, data] = {
    none: [{ mechanism: CKM_ECDSA }, Buffer.from(digest)] as const,
    pkcs1: [{ mechanism: CKM_RSA_PKCS }, Buffer.concat([sha256Info, digest])] as const,
    pss: [{ mechanism: CKM_RSA_PKCS_PSS, parameter: pss }, Buffer.from(digest)] as const,
  }[scheme.padding ?? 'none'];
  pkcs11.C_SignInit(handle, mechanism, privateKey);
  const signed = await pkcs11.C_SignAsync(handle, data, Buffer.alloc(512));
  return scheme.padding ? signed : derOf(signed);
}

/** A SHA-256 with its algorithm before it, as PKCS#1 v1.5 signs it (RFC 8017, 9.2). */
const sha256Info = Buffer.from('3031300d060960864801650304020105000420', 'hex');

/** Tokens give the two numbers of ECDSA one after the other, signatures hold them as DER (RFC 3279, 2.2.3). */
function derOf(signed: Buffer): Buffer {
  const half = signed.length / 2;
  return wrap(tag.sequence, integer(signed.subarray(0, half)), integer(signed.subarray(half)));
}

/** A positive number as INTEGER: without needless zeros, but for one before a first bit that would make it negative. */
function integer(number: Buffer): Buffer {
  const digits = number.subarray(number.findIndex((byte) => byte !== 0));
  return digits[0]! & 0x80 ? wrap(tag.integer, Buffer.of(0), digits) : wrap(tag.integer, digits);
}
