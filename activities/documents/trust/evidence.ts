import type { X509Certificate } from 'node:crypto';
import { AsnConvert } from '@peculiar/asn1-schema';
import { id_pkix_ocsp_nocheck } from '@peculiar/asn1-ocsp';
import { Certificate } from '@peculiar/asn1-x509';
import type { Clock } from '../../../clock.ts';
import type { Evidence } from '../augment.ts';
import { certificateOf, isIssuedBy, nameOf } from '../../../records/certificates.ts';
import { fetchCrl } from './crl.ts';
import { askOcsp } from './ocsp.ts';
import { statusAddresses, type StatusProof } from './status.ts';

/** Gathers what proves later that certificates were good when something was signed with them. */
export type EvidenceSource = (
  /** Certificates (DER) in any order, each with its issuers up to a trusted root. */
  certificates: Uint8Array[],
  /** When it was signed: an older proof says nothing about that instant. */
  signedAt: Date,
) => Promise<Evidence>;

/** A certificate, and how its status is learned. */
interface Known {
  certificate: X509Certificate;
  /** Absent for a root. */
  issuer?: X509Certificate;
  addresses: { ocsp?: string; crl?: string };
  last?: { askedAt: Date; proof: Promise<StatusProof> };
}

/** Lists are made seldom and may be long. */
const listKeptMs = 10 * 60_000;

/**
 * Opens the issuers' services, as their certificates name them. A proof that is late enough serves many documents; who asks
 * at the same time waits for the same answer.
 *
 * @param roots trusted without a proof
 * @returns a source that throws CertificateRevoked, or TrustServiceUnavailable when a proof cannot be had now
 */
export function openEvidence(roots: X509Certificate[], clock: Clock): EvidenceSource {
  const known = new Map<string, Known>();

  const lookUp = (certificate: X509Certificate, others: X509Certificate[]): Known => {
    const entry = known.get(certificate.fingerprint256) ?? learn(certificate, others, roots);
    known.set(certificate.fingerprint256, entry);
    return entry;
  };

  const proofFor = async (entry: Known, signedAt: Date): Promise<StatusProof | undefined> => {
    const { certificate, issuer, addresses } = entry;
    if (!issuer || (!addresses.ocsp && !addresses.crl)) return undefined;
    for (;;) {
      const { last } = entry;
      const proof = await last?.proof.catch(() => undefined);
      const now = clock.now();
      if (last && proof && proof.until > now) {
        const isKept = !addresses.ocsp && now.getTime() < last.askedAt.getTime() + listKeptMs;
        if (isKept || isLateEnough(last.askedAt, proof, signedAt)) return proof;
      }
      // Somebody else who waited has asked again.
      if (entry.last !== last) continue;
      const asked = { certificate, issuer, now };
      entry.last = {
        askedAt: now,
        proof: addresses.ocsp ? askOcsp(addresses.ocsp, asked) : fetchCrl(addresses.crl!, asked),
      };
      return entry.last.proof;
    }
  };

  return async (ders, signedAt) => {
    const given = ders.map(certificateOf);
    const certificates = new Map<string, X509Certificate>();
    const [ocsps, crls] = [new Map<string, Buffer>(), new Map<string, Buffer>()];
    const prove = async (certificate: X509Certificate): Promise<void> => {
      if (certificates.has(certificate.fingerprint256)) return;
      certificates.set(certificate.fingerprint256, certificate);
      const entry = lookUp(certificate, given);
      const proof = await proofFor(entry, signedAt);
      if (proof) (entry.addresses.ocsp ? ocsps : crls).set(proof.der.toString('base64'), proof.der);
      const responder = proof?.responder;
      if (responder && isNeverChecked(responder)) certificates.set(responder.fingerprint256, responder);
      else if (responder) await prove(responder);
      if (entry.issuer) await prove(entry.issuer);
    };
    await Promise.all(given.map(prove));
    return {
      certificates: [...certificates.values()].map(({ raw }) => raw),
      ocsps: [...ocsps.values()],
      crls: [...crls.values()],
    };
  };
}

function learn(certificate: X509Certificate, others: X509Certificate[], roots: X509Certificate[]): Known {
  if (roots.some(({ fingerprint256 }) => fingerprint256 === certificate.fingerprint256))
    return { certificate, addresses: {} };
  const issuer = [...others, ...roots].find((each) => isIssuedBy(certificate, each));
  if (!issuer) throw new Error(`the issuer of ${nameOf(certificate)} is not known`);
  return { certificate, issuer, addresses: statusAddresses(certificate) };
}

/** Whether a proof is of after the signature; proofs say the second in which they were made. */
const isLateEnough = (askedAt: Date, { at }: StatusProof, signedAt: Date): boolean =>
  askedAt >= signedAt || at.getTime() >= Math.floor(signedAt.getTime() / 1000) * 1000;

/** Whether an issuer says that nobody need ask for the status of its responder (RFC 6960, 4.2.2.2.1). */
function isNeverChecked(responder: X509Certificate): boolean {
  const { extensions } = AsnConvert.parse(responder.raw, Certificate).tbsCertificate;
  return extensions?.some(({ extnID }) => extnID === id_pkix_ocsp_nocheck) ?? false;
}
