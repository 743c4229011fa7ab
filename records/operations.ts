import type { Database } from './db.ts';
import { listRetrying, type RetryingCall } from './retrying.ts';

/** Work that does not flow, as far as PostgreSQL knows: each with since when, and why where that is known. */
export interface StuckWork {
  /** Acts that Temporal has not taken yet; `error` is what it said the last time. */
  unsent: { case: string; act: number; since: string; attempts: number; error: string | null }[];
  /** Cases that wait for the system of an agency. */
  waiting: { case: string; question: string; agency: { vi: string; en: string }; since: string }[];
  /** Calls of cases that are tried again until they succeed. */
  retrying: RetryingCall[];
  /** Documents whose signatures trust services have not completed: why, and when that is tried again; null: never. */
  unfinished: {
    case: string;
    id: string;
    title: { vi: string; en: string };
    level: string;
    since: string;
    failure: string | null;
    nextAt: string | null;
  }[];
  /** Open tasks past their deadline, by agency and role. */
  overdue: { agency: string | null; role: string; tasks: number; since: string }[];
}

const most = 100;

/** Looks for stuck work, the oldest first; a part shows at most a hundred. */
export async function stuckWork(db: Database, at: Date): Promise<StuckWork> {
  const [retrying, unsent, waiting, unfinished, overdue] = await Promise.all([
    listRetrying(db, most),
    db('outbox').whereNull('sent_at').whereNull('not_before').orderBy('created_at').limit(most).select({
      case: 'case_code',
      act: 'act',
      since: 'created_at',
      attempts: 'attempts',
      error: 'last_error',
    }),
    db('cases')
      .whereNull('closed_at')
      .whereNotNull('waiting')
      .orderByRaw(`waiting->>'since'`)
      .limit(most)
      .select({
        case: 'code',
        question: db.raw(`waiting->>'for'`),
        agency: db.raw(`waiting->'agency'`),
        since: db.raw(`waiting->>'since'`),
      }),
    db('documents').whereNot({ level: 'B-LTA' }).orderBy('issued_at').limit(most).select({
      case: 'case_code',
      id: 'id',
      title: 'title',
      level: 'level',
      since: 'issued_at',
      failure: 'augment_failure',
      nextAt: 'augment_due_at',
    }),
    db('tasks')
      .where({ state: 'open' })
      .where('due_at', '<', at)
      .groupBy('agency', 'role')
      .orderByRaw('min(due_at)')
      .limit(most)
      .select({
        agency: 'agency',
        role: 'role',
        tasks: db.raw('count(*)::int'),
        since: db.raw('min(due_at)'),
      }),
  ]);
  const dated = <Row extends { since: string | Date }>(rows: Row[]) =>
    rows.map((row) => ({ ...row, since: new Date(row.since).toISOString() }));
  return {
    retrying,
    unsent: dated(unsent as unknown as StuckWork['unsent']),
    waiting: dated(waiting as unknown as StuckWork['waiting']),
    unfinished: dated(unfinished as unknown as StuckWork['unfinished']).map((row) => ({
      ...row,
      nextAt: row.nextAt && new Date(row.nextAt).toISOString(),
    })),
    overdue: dated(overdue as unknown as StuckWork['overdue']),
  };
}
