import {
  X509Certificate,
  createPrivateKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pemPath } from '../activities/documents/keystore.ts';
import type { Clock } from '../clock.ts';
import { issueCertificate, nameType, type Addresses, type Subject, type Use } from './certificates.ts';

/** Written into every certificate: nobody can take a paper signed on this machine for a legal act. */
export const warning = 'MOTCUA DEVELOPMENT - NO LEGAL VALUE';

/** Kinds of keys that signers have; EC P-256 unless told. */
export type KeyKind = 'P-256' | 'P-384' | 'RSA-2048' | 'RSA-3072' | 'RSA-4096' | 'RSA-PSS-3072';

/** The people and agencies of an embedded installation who need certificates, and where these go. */
export interface PkiOptions {
  folder: string;
  people: { sub: string; name: string; title?: string; agencyName?: string; key?: KeyKind }[];
  agencies: { code: string; name: string }[];
  clock: Clock;
  /** Where the sample trust services answer, without a slash at its end; certificates name no address without it. */
  url?: string;
}

interface Issuer {
  subject: Subject;
  key: KeyObject;
  certificate: X509Certificate;
  /** Certificates that go into the files of those it issues to; the root stays out. */
  chain: string;
}

const day = 86_400_000;
const years = { root: 20, issuer: 10, timestamps: 10, revocation: 3, signer: 3 };

/**
 * Makes a development certification authority and what it has issued, as far as it is missing, no longer valid or names
 * other addresses: `root.pem` (certificate), `root.key` and `issuer.pem` (keys, mode 0600), `timestamps.pem` and
 * `revocation.pem` for the sample trust services, `people/<sub>.pem` and `agencies/<code>.pem` (key, certificate, issuer;
 * mode 0600). All but signers have EC P-256.
 */
export async function preparePki({ folder, people, agencies, clock, url }: PkiOptions): Promise<void> {
  await mkdir(join(folder, 'people'), { recursive: true, mode: 0o700 });
  await mkdir(join(folder, 'agencies'), { recursive: true, mode: 0o700 });
  const root = await rootAuthority(folder, clock);
  const issuer = await issuingAuthority(folder, root, clock, url);
  const issued = (file: string, subject: Subject, use: Use, key?: KeyKind) =>
    holder(file, { subject, use, issuer, url, key }, clock);

  await issued(join(folder, 'timestamps.pem'), subjectOf('Motcua development timestamps'), {
    kind: 'timestamps',
  });
  await issued(join(folder, 'revocation.pem'), subjectOf('Motcua development OCSP'), { kind: 'revocation' });
  for (const { sub, name: person, title, agencyName, key } of people) {
    const subject: Subject = [[nameType.country, 'VN']];
    if (agencyName) subject.push([nameType.organization, agencyName]);
    subject.push([nameType.unit, warning]);
    if (title) subject.push([nameType.title, title]);
    subject.push([nameType.common, person], [nameType.userId, sub]);
    await issued(pemPath(folder, 'people', sub), subject, { kind: 'signer' }, key);
  }
  for (const { code, name: agency } of agencies) {
    const subject: Subject = [
      [nameType.country, 'VN'],
      [nameType.organization, agency],
      [nameType.unit, warning],
      [nameType.common, agency],
      [nameType.userId, code],
    ];
    await issued(pemPath(folder, 'agencies', code), subject, { kind: 'signer' });
  }
}

/** Subject of an authority or a service. */
const subjectOf = (common: string): Subject => [
  [nameType.country, 'VN'],
  [nameType.organization, warning],
  [nameType.common, common],
];

