import { createHash, X509Certificate } from 'node:crypto';
import { createRequire } from 'node:module';
import type Pkcs11 from 'pkcs11js';
import { tag, wrap } from '../../records/der.ts';
import type { Signer } from './cms.ts';
import type { ReadSecret } from './descriptor.ts';
import { schemeOf, verifiedBy, type Padding, type Scheme } from './scheme.ts';

/** A key in a token: a USB token, a smart card, a hardware security module. */
export interface TokenKey {
  /** Path of the PKCS#11 library of the token's maker. */
  module: string;
  /** Label of the token. */
  token: string;
  /** Label of the key, or its id in hexadecimal digits. */
  key: string;
  pin: ReadSecret;
  /** Certificates of the issuers, nearest first, DER. */
  chain: Uint8Array[];
  padding?: Padding | undefined;
}

/** Thrown when a token cannot be used as it was asked; its message names the token and never a PIN. */
export class TokenError extends Error {}

/**
 * Opens a key in a token (PKCS#11 2.40): its certificate is the one in the token with the id of the key. A session ends when a
 * token is pulled out; the next signature opens another. A PIN that was refused is not tried again until it is another one, as
 * tokens lock themselves after a few attempts.
 *
 * @throws TokenError when library, token, key or certificate is not there, or the PIN is refused
 */
export async function openTokenSigner(where: TokenKey): Promise<Signer> {
  let session = await logIn(where);
  const { certificate, scheme } = readCertificate(session, where);
  // A session does one thing at a time.
  let last: Promise<unknown> = Promise.resolve();
  const signDigest = async (digest: Uint8Array) => {
    try {
      return await signIn(session, scheme, digest);
    } catch (error) {
      if (!isGone(error)) throw tokenError(where, error);
      session = await logIn(where);
      return signIn(session, scheme, digest);
    }
  };
  return {
    certificate: certificate.raw,
    chain: where.chain,
    ...(where.padding && { padding: where.padding }),
    async sign(bytes, digest) {
      const signing = last.then(() => signDigest(digest));
      last = signing.catch(() => undefined);
      const signed = await signing;
      if (!verifiedBy(certificate, scheme, bytes, signed))
        throw new TokenError(`the token ${where.token} has not signed with the key ${where.key}`);
      return signed;
    },
  };
}

interface Session {
  pkcs11: Pkcs11.PKCS11;
  constants: typeof Pkcs11;
  handle: Pkcs11.Handle;
  privateKey: Pkcs11.Handle;
  id: Buffer;
}

/** Libraries that this process has opened; each wants to be initialised once. */
const opened = new Map<string, Pkcs11.PKCS11>();
/** The PIN that a token has refused last, as a hash. */
const refused = new Map<string, string>();

function openModule(where: TokenKey): { pkcs11: Pkcs11.PKCS11; constants: typeof Pkcs11 } {
  let constants: typeof Pkcs11;
  try {
    constants = createRequire(import.meta.url)('pkcs11js') as typeof Pkcs11;
  } catch {
    throw new TokenError(
      'keys in tokens need the package pkcs11js, which was not built here: npm rebuild pkcs11js',
    );
  }
  const known = opened.get(where.module);
  if (known) return { pkcs11: known, constants };
  const pkcs11 = new constants.PKCS11();
  try {
    pkcs11.load(where.module);
    pkcs11.C_Initialize();
  } catch (error) {
    // Something else in this process has initialised it, which is as good.
    if ((error as { code?: number }).code !== constants.CKR_CRYPTOKI_ALREADY_INITIALIZED)
      throw new TokenError(`the library ${where.module} cannot be opened: ${(error as Error).message}`);
  }
  opened.set(where.module, pkcs11);
  return { pkcs11, constants };
}

