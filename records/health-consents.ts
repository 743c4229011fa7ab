import { randomUUID } from 'node:crypto';
import type { DataClass, Purpose, SensitiveClass } from '../fhir/codings.ts';
import type { Database, Transaction } from './db.ts';
import { recordOfCitizen } from './health-records.ts';
import { localDay } from './local-day.ts';

/** What a consent lets whom see, what for and how long (ISO dates, local; the last day is in it). */
export interface Granted {
  recipient: string;
  purpose: Purpose;
  classes: DataClass[];
  sensitive: SensitiveClass[];
  /** The day on which it is granted, unless told. */
  from?: string | undefined;
  to: string;
}

/**
 * Brings the first version of a consent into force, once for its case.
 *
 * @returns false where its citizen has no record any more: there is nothing to consent to
 */
export async function grantConsent(
  db: Database,
  { caseCode, personalNumber, at }: { caseCode: string; personalNumber: string; at: Date },
  granted: Granted,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const record = await recordOfCitizen(trx, personalNumber);
    if (!record) return false;
    await insertVersion(trx, { id: randomUUID(), version: 1, caseCode, recordId: record.id, at }, granted);
    return true;
  });
}

interface Version {
  id: string;
  version: number;
  caseCode: string;
  recordId: string;
  at: Date;
}

async function insertVersion(
  trx: Transaction,
  { id, version, caseCode, recordId, at }: Version,
  { recipient, purpose, classes, sensitive, from, to }: Granted,
): Promise<void> {
  await trx('health_consents')
    .insert({
      id,
      version,
      case_code: caseCode,
      record_id: recordId,
      recipient,
      purpose,
      classes,
      sensitive,
      valid_from: from ?? localDay(at),
      valid_to: to,
      state: 'active',
      granted_at: at,
    })
    .onConflict(['case_code', 'version'])
    .ignore();
}

interface Active extends Omit<Granted, 'from' | 'to'> {
  id: string;
  version: number;
  record_id: string;
}

const active = (trx: Transaction | Database, caseCode: string) =>
  trx('health_consents').where({ case_code: caseCode, state: 'active' });

/** Ends the version of a consent that is in force: nothing more is seen from the commit on. */
export async function endConsent(
  trx: Transaction | Database,
  caseCode: string,
  as: 'withdrawn' | 'expired' | 'replaced',
  at: Date,
): Promise<void> {
  await active(trx, caseCode).update({ state: as, ended_at: at });
}

/** Puts a new version in the place of the one in force; the recipient and the purpose stay as they are. */
export async function replaceConsent(
  trx: Transaction,
  caseCode: string,
  { classes, sensitive, from, to }: Pick<Granted, 'classes' | 'sensitive' | 'from' | 'to'>,
  at: Date,
): Promise<void> {
  const old = await active(trx, caseCode).forUpdate().first<Active | undefined>();
  if (!old) return;
  await endConsent(trx, caseCode, 'replaced', at);
  const version = { id: old.id, version: old.version + 1, caseCode, recordId: old.record_id, at };
  await insertVersion(trx, version, { ...old, classes, sensitive, from, to });
}
