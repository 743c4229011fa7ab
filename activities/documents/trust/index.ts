import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../../../clock.ts';
import { ConfigError, type Config } from '../../../config.ts';
import { certificatesIn } from '../../../records/certificates.ts';
import type { TimestampSource } from '../cms.ts';
import { openEvidence, type EvidenceSource } from './evidence.ts';
import { openTimestampAuthority } from './timestamp.ts';

/** The services that make a signature last. */
export interface TrustServices {
  timestamp: TimestampSource;
  evidence: EvidenceSource;
}

/**
 * Opens the trust services that the configuration names.
 *
 * @returns nothing where no timestamp authority is configured
 * @throws ConfigError when TRUST_ANCHORS holds no certificate
 */
export async function openTrustServices(
  { TIMESTAMP_URL: url, TRUST_ANCHORS: file }: Pick<Config, 'TIMESTAMP_URL' | 'TRUST_ANCHORS'>,
  clock: Clock,
): Promise<TrustServices | undefined> {
  if (!url) return undefined;
  const wrong = (why: string) => new ConfigError(`TRUST_ANCHORS is ${JSON.stringify(file)}; ${why}`);
  if (!file) throw new ConfigError('TRUST_ANCHORS is not set; with TIMESTAMP_URL it is required');
  const pem = await readFile(file, 'utf8').catch(() => {
    throw wrong('the file cannot be read');
  });
  const blocks = certificatesIn(pem);
  if (blocks.length === 0) throw wrong('allowed: a PEM file with the root certificates');
  const roots = blocks.map((block) => new X509Certificate(block));
  return { timestamp: openTimestampAuthority(url, roots), evidence: openEvidence(roots, clock) };
}