async function logIn(where: TokenKey): Promise<Session> {
  const { pkcs11, constants } = openModule(where);
  const pin = await where.pin();
  const attempt = createHash('sha256').update(pin).digest('hex');
  if (refused.get(where.token) === attempt)
    throw new TokenError(`the token ${where.token} has refused this PIN; it is not tried again`);
  try {
    const slot = pkcs11
      .C_GetSlotList(true)
      .find((each) => pkcs11.C_GetTokenInfo(each).label.trim() === where.token);
    if (!slot) throw new TokenError(`there is no token ${where.token} at ${where.module}`);
    const handle = pkcs11.C_OpenSession(slot, constants.CKF_SERIAL_SESSION);
    try {
      pkcs11.C_Login(handle, constants.CKU_USER, pin);
    } catch (error) {
      const { code } = error as { code?: number };
      if (code === constants.CKR_PIN_INCORRECT) refused.set(where.token, attempt);
      if (code !== constants.CKR_USER_ALREADY_LOGGED_IN) throw error;
    }
    refused.delete(where.token);
    return { pkcs11, constants, handle, ...findKey({ pkcs11, constants, handle }, where) };
  } catch (error) {
    throw tokenError(where, error);
  }
}

type Open = Pick<Session, 'pkcs11' | 'constants' | 'handle'>;

function findKey(open: Open, { token, key }: TokenKey): Pick<Session, 'privateKey' | 'id'> {
  const { CKA_CLASS, CKO_PRIVATE_KEY, CKA_LABEL, CKA_ID } = open.constants;
  const isPrivate = { type: CKA_CLASS, value: CKO_PRIVATE_KEY };
  const byId = /^([0-9a-f]{2})+$/i.test(key)
    ? findObjects(open, [isPrivate, { type: CKA_ID, value: Buffer.from(key, 'hex') }])
    : [];
  const found = byId.length > 0 ? byId : findObjects(open, [isPrivate, { type: CKA_LABEL, value: key }]);
  const [privateKey] = found;
  if (!privateKey || found.length > 1)
    throw new TokenError(`the token ${token} holds ${found.length} keys ${key}`);
  return { privateKey, id: attribute(open, privateKey, CKA_ID) };
}

function readCertificate(session: Session, { token, key, padding }: TokenKey) {
  const { CKA_CLASS, CKO_CERTIFICATE, CKA_ID, CKA_VALUE } = session.constants;
  const [found] = findObjects(session, [
    { type: CKA_CLASS, value: CKO_CERTIFICATE },
    { type: CKA_ID, value: session.id },
  ]);
  if (!found) throw new TokenError(`the token ${token} holds no certificate of the key ${key}`);
  const certificate = new X509Certificate(attribute(session, found, CKA_VALUE));
  return { certificate, scheme: schemeOf(certificate, padding) };
}

function findObjects({ pkcs11, handle }: Open, template: Pkcs11.Template): Pkcs11.Handle[] {
  pkcs11.C_FindObjectsInit(handle, template);
  try {
    return pkcs11.C_FindObjects(handle, 2);
  } finally {
    pkcs11.C_FindObjectsFinal(handle);
  }
}

const attribute = ({ pkcs11, handle }: Open, object: Pkcs11.Handle, type: number): Buffer =>
  pkcs11.C_GetAttributeValue(handle, object, [{ type }])[0]!.value;

/** Signs a hash in the token; the event loop goes on meanwhile. */
async function signIn(
  { pkcs11, constants, handle, privateKey }: Session,
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

/** Whether a session has ended because its token was pulled out. */
function isGone(error: unknown): boolean {
  const { message = '' } = error as Error;
  return /SESSION_HANDLE_INVALID|SESSION_CLOSED|DEVICE_REMOVED|TOKEN_NOT_PRESENT|USER_NOT_LOGGED_IN|KEY_HANDLE_INVALID/.test(
    message,
  );
}

const tokenError = ({ token }: TokenKey, error: unknown) =>
  error instanceof TokenError
    ? error
    : new TokenError(`the token ${token} refuses: ${(error as Error).message.split('\n', 1)[0]}`);
