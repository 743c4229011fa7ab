import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { certificatesIn, issuersOf, nameOf } from '../../records/certificates.ts';
import type { Signer } from './cms.ts';
import { openRemoteSigner } from './csc.ts';
import { readDescriptor, secretIn, type Described } from './descriptor.ts';
import { openTokenSigner } from './pkcs11.ts';
import type { KeyAndCertificates } from './pkcs12.ts';
import { schemeOf, signWithKey, type Padding } from './scheme.ts';

/** Where signers come from: people by their subject at the identity provider, agencies by their code. */
export interface Keystore {
  /** The certificate and key of a person. */
  person(sub: string): Promise<Signer>;
  /** The seal of an agency. */
  seal(agencyCode: string): Promise<Signer>;
}

/** Thrown when somebody has no usable certificate; the message names them and the file. */
export class KeystoreError extends Error {}

/**
 * Opens a folder of signers: `people/<sub>.pem` and `agencies/<code>.pem` hold a private key, its certificate, then the
 * issuers' certificates; `.json` in the place of `.pem` describes a key that lies elsewhere (descriptor.ts): in a PKCS#12 file, in a
 * token, or at a remote signing service.
 *
 * A renewed file counts at once, be it one that a description names. A certificate must name in its UID whom it is asked for.
 */
export function openKeystore(folder: string): Keystore {
  const loaded = new Map<string, { files: Files; signer: Signer }>();
  const load = async (kind: Kind, name: string): Promise<Signer> => {
    const path = await fileOf(folder, kind, name);
    const known = loaded.get(path);
    if (await known?.files.areCurrent()) return known!.signer;
    const files = new Files();
    const signer = await openSigner(path, name, files);
    loaded.set(path, { files, signer });
    return signer;
  };
  return { person: (sub) => load('people', sub), seal: (agencyCode) => load('agencies', agencyCode) };
}

/** Files that a signer was made from, each as it was when it was read. */
class Files {
  readonly #modified = new Map<string, number>();

  async read(path: string): Promise<Buffer> {
    try {
      // Before it is read: one that is renewed in between must not pass for the new one.
      this.#modified.set(path, (await stat(path)).mtimeMs);
      return await readFile(path);
    } catch (error) {
      throw unreadable(path, error);
    }
  }

  async areCurrent(): Promise<boolean> {
    const each = [...this.#modified].map(async ([path, modified]) => {
      const now = await stat(path).catch(() => undefined);
      return now?.mtimeMs === modified;
    });
    return (await Promise.all(each)).every(Boolean);
  }
}

/** The file of a signer; a description of one that lies elsewhere comes before a key. */
async function fileOf(folder: string, kind: Kind, name: string): Promise<string> {
  const pem = pemPath(folder, kind, name);
  for (const path of [pem.replace(/\.pem$/, '.json'), pem])
    try {
      await stat(path);
      return path;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw unreadable(path, error);
    }
  const whose = kind === 'people' ? `the person ${name}` : `the agency ${name}`;
  throw new KeystoreError(`${whose} has no certificate: ${pem} is missing`);
}

async function openSigner(path: string, name: string, files: Files): Promise<Signer> {
  const text = (await files.read(path)).toString();
  if (!path.endsWith('.json')) {
    const signer = readSigner(text, path);
    expectNamed(signer, name, path);
    return signer;
  }
  const described = readDescription(text, path);
  const signer = await openDescribed(described, path, files);
  expectNamed(signer, described.uid ?? name, path);
  return signer;
}

function readDescription(text: string, path: string): Described {
  try {
    return readDescriptor(text);
  } catch (error) {
    throw new KeystoreError(`${path} ${(error as Error).message}`);
  }
}

/** Opens what a description describes; files are named from its folder on. */
async function openDescribed(described: Described, path: string, files: Files): Promise<Signer> {
  const folder = dirname(path);
  switch (described.kind) {
    case 'csc': {
      const { clientSecret, factors, ...credential } = described;
      return openRemoteSigner({
        ...credential,
        clientSecret: secretIn(folder, clientSecret),
        factors: Object.fromEntries(
          Object.entries(factors).map(([id, secret]) => [id, secretIn(folder, secret)]),
        ),
      });
    }
    case 'pkcs12': {
      const file = resolve(folder, described.file);
      const password = await secretIn(folder, described.password)();
      const content = await files.read(file);
      // A tenth of a second to load, which workers without such a file need not wait for.
      const { openPkcs12 } = await import('./pkcs12.ts');
      const opened = await openPkcs12(content, password).catch((error: Error) => {
        throw new KeystoreError(`${file} ${error.message}`);
      });
      return softwareSigner(opened, file, described.padding);
    }
    case 'pkcs11': {
      const { pin, chain, ...key } = described;
      const issuers = chain ? certificatesIn((await files.read(resolve(folder, chain))).toString()) : [];
      return openTokenSigner({
        ...key,
        pin: secretIn(folder, pin),
        chain: issuers.map((issuer) => new X509Certificate(issuer)),
      });
    }
  }
}

const unreadable = (path: string, error: unknown) =>
  new KeystoreError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`);

type Kind = 'people' | 'agencies';

/** The name of the PEM file of a person or agency; refuses names that could lead out of the folder. */
export function pemPath(folder: string, kind: Kind, name: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._@-]{0,127}$/.test(name)) {
    throw new KeystoreError(
      `${JSON.stringify(name)} cannot name a certificate: letters, digits and . _ @ - only`,
    );
  }
  return join(folder, kind, `${name}.pem`);
}

/** Refuses the certificate of somebody else, whose file lies under this name by mistake or by intent. */
function expectNamed({ certificate }: Signer, name: string, path: string): void {
  const holder = new X509Certificate(certificate);
  if (!holder.subject.split('\n').includes(`UID=${name}`))
    throw new KeystoreError(`${path} is not the certificate of ${name}: it is that of ${nameOf(holder)}`);
}

/**
 * Reads a signer from PEM: a private key, its certificate, then issuers.
 *
 * @param padding of an RSA key; PKCS#1 v1.5 unless told
 * @throws KeystoreError naming `path` when a part is missing or the key is another certificate's
 */
export function readSigner(pem: string, path: string, padding?: Padding): Signer {
  const blocks = certificatesIn(pem);
  const key = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:EC |RSA )?PRIVATE KEY-----/.exec(
    pem,
  );
  if (!key || blocks.length === 0)
    throw new KeystoreError(`${path} must hold a private key and its certificate`);
  const certificates = blocks.map((block) => new X509Certificate(block));
  return softwareSigner({ key: createPrivateKey(key[0]), certificates }, path, padding);
}

/** A key in the memory of this process, with its certificate and those of the issuers. */
function softwareSigner(
  { key, certificates }: KeyAndCertificates,
  path: string,
  padding: Padding | undefined,
): Signer {
  const [certificate, ...others] = certificates;
  if (!certificate) throw new KeystoreError(`${path} holds no certificate`);
  if (!certificate.checkPrivateKey(key)) throw new KeystoreError(`${path}: the key is not the certificate's`);
  const scheme = schemeOf(certificate, padding);
  return {
    certificate: certificate.raw,
    chain: issuersOf(certificate, others).map(({ raw }) => raw),
    ...(padding && { padding }),
    sign: (bytes) => Promise.resolve(signWithKey(scheme, bytes, key)),
  };
}
