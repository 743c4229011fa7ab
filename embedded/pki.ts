import {
  X509Certificate,
  createHash,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { AsnConvert, OctetString } from '@peculiar/asn1-schema';
import * as x509 from '@peculiar/asn1-x509';
import { pemPath } from '../activities/documents/keystore.ts';
import type { Clock } from '../clock.ts';

/** Written into every certificate: nobody can take a paper signed on this machine for a legal act. */
export const warning = 'MOTCUA DEVELOPMENT - NO LEGAL VALUE';

/** The people and agencies of an embedded installation who need certificates, and where these go. */
export interface PkiOptions {
  folder: string;
  people: { sub: string; name: string; title?: string; agencyName?: string }[];
  agencies: { code: string; name: string }[];
  clock: Clock;
}

/** Name attributes of a certificate, in order. */
type Subject = [type: string, value: string][];

interface Issuer {
  subject: Subject;
  key: KeyObject;
  certificate: X509Certificate;
  /** Certificates that go into the files of those it issues to; the root stays out. */
  chain: string;
}

const name = {
  common: '2.5.4.3',
  country: '2.5.4.6',
  organization: '2.5.4.10',
  unit: '2.5.4.11',
  title: '2.5.4.12',
};
const userId = '0.9.2342.19200300.100.1.1';
const ecdsaWithSha256 = '1.2.840.10045.4.3.2';
const day = 86_400_000;
const years = { root: 20, issuer: 10, holder: 3 };

/**
 * Makes a development certification authority and what it has issued, as far as it is missing or no longer valid:
 * `root.pem` (certificate), `root.key` and `issuer.pem` (keys, mode 0600), `people/<sub>.pem` and
 * `agencies/<code>.pem` (key, certificate, issuer; mode 0600). EC P-256 throughout.
 */
export async function preparePki({ folder, people, agencies, clock }: PkiOptions): Promise<void> {
  await mkdir(join(folder, 'people'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'agencies'), { recursive: true, mode: 0o700 });
  const root = await authority(folder, clock);
  const issuer = await issuingAuthority(folder, root, clock);

  for (const { sub, name: person, title, agencyName } of people) {
    const subject: Subject = [[name.country, 'VN']];
    if (agencyName) subject.push([name.organization, agencyName]);
    subject.push([name.unit, warning]);
    if (title) subject.push([name.title, title]);
    subject.push([name.common, person], [userId, sub]);
    await holder(pemPath(folder, 'people', sub), subject, issuer, clock);
  }
  for (const { code, name: agency } of agencies) {
    const subject: Subject = [
      [name.country, 'VN'],
      [name.organization, agency],
      [name.unit, warning],
      [name.common, agency],
      [userId, code],
    ];
    await holder(pemPath(folder, 'agencies', code), subject, issuer, clock);
  }
}

async function authority(folder: string, clock: Clock): Promise<Issuer> {
  const subject: Subject = [
    [name.country, 'VN'],
    [name.organization, warning],
    [name.common, 'Motcua development root'],
  ];
  const [keyFile, certificateFile] = [join(folder, 'root.key'), join(folder, 'root.pem')];
  const [keyPem, certificatePem] = await Promise.all([readIfThere(keyFile), readIfThere(certificateFile)]);
  if (keyPem && certificatePem && isCurrent(certificatePem, clock)) {
    const certificate = new X509Certificate(certificatePem);
    return { subject, key: createPrivateKey(keyPem), certificate, chain: '' };
  }
  const { privateKey, publicKey } = newKey();
  const certificate = issue(
    { subject, publicKey, issuer: { subject, key: privateKey }, valid: years.root, ca: 1 },
    clock,
  );
  await write(keyFile, keyText(privateKey), 0o600);
  await write(certificateFile, certificate.toString(), 0o644);
  return { subject, key: privateKey, certificate, chain: '' };
}

async function issuingAuthority(folder: string, root: Issuer, clock: Clock): Promise<Issuer> {
  const subject: Subject = [
    [name.country, 'VN'],
    [name.organization, warning],
    [name.common, 'Motcua development issuer'],
  ];
  const file = join(folder, 'issuer.pem');
  const pem = await readIfThere(file);
  if (pem && isCurrent(pem, clock) && new X509Certificate(pem).verify(root.certificate.publicKey)) {
    const certificate = new X509Certificate(pem);
    return { subject, key: createPrivateKey(pem), certificate, chain: certificate.toString() };
  }
  const { privateKey, publicKey } = newKey();
  const certificate = issue({ subject, publicKey, issuer: root, valid: years.issuer, ca: 0 }, clock);
  await write(file, keyText(privateKey) + certificate.toString(), 0o600);
  return { subject, key: privateKey, certificate, chain: certificate.toString() };
}

async function holder(file: string, subject: Subject, issuer: Issuer, clock: Clock): Promise<void> {
  const pem = await readIfThere(file);
  if (pem && isCurrent(pem, clock) && new X509Certificate(pem).verify(issuer.certificate.publicKey)) return;
  const { privateKey, publicKey } = newKey();
  const certificate = issue({ subject, publicKey, issuer, valid: years.holder }, clock);
  await write(file, keyText(privateKey) + certificate.toString() + issuer.chain, 0o600);
}

interface Request {
  subject: Subject;
  publicKey: KeyObject;
  issuer: { subject: Subject; key: KeyObject; certificate?: X509Certificate };
  /** Years. */
  valid: number;
  /** For an authority: how many authorities may stand below it. */
  ca?: number;
}

function issue({ subject, publicKey, issuer, valid, ca }: Request, clock: Clock): X509Certificate {
  const now = clock.now().getTime();
  const algorithm = new x509.AlgorithmIdentifier({ algorithm: ecdsaWithSha256 });
  const key = AsnConvert.parse(publicKey.export({ type: 'spki', format: 'der' }), x509.SubjectPublicKeyInfo);
  const issuerKey = issuer.certificate?.publicKey ?? publicKey;
  const serial = randomBytes(16);
  serial[0] = ((serial[0] ?? 0) & 0x7f) | 0x40; // positive, and always of the same length
  const tbsCertificate = new x509.TBSCertificate({
    version: x509.Version.v3,
    serialNumber: Uint8Array.from(serial).buffer,
    signature: algorithm,
    issuer: distinguishedName(issuer.subject),
    validity: new x509.Validity({
      notBefore: new Date(now - day),
      notAfter: new Date(now + valid * 365 * day),
    }),
    subject: distinguishedName(subject),
    subjectPublicKeyInfo: key,
    extensions: new x509.Extensions(extensions(publicKey, issuerKey, ca)),
  });
  const signatureValue = sign('sha256', Buffer.from(AsnConvert.serialize(tbsCertificate)), issuer.key);
  const certificate = new x509.Certificate({
    tbsCertificate,
    signatureAlgorithm: algorithm,
    signatureValue: Uint8Array.from(signatureValue).buffer,
  });
  return new X509Certificate(Buffer.from(AsnConvert.serialize(certificate)));
}

function extensions(subjectKey: KeyObject, issuerKey: KeyObject, ca: number | undefined): x509.Extension[] {
  const { keyCertSign, cRLSign, digitalSignature, nonRepudiation } = x509.KeyUsageFlags;
  const usage = ca === undefined ? digitalSignature | nonRepudiation : keyCertSign | cRLSign;
  const all = [
    extension(x509.id_ce_keyUsage, new x509.KeyUsage(usage), true),
    extension(x509.id_ce_subjectKeyIdentifier, new x509.SubjectKeyIdentifier(keyId(subjectKey))),
    extension(
      x509.id_ce_authorityKeyIdentifier,
      new x509.AuthorityKeyIdentifier({ keyIdentifier: new x509.SubjectKeyIdentifier(keyId(issuerKey)) }),
    ),
  ];
  if (ca !== undefined) {
    const constraints = new x509.BasicConstraints({ cA: true, pathLenConstraint: ca });
    return [extension(x509.id_ce_basicConstraints, constraints, true), ...all];
  }
  // Poppler trusts a person's signature only with this use.
  return [...all, extension(x509.id_ce_extKeyUsage, new x509.ExtendedKeyUsage([x509.id_kp_emailProtection]))];
}

function extension(extnID: string, value: unknown, critical = false): x509.Extension {
  return new x509.Extension({ extnID, critical, extnValue: new OctetString(AsnConvert.serialize(value)) });
}

function distinguishedName(subject: Subject): x509.Name {
  return new x509.Name(
    subject.map(([type, text]) => {
      const value = new x509.AttributeValue(
        type === name.country ? { printableString: text } : { utf8String: text },
      );
      return new x509.RelativeDistinguishedName([new x509.AttributeTypeAndValue({ type, value })]);
    }),
  );
}

const newKey = () => generateKeyPairSync('ec', { namedCurve: 'P-256' });
const keyText = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();
const keyId = (key: KeyObject) =>
  createHash('sha1')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest();

/** Whether a certificate is valid now and for another month. */
function isCurrent(pem: string, clock: Clock): boolean {
  const { validFrom, validTo } = new X509Certificate(pem);
  const now = clock.now().getTime();
  return new Date(validFrom).getTime() <= now && now + 30 * day < new Date(validTo).getTime();
}

async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}

/** Writes a file so that a crash leaves the old one or the new one, never half of it. */
async function write(path: string, text: string, mode: number): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(`${path}.new`, text, { mode });
  await rename(`${path}.new`, path);
}
