import type { Clock } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import type { SignatureLevel } from '../../records/documents.ts';
import { augment } from './augment.ts';
import type { OptionalTimestampSource, Timestamp, TimestampSource } from './cms.ts';
import { foundationsOf } from './foundations.ts';
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
      const timestamp = services && optional(services.timestamp, log);
      for (const [index, { signer, ...options }] of signatories.entries())
        pdf = await sign(pdf, signer, { ...options, field: `Signature${index + 1}` }, timestamp);
      if (!services) return { pdf, level: 'B-B', augmentDue: null };
      const due = { augmentDue: clock.now() };
      if (timestamp?.failed) return { pdf, level: 'B-B', ...due };
      try {
        return await augmented(pdf, services, clock);
      } catch (error) {
        if (!(error instanceof TrustServiceUnavailable)) throw error;
        log.warn({ reason: error.message }, 'a document is not yet augmented');
        return { pdf, level: 'B-T', ...due };
      }
    },
    augment(pdf) {
      if (!services) throw new Error('there is no timestamp authority');
      return augmented(pdf, services, clock);
    },
  };
}

async function augmented(pdf: Uint8Array, services: TrustServices, clock: Clock): Promise<SignedPdf> {
  const { timestamp, evidence } = services;
  const signedAt = clock.now();
  // What has no timestamp of its own gets one for all before the evidence, which must not be older.
  const stamped = foundationsOf(pdf).timestamped ? pdf : (await augment(pdf, undefined, timestamp)).pdf;
  const { certificates } = foundationsOf(stamped);
  const done = await augment(stamped, await evidence(certificates, signedAt), timestamp);
  return { pdf: done.pdf, level: 'B-LTA', augmentDue: new Date(done.until.getTime() - renewalMs) };
}

/** A source that gives up at its first failure: who waits for the document does not wait for an authority twice. */
function optional(timestamp: TimestampSource, log: Logger): OptionalTimestampSource & { failed: boolean } {
  const source = Object.assign(
    async (digest: Uint8Array): Promise<Timestamp | undefined> => {
      if (source.failed) return undefined;
      try {
        return await timestamp(digest);
      } catch (error) {
        if (!(error instanceof TrustServiceUnavailable)) throw error;
        log.warn({ reason: error.message }, 'a document is signed without a timestamp');
        source.failed = true;
        return undefined;
      }
    },
    { failed: false },
  );
  return source;
}
