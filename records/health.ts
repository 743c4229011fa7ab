import type { Database } from './db.ts';
import { isDue } from './outbox.ts';

/** What is late between people's acts, the cases and their results; every figure should read 0. */
export interface Overdue {
  /** Acts that wait for more than 30 s to be told to their case, unless they can still be undone. */
  unsentActs: number;
  /** Cases filed more than 30 s ago whose workflow has not written its first step. */
  casesWithoutRun: number;
  /** Cases that ended with a decision but without its document. */
  decidedWithoutResult: number;
  /** Cases that were closed more than a day ago, in the last month, and whose history is not in the archive. */
  closedWithoutArchive: number;
}

const day = 86_400_000;

/** Compares outbox, cases, results and archive. */
export async function findOverdue(db: Database, at: Date): Promise<Overdue> {
  const { rows } = await db.raw<{ rows: Overdue[] }>(
    /* sql */ `
    SELECT (SELECT count(*) FROM outbox o WHERE created_at < :late AND ${isDue}) AS "unsentActs",
           (SELECT count(*) FROM cases WHERE closed_at IS NULL AND run_id IS NULL AND filed_at < :late)
             AS "casesWithoutRun",
           (SELECT count(*) FROM cases c WHERE c.state = 10 AND c.closed_at > :recent
               AND NOT EXISTS (SELECT FROM documents d WHERE d.case_code = c.code AND d.register_number IS NOT NULL))
             AS "decidedWithoutResult",
           (SELECT count(*) FROM cases c WHERE c.closed_at BETWEEN :month AND :recent AND run_id IS NOT NULL
               AND NOT EXISTS (SELECT FROM archived_runs r WHERE r.case_code = c.code)) AS "closedWithoutArchive"`,
    {
      late: new Date(at.getTime() - 30_000),
      recent: new Date(at.getTime() - day),
      month: new Date(at.getTime() - 30 * day),
    },
  );
  return rows[0] as Overdue;
}

/** Open cases whose workflow has begun, the oldest first: those that Temporal must be running. */
export async function openRuns(db: Database, limit: number, after = ''): Promise<string[]> {
  return db('cases')
    .whereNull('closed_at')
    .whereNotNull('run_id')
    .where('code', '>', after)
    .orderBy('code')
    .limit(limit)
    .pluck('code');
}

/** Keeps the figures of the last reconciliation, for the metrics of every process. */
export async function keepFindings(db: Database, findings: object, at: Date): Promise<void> {
  await db('reconciliation')
    .insert({ one: true, at, findings: JSON.stringify(findings) })
    .onConflict('one')
    .merge();
}

/** The last reconciliation, if there was one. */
export async function lastFindings(
  db: Database,
): Promise<{ at: Date; findings: Record<string, number> } | undefined> {
  return db('reconciliation').first<{ at: Date; findings: Record<string, number> } | undefined>(
    'at',
    'findings',
  );
}
