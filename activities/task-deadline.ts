import type { CaseRow, TaskRow } from '../records/steps.ts';
import type { ClockAccount } from '../workflows/engine/clock-account.ts';
import { countingOf, dueAt, type Calendar, type Limit } from '../workflows/engine/legal-clock.ts';
import { deadlineOf } from './step-result.ts';

/** The part of a task's time after which its performer is warned, where the procedure does not say when. */
const warnAfter = 0.75;

/**
 * Counts the deadline of a task from its limit, and when its performer is warned; says whether that has changed. What is due as
 * `promised` is due with its case.
 */
export function setDeadline(
  task: TaskRow,
  { row, calendar }: { row: CaseRow; calendar: Calendar },
  due = task.due_at !== null,
): boolean {
  const opened = new Date(task.opened_at);
  if (!task.time_limit) {
    // It ends at an instant.
    if (task.warn_limit) task.warn_at ??= dueAt(opened, task.warn_limit as Limit, calendar).at.toISOString();
    return false;
  }
  const promised = task.time_limit === 'promised';
  const limit = (promised ? promiseOf(row) : task.time_limit) as Limit;
  const deadline = promised && row.due_at ? row.due_at : dueAt(opened, limit, calendar).at;
  if (deadlineOf(task) === deadline.toISOString()) return false;
  task[due ? 'due_at' : 'expires_at'] = deadline.toISOString();
  const counting = countingOf(limit, calendar);
  const warnAt = task.warn_limit
    ? dueAt(opened, task.warn_limit as Limit, calendar).at
    : counting.add(opened, Math.floor(counting.between(opened, deadline) * warnAfter));
  task.warn_at = warnAt.toISOString();
  return true;
}

/** The limit that the clock of a case counts. */
function promiseOf({ clock_account: account }: CaseRow): string {
  if (!account) throw new Error('what is due with the case needs a case that was accepted');
  return (account as ClockAccount).limit;
}
