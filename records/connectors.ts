import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';
import { askRetriesOf } from './retrying.ts';
import { lockSettings, noteChange, type ChangeBy } from './setting-changes.ts';

interface Text {
  vi: string;
  en: string;
}

/** Why a connector is switched off, and until when (ISO 8601); null: until somebody switches it on. */
export interface SwitchedOff {
  reason: string;
  until: string | null;
}

/** A connector as admins see it; figures are those of the last hour. */
export interface ConnectorView {
  code: string;
  name: Text;
  off: (SwitchedOff & { since: string }) | null;
  answered: number;
  failed: number;
  /** Of what was answered, in milliseconds; null when nothing was. */
  averageMs: number | null;
  lastAnswerAt: string | null;
  lastFailureAt: string | null;
  lastFailure: Text | null;
  /** Calls of open cases that are tried again and again. */
  retrying: number;
}

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

/** Makes the connectors of this program known; those that are no longer there stay, with their history. */
export async function registerConnectors(db: Database, names: Readonly<Record<string, Text>>): Promise<void> {
  const rows = Object.entries(names).map(([code, name]) => ({ code, name: JSON.stringify(name) }));
  await db('connectors').insert(rows).onConflict('code').merge(['name']);
}

/** Tells why a connector may not be asked at an instant; undefined when it may. */
export async function switchedOff(db: Database, code: string, at: Date): Promise<SwitchedOff | undefined> {
  const row = await db('connectors')
    .where({ code })
    .whereNotNull('off_at')
    .whereRaw('(off_until IS NULL OR off_until > ?)', [at])
    .first<{ off_reason: string; off_until: Date | null } | undefined>('off_reason', 'off_until');
  return row && { reason: row.off_reason, until: row.off_until?.toISOString() ?? null };
}

/** Tells why what a case asks waits longer than its agency: an admin has switched the connector off. */
export async function pauseOf(db: Database, caseCode: string, at: Date): Promise<SwitchedOff | undefined> {
  const row = await db('retrying_calls')
    .where({ case_code: caseCode })
    .whereNotNull('connector')
    .orderBy('since')
    .first<{ connector: string } | undefined>('connector');
  return row && switchedOff(db, row.connector, at);
}

/** Counts how a connector answered; all workers count together. */
export async function noteConnectorCall(
  db: Database,
  code: string,
  { at, tookMs, failure }: { at: Date; tookMs: number; failure?: Text | undefined },
): Promise<void> {
  const minute = new Date(at.getTime() - (at.getTime() % 60_000));
  const { rows } = await db.raw<{ rows: { first: boolean }[] }>(
    /* sql */ `
    INSERT INTO connector_minutes AS known
           (connector, minute, answered, failed, took, last_answer_at, last_failure_at, last_failure)
    VALUES (:code, :minute, :answered, :failed, :took, :answerAt, :failureAt, :failure)
    ON CONFLICT (connector, minute) DO UPDATE
       SET answered = known.answered + excluded.answered, failed = known.failed + excluded.failed,
           took = known.took + excluded.took,
           last_answer_at = coalesce(excluded.last_answer_at, known.last_answer_at),
           last_failure_at = coalesce(excluded.last_failure_at, known.last_failure_at),
           last_failure = coalesce(excluded.last_failure, known.last_failure)
    RETURNING answered + failed = 1 AS first`,
    {
      code,
      minute,
      answered: failure ? 0 : 1,
      failed: failure ? 1 : 0,
      took: failure ? 0 : Math.round(tookMs),
      answerAt: failure ? null : at,
      failureAt: failure ? at : null,
      failure: failure ? JSON.stringify(failure) : null,
    },
  );
  // Whoever begins a minute clears away those of the day before.
  if (rows[0]?.first)
    await db('connector_minutes')
      .where({ connector: code })
      .where('minute', '<', new Date(at.getTime() - dayMs))
      .delete();
}

/** Lists the connectors by their names, with how they have answered in the last hour. */
export async function listConnectors(db: Database, at: Date): Promise<ConnectorView[]> {
  const { rows } = await db.raw<{ rows: ConnectorView[] }>(
    /* sql */ `
    SELECT code, name,
           CASE WHEN off_at IS NOT NULL AND (off_until IS NULL OR off_until > :at)
                THEN jsonb_build_object('reason', off_reason, 'since', off_at, 'until', off_until) END AS off,
           coalesce(hour.answered, 0)::int AS answered, coalesce(hour.failed, 0)::int AS failed,
           hour.took::int AS "averageMs", day.answer AS "lastAnswerAt", day.failure AS "lastFailureAt", last.failure AS "lastFailure",
           (SELECT count(*)::int FROM retrying_calls JOIN cases ON cases.code = case_code AND closed_at IS NULL
             WHERE connector = connectors.code) AS retrying
      FROM connectors
           LEFT JOIN LATERAL (SELECT sum(answered) AS answered, sum(failed) AS failed, sum(took) / nullif(sum(answered), 0) AS took
                                FROM connector_minutes WHERE connector = code AND minute > :hour) hour ON true
           LEFT JOIN LATERAL (SELECT max(last_answer_at) AS answer, max(last_failure_at) AS failure
                                FROM connector_minutes WHERE connector = code) day ON true
           LEFT JOIN LATERAL (SELECT last_failure AS failure FROM connector_minutes
                               WHERE connector = code AND last_failure IS NOT NULL ORDER BY minute DESC LIMIT 1) last ON true
     ORDER BY name->>'vi'`,
    { at, hour: new Date(at.getTime() - hourMs) },
  );
  const iso = (instant: unknown) => instant && new Date(instant as string).toISOString();
  return rows.map((row) => ({
    ...row,
    off: row.off && { ...row.off, since: iso(row.off.since) as string, until: iso(row.off.until) as string },
    lastAnswerAt: iso(row.lastAnswerAt) as string | null,
    lastFailureAt: iso(row.lastFailureAt) as string | null,
  }));
}

/**
 * Switches a connector off, or on again (null); what waits for it goes on at once then.
 *
 * @returns the number of the change in the history of settings; null when nothing differs
 * @throws Refusal `not-found`, or `invalid-form` when it would be on again before it is off
 */
export async function switchConnector(
  trx: Transaction,
  by: ChangeBy,
  code: string,
  off: SwitchedOff | null,
): Promise<{ change: number | null }> {
  await lockSettings(trx);
  const row = await trx('connectors')
    .where({ code })
    .forUpdate()
    .first<{ off_at: Date | null; off_reason: string; off_until: Date | null } | undefined>(
      'off_at',
      'off_reason',
      'off_until',
    );
  if (!row) throw new Refusal('not-found', 'Không có kết nối này · There is no such connector');
  if (off?.until && new Date(off.until) <= by.at)
    throw new Refusal('invalid-form', 'Có thông tin chưa đúng · Some of the information is wrong', [
      { pointer: '/until', detail: 'Phải ở tương lai · This must be in the future' },
    ]);
  const before = row.off_at && { reason: row.off_reason, until: row.off_until?.toISOString() ?? null };
  await trx('connectors')
    .where({ code })
    .update({
      off_at: off && by.at,
      off_reason: off && off.reason,
      off_until: off && off.until,
    });
  if (!off) await askRetriesOf(trx, code, by.at);
  return { change: await noteChange(trx, by, { area: 'connectors', subject: code, before, after: off }) };
}
