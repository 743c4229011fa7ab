import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import express from 'express';
import { pemPath } from '../activities/documents/keystore.ts';
import { openTrustServices, type TrustServices } from '../activities/documents/trust/index.ts';
import { serve } from '../embedded/agencies/desk.ts';
import { createAuthority } from '../embedded/authority/index.ts';
import { preparePki, type PkiOptions } from '../embedded/pki.ts';

/** The sample trust services over a PKI of their own, on a real port. */
export interface SampleAuthority {
  /** Below it are the services that certificates name. */
  url: string;
  services: TrustServices;
  /** Switches services off, and all others on. */
  down(...services: ('timestamps' | 'ocsp' | 'crl')[]): Promise<void>;
  /** Revokes the certificate of a person or an agency. */
  revoke(kind: 'people' | 'agencies', name: string): Promise<void>;
  close(): Promise<void>;
}

/** Makes the PKI in a folder and serves it. */
export async function openSampleAuthority(options: Omit<PkiOptions, 'url'>): Promise<SampleAuthority> {
  const { folder, clock } = options;
  const outer = express();
  const { url: origin, close } = await serve(outer, 0);
  const url = `${origin}/dev-pki`;
  await preparePki({ ...options, url });
  outer.use(await createAuthority({ folder, clock }));
  const services = await openTrustServices(
    { TIMESTAMP_URL: `${url}/timestamps`, TRUST_ANCHORS: join(folder, 'root.pem') },
    clock,
  );
  const tell = async (method: string, path: string, body: unknown) => {
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(`${origin}${path}`, { method, headers, body: JSON.stringify(body) });
    if (!answer.ok) throw new Error(await answer.text());
  };
  return {
    url,
    services: services!,
    down: (...down) => tell('PUT', '/control', { down }),
    async revoke(kind, name) {
      const certificate = await readFile(pemPath(folder, kind, name), 'utf8');
      await tell('POST', '/revocations', { certificate: new X509Certificate(certificate).toString() });
    },
    close,
  };
}
