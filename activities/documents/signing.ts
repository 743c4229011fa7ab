import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { SignatureLevel } from '../../records/documents.ts';
import { augment } from './augment.ts';
import type { OptionalTimestampSource, TimestampSource } from './cms.ts';
import { foundationsOf, type Foundations } from './foundations.ts';
import { sign, type SignatureOptions, type Signer } from './sign.ts';
import type { TrustServices } from './trust/index.ts';
import { TrustServiceUnavailable } from './trust/service.ts';

/** A signed document. */
export interface SignedPdf {
  pdf: Uint8Array;
  level: SignatureLevel;
  /** When it must be augmented (again): at once, or before its last timestamp expires; null where there is no timestamp authority. */
  augmentDue: Date | null;
}

/** Who signs, and what the signature says. */
export interface Signatory extends Omit<SignatureOptions, 'field'> {
  signer: Signer;
}

/** How documents are signed in this installation. */
export interface Signing {
  /**
   * Signs for each in turn. While a trust service does not answer the document is signed all the same, at the level that can
   * be reached; it is to be augmented later.
   *
   * @throws CertificateRevoked or SigningError: then there is no document
   */
  sign(pdf: Uint8Array, signatories: Signatory[]): Promise<SignedPdf>;
  /**
   * Raises a signed document to PAdES-B-LTA, or renews it.
   *
   * @throws TrustServiceUnavailable, or CertificateRevoked
   */
  augment(pdf: Uint8Array): Promise<SignedPdf>;
}

/** A timestamp is renewed so long before the certificate of its authority expires. */
const renewalMs = 180 * 24 * 3_600_000;

/** Makes the way in which documents are signed; without trust services they stay at PAdES-B-B. */
export function createSigning(services: TrustServices | undefined, clock: Clock, log: Logger): Signing {
  return {
    async sign(pdf, signatories) {
      const stamps = services && new Stamps(services.timestamp, log);
      for (const [index, { signer, ...options }] of signatories.entries())
        pdf = await sign(pdf, signer, { ...options, field: `Signature${index + 1}` }, stamps?.stamp);
      if (!services || !stamps) return { pdf, level: 'B-B', augmentDue: null };
      const due = { augmentDue: clock.now() };
      if (stamps.failed) return { pdf, level: 'B-B', ...due };
      try {
        const certificates = signatories.flatMap(({ signer }) => [signer.certificate, ...signer.chain]);
        const foundations = { certificates: [...certificates, ...stamps.certificates], timestamped: true };
        return await augmented(pdf, foundations, services, clock);
      } catch (error) {
        if (!(error instanceof TrustServiceUnavailable)) throw error;
        log.warn({ reason: error.message }, 'a document is not yet augmented');
        return { pdf, level: 'B-T', ...due };
      }
    },
    augment(pdf) {
      if (!services) throw new Error('there is no timestamp authority');
      return augmented(pdf, foundationsOf(pdf), services, clock);
    },
  };
}

async function augmented(
  pdf: Uint8Array,
  { certificates, timestamped }: Foundations,
  { timestamp, evidence }: TrustServices,
  clock: Clock,
): Promise<SignedPdf> {
  const signedAt = clock.now();
  if (!timestamped) {
    // What has no timestamp of its own gets one for all before the evidence, which must not be older.
    const stamped = await augment(pdf, undefined, timestamp);
    return augmented(stamped.pdf, foundationsOf(stamped.pdf), { timestamp, evidence }, clock);
  }
  const done = await augment(pdf, await evidence(certificates, signedAt), timestamp);
  return { pdf: done.pdf, level: 'B-LTA', augmentDue: new Date(done.until.getTime() - renewalMs) };
}

/** A source that gives up at its first failure: who waits for the document does not wait for an authority twice. */
class Stamps {
  failed = false;
  /** Of the authorities that have stamped. */
  readonly certificates: Uint8Array[] = [];
  readonly stamp: OptionalTimestampSource;

  constructor(timestamp: TimestampSource, log: Logger) {
    this.stamp = async (digest) => {
      if (this.failed) return undefined;
      try {
        const stamp = await timestamp(digest);
        this.certificates.push(...stamp.certificates);
        return stamp;
      } catch (error) {
        if (!(error instanceof TrustServiceUnavailable)) throw error;
        log.warn({ reason: error.message }, 'a document is signed without a timestamp');
        this.failed = true;
        return undefined;
      }
    };
  }
}
