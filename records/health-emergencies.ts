import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import { tellCase } from './case-acts.ts';
import type { Database, Transaction } from './db.ts';
import { noteAccess } from './fhir/accesses.ts';
import { notify } from './notices.ts';
import { lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/** How long a glass stays broken. */
const openFor = 24 * 3_600_000;

/** The task of the record's case in which somebody else says whether it was right. */
const review = 'emergencyReview';

interface By {
  actor: Actor;
  at: Date;
}

/**
 * Opens a health record in an emergency, for whoever asks and nobody else: all but what is sensitive, for 24 hours. Its citizen is
 * told in the same transaction, and the record's authority reviews it.
 *
 * @throws Refusal `not-found` where nobody with that number has a record
 */
export async function breakGlass(
  trx: Transaction,
  { actor, at }: By,
  { personalNumber, reason }: { personalNumber: string; reason: string },
): Promise<{ record: string; until: Date }> {
  const found = await trx('health_records')
    .join('cases', 'cases.code', 'case_code')
    .where({ personal_number: personalNumber })
    .whereIn('health_records.state', ['open', 'restricted'])
    .whereNull('cases.closed_at')
    .first<{ id: string; case_code: string; citizen_sub: string } | undefined>(
      'id',
      'case_code',
      'citizen_sub',
    );
  if (!found)
    throw new Refusal('not-found', 'Không có hồ sơ sức khỏe nào · There is no health record of that number');
  const { id: record, case_code: code, citizen_sub: citizen } = found;
  const end = await lockRecord(trx, code);
  const id = randomUUID();
  // The case, and so Temporal, is told no more than that it happened: who, why and whose stay here.
  const message = { kind: 'open', task: review, context: { emergency: id, asker: actor.sub } };
  const { act } = await tellCase(trx, { actor, at }, code, end, {
    event: 'break-glass',
    details: { emergency: id },
    message,
  });
  const until = new Date(at.getTime() + openFor);
  const { sub, name, title, agency } = actor;
  await trx('health_emergencies').insert({
    id,
    record_id: record,
    sub,
    actor: JSON.stringify({ name, title, agency }),
    reason,
    at,
    until_at: until,
    act,
  });
  await notify(trx, { code, notice: 'break-glass', to: [citizen], number: act, at });
  const reader = { actor, at, purpose: 'emergency' as const };
  await noteAccess(trx, reader, {
    records: [record],
    action: 'break-glass',
    type: undefined,
    ground: 'emergency',
    found: 1,
  });
  return { record, until };
}

/**
 * Keeps what a review has found, in the transaction of the act that answers it: an abuse ends the access at once, and the citizen is
 * told either way.
 */
export async function judgeEmergency(
  trx: Transaction,
  { actor, at }: By,
  { code, number, verdict }: { code: string; number: number; verdict: 'justified' | 'abuse' },
): Promise<void> {
  const [judged] = await trx('health_emergencies')
    .join('health_records', 'health_records.id', 'record_id')
    .where({ case_code: code, act: number })
    .select<{ id: string; record_id: string; citizen_sub: string }[]>(
      'health_emergencies.id',
      'record_id',
      'citizen_sub',
    );
  if (!judged) return;
  const { sub, name, agency } = actor;
  await trx('health_emergencies')
    .where({ id: judged.id })
    .update({ verdict, judged_at: at, judged_by: JSON.stringify({ sub, name, agency }) });
  await notify(trx, { code, notice: `emergency-${verdict}`, to: [judged.citizen_sub], number, at });
  const reader = { actor, at, purpose: undefined };
  await noteAccess(trx, reader, {
    records: [judged.record_id],
    action: 'judge',
    type: undefined,
    ground: 'emergency',
    found: 1,
  });
}

/** An emergency as its citizen and its reviewer see it. */
export interface Emergency {
  id: string;
  at: string;
  until: string;
  name: string;
  title?: string;
  agency: { vi: string; en: string } | null;
  reason: string;
  verdict: 'justified' | 'abuse' | null;
  judgedAt: string | null;
}

interface Row {
  id: string;
  at: Date;
  until_at: Date;
  actor: { name: string; title?: string };
  agency_name: { vi: string; en: string } | null;
  reason: string;
  verdict: Emergency['verdict'];
  judged_at: Date | null;
}

const emergencies = (db: Database | Transaction) =>
  db('health_emergencies')
    .leftJoin('agencies', 'agencies.code', db.raw(`actor->>'agency'`))
    .orderBy('at', 'desc')
    .select<Row[]>(
      'id',
      'at',
      'until_at',
      'actor',
      'agencies.name as agency_name',
      'reason',
      'verdict',
      'judged_at',
    );

const shown = ({ actor: { name, title }, ...row }: Row): Emergency => ({
  id: row.id,
  at: row.at.toISOString(),
  until: row.until_at.toISOString(),
  name,
  ...(title ? { title } : {}),
  agency: row.agency_name,
  reason: row.reason,
  verdict: row.verdict,
  judgedAt: row.judged_at?.toISOString() ?? null,
});

/** Lists when a record was opened in an emergency, the latest first. */
export async function emergenciesOf(db: Database, record: string): Promise<Emergency[]> {
  return (await emergencies(db).where({ record_id: record }).limit(100)).map(shown);
}

/** Finds an emergency for whoever reviews it. */
export async function findEmergency(db: Database, id: string): Promise<Emergency | undefined> {
  return (await emergencies(db).where({ id })).map(shown)[0];
}
