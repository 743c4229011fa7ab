import { createPrivateKey, X509Certificate, type JsonWebKey } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type Pkcs11 from 'pkcs11js';
import { certificatesIn } from '../records/certificates.ts';

/** Where SoftHSM2 is: SOFTHSM2_MODULE, or where Debian puts it (`apt-get install libsofthsm2`). */
export const findSofthsm = () =>
  [
    process.env['SOFTHSM2_MODULE'],
    '/usr/lib/softhsm/libsofthsm2.so',
    '/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so',
    '/usr/local/lib/softhsm/libsofthsm2.so',
  ].find((path) => path !== undefined && existsSync(path));

/** Why there can be no token on this machine, and what to do about it; nothing where there can. */
export function missingForTokens(): string | undefined {
  if (!findSofthsm()) return 'no SoftHSM2 was found: apt-get install libsofthsm2, or set SOFTHSM2_MODULE';
  try {
    loadPkcs11();
    return undefined;
  } catch {
    return 'the package pkcs11js was not built here: npm rebuild pkcs11js';
  }
}

/** The PKCS#11 interface; each call to a token goes through it. */
export const loadPkcs11 = () => createRequire(import.meta.url)('pkcs11js') as typeof Pkcs11;

/** A token of SoftHSM2 in a folder, with keys in it. */
export interface SoftToken {
  module: string;
  label: string;
  pin: string;
  /** Puts the key of a PEM file into the token, and certificates: that of the key before others. */
  hold(name: string, pem: string, certificates?: string[]): void;
  /** Ends every session, as when a token is pulled out and put in again. */
  pullOut(): void;
}

/** Makes a token; once in a process, as the library reads where its tokens are when it starts. */
export function makeSoftToken(folder: string): SoftToken {
  const p11 = loadPkcs11();
  const module = findSofthsm()!;
  const { label, pin } = { label: 'motcua', pin: '4711' };
  mkdirSync(join(folder, 'tokens'), { recursive: true });
  const configuration = join(folder, 'softhsm2.conf');
  writeFileSync(configuration, `directories.tokendir = ${join(folder, 'tokens')}\nlog.level = ERROR\n`);
  process.env['SOFTHSM2_CONF'] = configuration;

  const library = new p11.PKCS11();
  library.load(module);
  library.C_Initialize();
  // A label is 32 characters long.
  library.C_InitToken(library.C_GetSlotList(true)[0]!, 'officer', label.padEnd(32));
  const slot = library
    .C_GetSlotList(true)
    .find((each) => library.C_GetTokenInfo(each).label.trim() === label)!;
  const session = library.C_OpenSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION);
  library.C_Login(session, p11.CKU_SO, 'officer');
  library.C_InitPIN(session, pin);
  library.C_Logout(session);

  let id = 0;
  return {
    module,
    label,
    pin,
    hold(name, pem, certificates = certificatesIn(pem).slice(0, 1)) {
      const session = library.C_OpenSession(slot, p11.CKF_SERIAL_SESSION | p11.CKF_RW_SESSION);
      library.C_Login(session, p11.CKU_USER, pin);
      id += 1;
      const common = [
        { type: p11.CKA_TOKEN, value: true },
        { type: p11.CKA_LABEL, value: name },
      ];
      const ofKey = { type: p11.CKA_ID, value: Buffer.of(id) };
      const key = createPrivateKey(pem);
      library.C_CreateObject(session, [
        ...common,
        ofKey,
        { type: p11.CKA_CLASS, value: p11.CKO_PRIVATE_KEY },
        { type: p11.CKA_PRIVATE, value: true },
        { type: p11.CKA_SENSITIVE, value: true },
        { type: p11.CKA_SIGN, value: true },
        ...keyParts(p11, key.export({ format: 'jwk' }), key.asymmetricKeyDetails?.namedCurve),
      ]);
      for (const [index, block] of certificates.entries()) {
        const certificate = new X509Certificate(block);
        library.C_CreateObject(session, [
          ...common,
          ...(index === 0 ? [ofKey] : []),
          { type: p11.CKA_CLASS, value: p11.CKO_CERTIFICATE },
          { type: p11.CKA_CERTIFICATE_TYPE, value: p11.CKC_X_509 },
          { type: p11.CKA_SUBJECT, value: Buffer.from(certificate.subject) },
          { type: p11.CKA_VALUE, value: certificate.raw },
        ]);
      }
      library.C_Logout(session);
      library.C_CloseSession(session);
    },
    pullOut: () => library.C_CloseAllSessions(slot),
  };
}

/** What a token wants to know of a key. */
function keyParts(p11: typeof Pkcs11, jwk: JsonWebKey, curve: string | undefined): Pkcs11.Template {
  const part = (name: keyof JsonWebKey) => Buffer.from(jwk[name] as string, 'base64url');
  if (jwk.kty === 'EC')
    return [
      { type: p11.CKA_KEY_TYPE, value: p11.CKK_EC },
      { type: p11.CKA_EC_PARAMS, value: Buffer.from(curves[curve!]!, 'hex') },
      { type: p11.CKA_VALUE, value: part('d') },
    ];
  return [
    { type: p11.CKA_KEY_TYPE, value: p11.CKK_RSA },
    { type: p11.CKA_MODULUS, value: part('n') },
    { type: p11.CKA_PUBLIC_EXPONENT, value: part('e') },
    { type: p11.CKA_PRIVATE_EXPONENT, value: part('d') },
    { type: p11.CKA_PRIME_1, value: part('p') },
    { type: p11.CKA_PRIME_2, value: part('q') },
    { type: p11.CKA_EXPONENT_1, value: part('dp') },
    { type: p11.CKA_EXPONENT_2, value: part('dq') },
    { type: p11.CKA_COEFFICIENT, value: part('qi') },
  ];
}

/** Object identifiers of the curves, DER. */
const curves: Record<string, string> = {
  prime256v1: '06082a8648ce3d030107',
  secp384r1: '06052b81040022',
};
