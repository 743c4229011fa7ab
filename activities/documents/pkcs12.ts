import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { CertBag, PFX, PKCS8ShroudedKeyBag, type Certificate, type PkiObject, type SafeBag } from 'pkijs';

/** A private key with the certificates that lie beside it, in their order. */
export interface KeyAndCertificates {
  key: KeyObject;
  certificates: X509Certificate[];
}

/**
 * Opens a PKCS#12 file (RFC 7292) that is protected as RFC 9579 and OpenSSL 3 do it: PBES2 with AES.
 *
 * @throws Error that says what is wrong with it, and never the password
 */
export async function openPkcs12(file: Uint8Array, password: string): Promise<KeyAndCertificates> {
  const bags = await bagsOf(file, Buffer.from(password, 'utf8'));
  const certificates = bags.flatMap(({ bagValue }) =>
    bagValue instanceof CertBag ? [new X509Certificate(derOf(bagValue.parsedValue as Certificate))] : [],
  );
  const keys = bags.flatMap(({ bagValue }) =>
    bagValue instanceof PKCS8ShroudedKeyBag
      ? [createPrivateKey({ key: derOf(bagValue), format: 'der', type: 'pkcs8', passphrase: password })]
      : [],
  );
  const [key] = keys;
  if (!key || keys.length > 1) throw new Error(`holds ${keys.length} private keys; it must hold one`);
  return { key, certificates: ownFirst(key, certificates) };
}

async function bagsOf(file: Uint8Array, password: Uint8Array): Promise<SafeBag[]> {
  const secret = password.buffer.slice(
    password.byteOffset,
    password.byteOffset + password.byteLength,
  ) as ArrayBuffer;
  let pfx: PFX;
  try {
    pfx = PFX.fromBER(Uint8Array.from(file).buffer);
  } catch {
    throw new Error('is no PKCS#12 file');
  }
  try {
    await pfx.parseInternalValues({ password: secret, checkIntegrity: true });
    const safe = pfx.parsedValue!.authenticatedSafe!;
    const isEncrypted = safe.safeContents.map(({ contentType }) => contentType === encryptedData);
    await safe.parseInternalValues({
      safeContents: isEncrypted.map((encrypted) => (encrypted ? { password: secret } : {})),
    });
    const contents = safe.parsedValue as { safeContents: { value: { safeBags: SafeBag[] } }[] };
    return contents.safeContents.flatMap(({ value }) => value.safeBags);
  } catch (error) {
    const { message } = error as Error;
    if (/integrity|decrypt|operation failed/i.test(message))
      throw new Error('does not open with its password');
    throw new Error(
      `is protected in a way that is no longer used (${message}); write it anew: openssl pkcs12 -legacy -in OLD -nodes -out KEY && openssl pkcs12 -export -in KEY -out NEW; rm KEY`,
    );
  }
}

const derOf = (value: PkiObject) => Buffer.from((value.toSchema() as { toBER(): ArrayBuffer }).toBER());

const encryptedData = '1.2.840.113549.1.7.6';

/** The certificate of the key before those of its issuers, whatever their order in the file. */
function ownFirst(key: KeyObject, certificates: X509Certificate[]): X509Certificate[] {
  const own = certificates.filter((each) => each.checkPrivateKey(key));
  return [...own, ...certificates.filter((each) => !own.includes(each))];
}
