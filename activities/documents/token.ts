import { createHash } from 'node:crypto';
import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import type Pkcs11 from 'pkcs11js';
import type { ReadSecret } from './descriptor.ts';

/** A token (a USB token, a smart card, a hardware security module) and how to log in to it. */
export interface TokenPlace {
  /** Path of the PKCS#11 library of the token's maker. */
  module: string;
  /** Label of the token. */
  token: string;
  pin: ReadSecret;
}

/** A session at a token, in which its user is logged in. */
export interface Session {
  pkcs11: Pkcs11.PKCS11;
  constants: typeof Pkcs11;
  handle: Pkcs11.Handle;
  /** Keys that were found in it, by their names in the description. */
  keys: Map<string, Pkcs11.Handle>;
}

/** Thrown when a token cannot be used as it was asked; its message names the token and never a PIN. */
export class TokenError extends Error {}

interface Library {
  pkcs11: Pkcs11.PKCS11;
  constants: typeof Pkcs11;
  /** What was asked of it last. */
  last: Promise<unknown>;
  tokens: Map<string, Token>;
}

interface Token {
  open?: { session: Session; pin: string } | undefined;
  /** PINs that it has refused, and the one it is open with, are kept as hashes. */
  refused: Set<string>;
}

/** Libraries that this process has opened: each wants to be initialised once. */
const libraries = new Map<string, Library>();

/**
 * Does something in the session of a token; a process has one for each, and logs in to it once. When the token was pulled out
 * meanwhile, a new session is opened and it is done once more. A PIN that was refused is not tried again in this process, as tokens
 * lock themselves after a few attempts.
 *
 * All that is asked of a library is done one after the other: makers need not expect several threads, and signing is on another
 * one than logging in and searching, which hold up the event loop for a moment.
 *
 * @throws TokenError when the library or the token is not there, the PIN is refused, or the work fails
 */
export async function inToken<T>(place: TokenPlace, work: (session: Session) => T | Promise<T>): Promise<T> {
  const library = openLibrary(place.module);
  const pin = await place.pin();
  const done = library.last.then(() => workIn(library, place.token, pin, work));
  library.last = done.catch(() => undefined);
  return done.catch((error: Error) => {
    if (error instanceof TokenError) throw error;
    throw new TokenError(`the token ${place.token} refuses: ${error.message.split('\n', 1)[0]}`);
  });
}

function openLibrary(module: string): Library {
  let constants: typeof Pkcs11;
  try {
    // Native, hence optional: it is there only where it could be built.
    constants = createRequire(import.meta.url)('pkcs11js') as typeof Pkcs11;
  } catch {
    throw new TokenError(
      'keys in tokens need the package pkcs11js, which was not built here: npm rebuild pkcs11js',
    );
  }
  const path = realPath(module);
  const known = libraries.get(path);
  if (known) return known;
  const pkcs11 = new constants.PKCS11();
  try {
    pkcs11.load(path);
    pkcs11.C_Initialize();
  } catch (error) {
    // Something else in this process has initialised it, which is as good.
    if (codeOf(error) !== constants.CKR_CRYPTOKI_ALREADY_INITIALIZED)
      throw new TokenError(`the library ${module} cannot be opened: ${(error as Error).message}`);
  }
  const library = { pkcs11, constants, last: Promise.resolve(), tokens: new Map<string, Token>() };
  libraries.set(path, library);
  return library;
}

/** One library under two names must not count as two; what is no path, the system's loader looks for. */
function realPath(module: string): string {
  try {
    return realpathSync(module);
  } catch {
    return module;
  }
}

async function workIn<T>(
  library: Library,
  label: string,
  pin: string,
  work: (session: Session) => T | Promise<T>,
): Promise<T> {
  const token = library.tokens.get(label) ?? { refused: new Set() };
  library.tokens.set(label, token);
  // A token that fails to log in is not tried again: that may count as an attempt with a wrong PIN.
  const wasOpen = token.open !== undefined;
  try {
    return await work(sessionAt(library, label, token, pin));
  } catch (error) {
    if (!wasOpen || !isGone(library, error)) throw error;
    close(token);
    return work(sessionAt(library, label, token, pin));
  }
}

/** The session of a token; a new one when it is the first, or the PIN has become another. */
function sessionAt(library: Library, label: string, token: Token, pin: string): Session {
  const hash = createHash('sha256').update(pin).digest('hex');
  if (token.refused.has(hash))
    throw new TokenError(`the token ${label} has refused this PIN; it is not tried again`);
  if (token.open?.pin === hash) return token.open.session;
  close(token);
  const session = openSession(library, label);
  token.open = { session, pin: hash };
  try {
    logIn(session, pin);
  } catch (error) {
    close(token);
    if (!isAboutPin(library, error)) throw error;
    token.refused.add(hash);
    throw new TokenError(`the token ${label} refuses the PIN: ${(error as Error).message}`);
  }
  return session;
}

/** Ends the session of a token; the token forgets that it was logged in to. */
function close(token: Token): void {
  const { session } = token.open ?? {};
  token.open = undefined;
  try {
    session?.pkcs11.C_CloseSession(session.handle);
  } catch {
    // It has ended with the token that was pulled out.
  }
}

function openSession({ pkcs11, constants }: Library, label: string): Session {
  const slot = pkcs11.C_GetSlotList(true).find((each) => labelOf(pkcs11, each) === label);
  if (!slot) throw new TokenError(`there is no token ${label} at ${pkcs11.libPath}`);
  const handle = pkcs11.C_OpenSession(slot, constants.CKF_SERIAL_SESSION);
  return { pkcs11, constants, handle, keys: new Map() };
}

/** The token of somebody else in another slot may be broken or not set up, which is no matter here. */
function labelOf(pkcs11: Pkcs11.PKCS11, slot: Pkcs11.Handle): string | undefined {
  try {
    return pkcs11.C_GetTokenInfo(slot).label.trim();
  } catch {
    return undefined;
  }
}

function logIn({ pkcs11, constants, handle }: Session, pin: string): void {
  try {
    pkcs11.C_Login(handle, constants.CKU_USER, pin);
  } catch (error) {
    // By something else in this process.
    if (codeOf(error) !== constants.CKR_USER_ALREADY_LOGGED_IN) throw error;
  }
}

const codeOf = (error: unknown) => (error as { code?: number }).code ?? 0;

const isAboutPin = (
  { constants: { CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE } }: Library,
  error: unknown,
) => [CKR_PIN_INCORRECT, CKR_PIN_INVALID, CKR_PIN_LEN_RANGE].includes(codeOf(error));

/** Whether a session has ended because its token was pulled out; makers tell it in many ways. */
const isGone = ({ constants: c }: Library, error: unknown) =>
  [
    c.CKR_SESSION_HANDLE_INVALID,
    c.CKR_SESSION_CLOSED,
    c.CKR_DEVICE_REMOVED,
    c.CKR_DEVICE_ERROR,
    c.CKR_TOKEN_NOT_PRESENT,
    c.CKR_USER_NOT_LOGGED_IN,
    c.CKR_KEY_HANDLE_INVALID,
    c.CKR_OBJECT_HANDLE_INVALID,
  ].includes(codeOf(error));
