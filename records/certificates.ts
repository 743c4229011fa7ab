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

/** The certificates of a PEM file, each as a PEM block of its own. */
export const certificatesIn = (pem: string): string[] =>
  pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];

/** Whose certificate it is, on one line. */
export const nameOf = ({ subject }: X509Certificate): string => subject.replaceAll('\n', ', ');

/** Whether a certificate was issued by an authority with this one. */
export const isIssuedBy = (certificate: X509Certificate, authority: X509Certificate): boolean =>
  authority.ca && certificate.checkIssued(authority) && certificate.verify(authority.publicKey);

/** The authorities above a certificate, nearest first and without the root, as far as they are among these. */
export function issuersOf(certificate: X509Certificate, among: X509Certificate[]): X509Certificate[] {
  const issuer = among.find((each) => isIssuedBy(certificate, each) && !isIssuedBy(each, each));
  // Who certifies each other must not go round for ever.
  return issuer
    ? [
        issuer,
        ...issuersOf(
          issuer,
          among.filter((each) => each !== issuer),
        ),
      ]
    : [];
}
