import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { keepEffect } from './effects.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

interface Text {
  vi: string;
  en: string;
}

/** A call of a case by its business key; `activity` as the Temporal UI names it, for example `ask parcel`. */
export interface CallKey {
  case: string;
  activity: string;
  number: number;
}

/** A try that failed. */
export interface FailedTry {
  at: Date;
  failure: Text;
  connector: string | undefined;
  /** What the story may be told in the place of an answer; undefined where nothing but the answer will do. */
  standIn: unknown;
}

const rowOf = ({ case: code, activity, number }: CallKey) => ({ case_code: code, activity, number });

/** Keeps that a try of a call failed, and counts it. */
export async function noteFailedTry(
  db: Database,
  key: CallKey,
  { at, failure, connector, standIn }: FailedTry,
): Promise<void> {
  const last = {
    last_at: at,
    failure: JSON.stringify(failure),
    connector: connector ?? null,
    stand_in: standIn === undefined ? null : JSON.stringify(standIn),
  };
  await db('retrying_calls')
    .insert({ ...rowOf(key), ...last, attempts: 1, since: at })
    .onConflict(['case_code', 'activity', 'number'])
    .merge({ ...last, attempts: db.raw('retrying_calls.attempts + 1') });
}

/** Forgets the failed tries of a call that has succeeded. */
export async function forgetFailedTries(db: Database, key: CallKey): Promise<void> {
  await db('retrying_calls').where(rowOf(key)).delete();
}

/** A call of an open case that is tried again until it succeeds. */
export interface RetryingCall extends CallKey {
  /** The agency whose system is asked; null for work of this system. */
  agency: Text | null;
  attempts: number;
  since: string;
  lastAt: string;
  failure: Text;
  /** Whether the story can go on without it. */
  maySkip: boolean;
}

interface CallRow extends Omit<RetryingCall, 'since' | 'lastAt' | 'maySkip'> {
  since: Date;
  lastAt: Date;
  standIn: unknown;
}

const calls = (db: Database | Transaction) =>
  db('retrying_calls')
    .join('cases', 'cases.code', 'retrying_calls.case_code')
    .leftJoin('connectors', 'connectors.code', 'retrying_calls.connector')
    .whereNull('cases.closed_at')
    .select<CallRow[]>({
      case: 'case_code',
      activity: 'activity',
      number: 'number',
      agency: 'connectors.name',
      attempts: 'attempts',
      since: 'since',
      lastAt: 'last_at',
      failure: 'failure',
      standIn: 'stand_in',
    });

const shown = ({ standIn, ...row }: CallRow): RetryingCall => ({
  ...row,
  maySkip: standIn !== null,
  since: row.since.toISOString(),
  lastAt: row.lastAt.toISOString(),
});

/** Lists the calls that are tried again, those that failed most often first. */
export async function listRetrying(db: Database, limit: number): Promise<RetryingCall[]> {
  const rows = await calls(db)
    .orderBy([{ column: 'attempts', order: 'desc' }, 'since'])
    .limit(limit);
  return rows.map(shown);
}

/**
 * Finds a call that is tried again.
 *
 * @throws Refusal `not-found` when there is none, or it has succeeded since
 */
export async function findRetrying(db: Database | Transaction, key: CallKey): Promise<RetryingCall> {
  return shown(await findCall(db, key));
}

async function findCall(db: Database | Transaction, key: CallKey): Promise<CallRow> {
  const [row] = await calls(db).where(rowOf(key));
  if (!row)
    throw new Refusal(
      'not-found',
      'Việc này không còn phải thử lại · This call is not being tried again (any more)',
    );
  return row;
}

/** Who steps in, when and why. */
export interface SteppingIn {
  actor: Actor;
  at: Date;
  reason: string;
}

/**
 * Has a call tried again at once.
 *
 * @throws Refusal `not-found`
 */
export async function retryNow(trx: Transaction, by: SteppingIn, key: CallKey): Promise<void> {
  await stepIn(trx, 'retried', by, key);
}

/**
 * Lets the story go on without an agency's answer: it is told the stand-in, and officers look at the papers instead. An answer
 * that comes meanwhile stays the answer.
 *
 * @throws Refusal `not-found`, or `no-stand-in` where nothing but the answer will do
 */
export async function skipAnswer(trx: Transaction, by: SteppingIn, key: CallKey): Promise<void> {
  const { standIn } = await findCall(trx, key);
  if (standIn === null)
    throw new Refusal(
      'no-stand-in',
      'Bước này chỉ đi tiếp khi có trả lời của hệ thống đó · Only the answer of that system lets this step go on',
    );
  await stepIn(trx, 'skipped', by, key);
  const [, effect = ''] = key.activity.split(' ');
  await keepEffect(trx, { caseCode: key.case, effect, number: key.number }, standIn, by.at);
}

async function stepIn(
  trx: Transaction,
  event: 'retried' | 'skipped',
  { actor, at, reason }: SteppingIn,
  key: CallKey,
): Promise<void> {
  const end = await lockRecord(trx, key.case);
  const { attempts } = await findCall(trx, key);
  await trx('retrying_calls').where(rowOf(key)).update({ retry_asked_at: at });
  const { activity, number } = key;
  await appendEntry(
    trx,
    { case_code: key.case, ...end },
    {
      at,
      actor,
      event,
      details: { activity, number, attempts, reason },
      reference: `${event}:${activity}:${number}:${attempts}:${at.toISOString()}`,
    },
  );
}

/** Has everything tried again at once that waits for a connector. */
export async function askRetriesOf(trx: Transaction, connector: string, at: Date): Promise<void> {
  await trx('retrying_calls').where({ connector }).update({ retry_asked_at: at });
}

/**
 * Takes a call of which Temporal must be told that it is tried at once, and tells it; one that cannot be told stays.
 *
 * @returns false when there is none
 */
export async function takeAskedRetry(
  db: Database,
  tell: (call: Pick<CallKey, 'case' | 'activity'>) => Promise<void>,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const row = await trx('retrying_calls')
      .whereNotNull('retry_asked_at')
      .orderBy('retry_asked_at')
      .forUpdate()
      .skipLocked()
      .first<{ case_code: string; activity: string; number: number } | undefined>(
        'case_code',
        'activity',
        'number',
      );
    if (!row) return false;
    await tell({ case: row.case_code, activity: row.activity });
    await trx('retrying_calls').where(row).update({ retry_asked_at: null });
    return true;
  });
}
