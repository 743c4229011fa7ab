import { createPrivateKey, X509Certificate } from 'node:crypto';
import {
  AuthenticatedSafe,
  CertBag,
  Certificate,
  PFX,
  PKCS8ShroudedKeyBag,
  PrivateKeyInfo,
  SafeBag,
  SafeContents,
} from 'pkijs';
import { certificatesIn } from '../records/certificates.ts';

const protection = {
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: 10_000,
};

/** Makes a PKCS#12 file of a PEM file (key, certificate, issuers), protected as OpenSSL 3 does it. */
export async function makePkcs12(pem: string, password: string): Promise<Buffer> {
  const secret = Uint8Array.from(Buffer.from(password)).buffer;
  const key = createPrivateKey(pem).export({ format: 'der', type: 'pkcs8' });
  const keyBag = new PKCS8ShroudedKeyBag({
    parsedValue: PrivateKeyInfo.fromBER(Uint8Array.from(key).buffer),
  });
  await keyBag.makeInternalValues({ password: secret, ...protection });
  const certificates = certificatesIn(pem).map((block) => {
    const der = Uint8Array.from(new X509Certificate(block).raw).buffer;
    const parsedValue = Certificate.fromBER(der);
    return new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.3', bagValue: new CertBag({ parsedValue }) });
  });
  const keys = [new SafeBag({ bagId: '1.2.840.113549.1.12.10.1.2', bagValue: keyBag })];
  const safe = new AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: 0, value: new SafeContents({ safeBags: keys }) },
        { privacyMode: 1, value: new SafeContents({ safeBags: certificates }) },
      ],
    },
  });
  await safe.makeInternalValues({ safeContents: [{}, { password: secret, ...protection }] });
  const pfx = new PFX({ parsedValue: { integrityMode: 0, authenticatedSafe: safe } });
  await pfx.makeInternalValues({
    password: secret,
    iterations: 10_000,
    pbkdf2HashAlgorithm: 'SHA-256',
    hmacHashAlgorithm: 'SHA-256',
  });
  return Buffer.from(pfx.toSchema().toBER());
}
