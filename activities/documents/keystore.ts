import { createPrivateKey, sign as signWith, X509Certificate } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { hashOf } from './cms.ts';
import type { Signer } from './cms.ts';

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
 * Opens a folder of PEM files, `people/<sub>.pem` and `agencies/<code>.pem`: a private key, its certificate, then the
 * issuers' certificates.
 *
 * A renewed file counts at once.
 */
export function openKeystore(folder: string): Keystore {
  const loaded = new Map<string, { modified: number; signer: Signer }>();
  const load = async (kind: Kind, name: string): Promise<Signer> => {
    const path = pemPath(folder, kind, name);
    try {
      const { mtimeMs: modified } = await stat(path);
      const known = loaded.get(path);
      if (known?.modified === modified) return known.signer;
      const signer = readSigner(await readFile(path, 'utf8'), path);
      loaded.set(path, { modified, signer });
      return signer;
    } catch (error) {
      if (error instanceof KeystoreError) throw error;
      const { code } = error as NodeJS.ErrnoException;
      const whose = kind === 'people' ? `the person ${name}` : `the agency ${name}`;
      if (code === 'ENOENT') throw new KeystoreError(`${whose} has no certificate: ${path} is missing`);
      throw new KeystoreError(`${path} cannot be read: ${code ?? String(error)}`);
    }
  };
  return { person: (sub) => load('people', sub), seal: (agencyCode) => load('agencies', agencyCode) };
}

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

/**
 * Reads a signer from PEM: a private key, its certificate, then issuers.
 *
 * @throws KeystoreError naming `path` when a part is missing or the key is another certificate's
 */
export function readSigner(pem: string, path: string): Signer {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  const key = /-----BEGIN (?:EC |RSA )?PRIVATE KEY-----[\s\S]+?-----END (?:EC |RSA )?PRIVATE KEY-----/.exec(
    pem,
  );
  if (!key || blocks.length === 0)
    throw new KeystoreError(`${path} must hold a private key and its certificate`);
  const [certificate, ...chain] = blocks.map((block) => new X509Certificate(block));
  const privateKey = createPrivateKey(key[0]);
  if (!certificate?.checkPrivateKey(privateKey))
    throw new KeystoreError(`${path}: the key is not the certificate's`);
  const signer: Signer = {
    certificate: certificate.raw,
    chain: chain.map(({ raw }) => raw),
    sign: (bytes) => Promise.resolve(signWith(hashOf(signer), bytes, privateKey)),
  };
  return signer;
}
