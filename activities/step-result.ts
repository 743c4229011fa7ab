import type { TaskRow, CaseRow } from '../records/steps.ts';
import { foresight, type ClockAccount } from '../workflows/engine/clock-account.ts';
import type { Calendar } from '../workflows/engine/legal-clock.ts';
import type { CaseState } from '../workflows/engine/states.ts';
import type { Op, StepPart, StepResult, TaskState } from './cases.ts';

/** Finds a task by its name and number. */
export const find = (tasks: TaskRow[], { task, number }: { task: string; number: number }) =>
  tasks.find((row) => row.name === task && row.number === number);

/** A deadline as the workflow knows it, whatever way PostgreSQL writes instants. */
export function deadlineOf({ due_at, expires_at }: TaskRow): string | null {
  const deadline = due_at ?? expires_at;
  return deadline && new Date(deadline).toISOString();
}

/** Tells the story what it must know after a step: every task that the step named, or all open ones after a recount. */
export function resultOf(
  { row, tasks, calendar, at }: { row: CaseRow; tasks: TaskRow[]; calendar: Calendar; at: Date },
  ops: Op[],
): StepResult {
  const touched = ops.flatMap((op) => {
    if (op.op === 'recount') return tasks.filter(({ state }) => state === 'open');
    return op.op === 'open' || op.op === 'close' ? (find(tasks, op) ?? []) : [];
  });
  const moved = ops.some(({ op }) => op === 'clock' || op === 'recount');
  return {
    tasks: Object.fromEntries(touched.map((task) => [`${task.name}#${task.number}`, stateOf(task)])),
    state: row.state as CaseState,
    ...(row.due_at ? { dueAt: row.due_at.toISOString() } : {}),
    ...(moved ? { foresight: foresightOf(row, at, calendar) } : {}),
  };
}

function foresightOf({ clock, clock_account: account }: CaseRow, at: Date, calendar: Calendar) {
  return clock === 'running' && account ? (foresight(account as ClockAccount, at, calendar) ?? null) : null;
}

function stateOf(task: TaskRow): TaskState {
  const deadline = deadlineOf(task);
  return {
    id: task.id,
    state: task.state,
    agency: task.agency,
    ...(task.state === 'done' ? { answer: task.answer } : {}),
    ...(deadline ? { deadline } : {}),
    ...(task.warn_at && !task.warned_at ? { warnAt: new Date(task.warn_at).toISOString() } : {}),
  };
}

/**
 * How many of the story's changes count for a run. A second run that begins with its first step tells a case again
 * that Temporal has lost, so all of them count; one that goes on from a later step is a reset by an admin, whose
 * changes are new.
 */
export function changesOf(row: CaseRow, { run, step }: StepPart): number {
  const reset = row.run_id !== null && row.run_id !== run && step > 1;
  return reset ? 0 : row.last_change;
}

/**
 * Names an operation for the record: by its place, and by what it does to what. A step whose worker was killed is told again, and may
 * hold something else in the same place: meanwhile an agency answers that did not before.
 */
export function referenceOf({ run, step, first }: StepPart, op: Op, index: number): string {
  const { task, number } = op as { task?: string; number?: number };
  const about = [op.op, task, number].filter((each) => each !== undefined);
  return `step:${run}:${step}:${first + index}:${about.join(' ')}`;
}
