import { X509Certificate } from 'node:crypto';
import { openJournal } from '../agencies/journal.ts';

/** A certificate that its issuer no longer stands for. */
export interface Revocation {
  /** Serial number in upper-case hexadecimal, as node:crypto writes it. */
  serial: string;
  /** Instant in ISO 8601. */
  at: string;
}

/** What was revoked; kept in a file, as a revocation must survive a restart. */
export interface Revocations {
  find(serial: string): Revocation | undefined;
  all(): Revocation[];
  /** Revokes a certificate (PEM); one that is revoked already stays as it is. */
  revoke(certificate: string, at: Date): Revocation;
}

/** Opens the list of revocations, or an empty one that forgets when no file is given. */
export function openRevocations(file: string | undefined): Revocations {
  const journal = openJournal<Revocation>(file);
  const known = new Map(journal.past.map((each) => [each.serial, each]));
  return {
    find: (serial) => known.get(serial),
    all: () => [...known.values()],
    revoke(certificate, at) {
      const serial = new X509Certificate(certificate).serialNumber;
      const revoked = known.get(serial) ?? { serial, at: at.toISOString() };
      if (!known.has(serial)) journal.write(revoked);
      known.set(serial, revoked);
      return revoked;
    },
  };
}
