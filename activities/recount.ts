import type { Database } from '../records/db.ts';
import { affectedBy, findRecount, pendingOf, tellRecount } from '../records/recounts.ts';
import { readCases } from '../records/steps.ts';
import { applyStep } from './apply-step.ts';

/** A page of the open cases whose dates a change of the calendar may move. */
export interface RecountPage {
  recount: number;
  /** Code of the last case that was looked at. */
  after: string;
  /** The workflow's instant (ISO 8601). */
  at: string;
}

/** How far a recount has come. */
export interface RecountProgress {
  /** Where the next page begins; the same as before while the last page is still being done, null at the end. */
  next: string | null;
  checked: number;
  told: number;
}

const casesOfAPage = 50;
/** Cases that were told and have not answered yet, above which no more are told. */
const mostPending = 25;

/**
 * Makes the activity that looks at a page of open cases and tells those whose dates a recount moves; told again, it tells
 * nobody twice.
 */
export function createRecount(db: Database) {
  return async function recount({ recount: id, after, at }: RecountPage): Promise<RecountProgress> {
    const { agency, reason, checked, told, after: done } = await findRecount(db, id);
    if (done > after) return { next: done, checked, told };
    if ((await pendingOf(db, id, new Date(at))) > mostPending) return { next: after, checked, told };
    const codes = await affectedBy(db, agency, after, casesOfAPage);
    const last = codes.at(-1);
    const cases = await readCases(db, codes, { withCalendar: true });
    const moved = cases.filter((now) => {
      const op = { op: 'recount' as const, change: id, reason };
      const step = { case: now.row.code, run: now.row.run_id ?? '', step: 1, first: 0, at, ops: [op] };
      return applyStep(now, step).changes.entries.length > 0;
    });
    const progress = await tellRecount(db, {
      id,
      after,
      reached: codes.length < casesOfAPage ? null : (last ?? null),
      checked: codes.length,
      cases: moved.map(({ row }) => ({ code: row.code, dueAt: row.due_at })),
      at: new Date(at),
    });
    return {
      next: progress.finished ? null : progress.after,
      checked: progress.checked,
      told: progress.told,
    };
  };
}
