import type { CaseRow } from '../records/steps.ts';
import {
  extendClock,
  pauseClock,
  restartClock,
  resumeClock,
  startClock,
  type ClockAccount,
} from '../workflows/engine/clock-account.ts';
import { dueAt, type Calendar } from '../workflows/engine/legal-clock.ts';
import type { Op } from './cases.ts';

type Move = Exclude<Extract<Op, { op: 'clock' }>, { to: 'stop' }>;

/** What an operation makes of a case's clock; undefined when it has not started. */
export function accountAfter(
  move: Move,
  row: CaseRow,
  at: Date,
  calendar: Calendar,
): ClockAccount | undefined {
  if (move.to === 'start') return startClock(at, move.limit);
  const account = row.clock_account as ClockAccount | null;
  if (!account) return undefined;
  switch (move.to) {
    case 'restart':
      return restartClock(account, at, move.limit);
    case 'pause':
      return pauseClock(account, at, move.waitsFor);
    case 'resume':
      return resumeClock(account, at);
    case 'extend':
      return extendClock(account, at, dueAt(row.due_at ?? at, move.by, calendar).at);
  }
}
