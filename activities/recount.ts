import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../records/db.ts';
import { affectedBy, findRecount, pendingOf, tellRecount } from '../records/recounts.ts';
import { readCases } from '../records/steps.ts';
import { applyStep } from './apply-step.ts';

/** A stretch of a recount: what can be done of it in a while. */
export interface RecountStretch {
  recount: number;
  /** The workflow's instant (ISO 8601). */
  at: string;
}

/** How far a recount has come. */
export interface RecountProgress {
  checked: number;
  told: number;
  finished: boolean;
}

/** So few that somebody who files meanwhile does not stand behind a queue of them. */
const casesAtOnce = 2;
const pauseMs = 50;

/**
 * Makes the activity that looks at the open cases of an area, a few at a time, and tells those whose dates a recount moves;
 * the next ones follow when these have counted. It goes on where the last try ended, and tells nobody twice.
 *
 * @param stretchMs after how many milliseconds it answers how far it has come
 */
export function createRecount(db: Database, stretchMs = 20_000) {
  return async function recount({ recount: id, at }: RecountStretch): Promise<RecountProgress> {
    const until = performance.now() + stretchMs;
    for (;;) {
      const waiting = (await pendingOf(db, id, new Date(at))) >= casesAtOnce;
      if (!waiting) await tellNext(db, id, at);
      const { checked, told, finishedAt } = await findRecount(db, id);
      const finished = finishedAt !== null;
      if (finished || performance.now() > until) return { checked, told, finished };
      if (waiting) await sleep(pauseMs);
    }
  };
}

async function tellNext(db: Database, id: number, at: string): Promise<void> {
  const { agency, reason, after } = await findRecount(db, id);
  const codes = await affectedBy(db, agency, after, casesAtOnce);
  const cases = await readCases(db, codes, { withCalendar: true });
  const moved = cases.filter((now) => {
    const op = { op: 'recount' as const, change: id, reason };
    const step = { case: now.row.code, run: now.row.run_id ?? '', step: 1, first: 0, at, ops: [op] };
    return applyStep(now, step).changes.entries.length > 0;
  });
  await tellRecount(db, {
    id,
    after,
    reached: codes.length < casesAtOnce ? null : (codes.at(-1) ?? null),
    checked: codes.length,
    cases: moved.map(({ row }) => ({ code: row.code, dueAt: row.due_at })),
    at: new Date(at),
  });
}