async function rootAuthority(folder: string, clock: Clock): Promise<Issuer> {
  const subject = subjectOf('Motcua development root');
  const [keyFile, certificateFile] = [join(folder, 'root.key'), join(folder, 'root.pem')];
  const [keyPem, certificatePem] = await Promise.all([readIfThere(keyFile), readIfThere(certificateFile)]);
  if (keyPem && certificatePem && isCurrent(certificatePem, clock)) {
    const certificate = new X509Certificate(certificatePem);
    return { subject, key: createPrivateKey(keyPem), certificate, chain: '' };
  }
  const { privateKey: key, publicKey } = newKey();
  const use: Use = { kind: 'authority', mayHaveBelow: 1 };
  const certificate = issueCertificate(
    { subject, publicKey, issuer: { subject, key }, valid: years.root, use },
    clock,
  );
  await write(keyFile, keyText(key), 0o600);
  await write(certificateFile, certificate.toString(), 0o644);
  return { subject, key, certificate, chain: '' };
}

async function issuingAuthority(
  folder: string,
  root: Issuer,
  clock: Clock,
  url: string | undefined,
): Promise<Issuer> {
  const subject = subjectOf('Motcua development issuer');
  const file = join(folder, 'issuer.pem');
  const pem = await readIfThere(file);
  if (pem && isGood(pem, root, clock, url)) {
    const certificate = new X509Certificate(pem);
    return { subject, key: createPrivateKey(pem), certificate, chain: certificate.toString() };
  }
  const { privateKey: key, publicKey } = newKey();
  const use: Use = { kind: 'authority', mayHaveBelow: 0 };
  // For an authority there is a list only: authorities are hardly ever revoked.
  const addresses = url ? { addresses: { issuer: `${url}/root.cer`, crl: `${url}/root.crl` } } : {};
  const certificate = issueCertificate(
    { subject, publicKey, issuer: root, valid: years.issuer, use, ...addresses },
    clock,
  );
  await write(file, keyText(key) + certificate.toString(), 0o600);
  return { subject, key, certificate, chain: certificate.toString() };
}

/** Where validators ask about what the issuing authority has issued. */
const addressesAt = (url: string): Addresses => ({
  issuer: `${url}/issuer.cer`,
  crl: `${url}/issuer.crl`,
  ocsp: `${url}/ocsp`,
});

interface HolderRequest {
  subject: Subject;
  use: Use;
  issuer: Issuer;
  url: string | undefined;
  key: KeyKind | undefined;
}

async function holder(
  file: string,
  { subject, use, issuer, url, key }: HolderRequest,
  clock: Clock,
): Promise<void> {
  const pem = await readIfThere(file);
  if (pem && isGood(pem, issuer, clock, url)) return;
  const { privateKey, publicKey } = newKey(key);
  const valid = use.kind === 'authority' ? years.issuer : years[use.kind];
  const addresses = url ? { addresses: addressesAt(url) } : {};
  const certificate = issueCertificate({ subject, publicKey, issuer, valid, use, ...addresses }, clock);
  await write(file, keyText(privateKey) + certificate.toString() + issuer.chain, 0o600);
}

/** Whether a certificate is its issuer's, valid for a while, and names the addresses where the services are now. */
function isGood(pem: string, issuer: Issuer, clock: Clock, url: string | undefined): boolean {
  const certificate = new X509Certificate(pem);
  const named = certificate.infoAccess ?? '';
  return (
    isCurrent(pem, clock) &&
    certificate.verify(issuer.certificate.publicKey) &&
    (url === undefined ? named === '' : named.includes(`URI:${url}/`))
  );
}

function newKey(kind: KeyKind = 'P-256'): KeyPairKeyObjectResult {
  if (kind === 'P-256' || kind === 'P-384') return generateKeyPairSync('ec', { namedCurve: kind });
  const modulusLength = Number(kind.split('-').at(-1));
  return kind.startsWith('RSA-PSS')
    ? generateKeyPairSync('rsa-pss', { modulusLength })
    : generateKeyPairSync('rsa', { modulusLength });
}
const keyText = (key: KeyObject) => key.export({ type: 'pkcs8', format: 'pem' }).toString();

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
