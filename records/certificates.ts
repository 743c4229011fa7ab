import { X509Certificate } from 'node:crypto';

const known = new Map<string, X509Certificate>();
const most = 500;

/**
 * Reads a certificate; the same few come again with every signature, and reading one costs more than checking with it.
 *
 * @throws Error when it is none
 */
export function certificateOf(der: Uint8Array): X509Certificate {
  const key = Buffer.from(der.buffer, der.byteOffset, der.byteLength).toString('latin1');
  const certificate = known.get(key) ?? new X509Certificate(der);
  // The one that was used last is the last to go.
  known.delete(key);
  known.set(key, certificate);
  const [oldest] = known.keys();
  if (known.size > most && oldest !== undefined) known.delete(oldest);
  return certificate;
}
