import type { Database, Transaction } from '../records/db.ts';
import { engine } from '../records/actor.ts';
import { calendarDays } from '../records/calendar.ts';
import { appendRecord, type Entry } from '../records/record.ts';
import {
  changeCase,
  closeTasks,
  consultedAgency,
  escalateTask,
  lockCase,
  openTask,
  taskStates,
  type CaseChange,
  type LockedCase,
  type TaskState,
} from '../records/steps.ts';
import {
  dueAt,
  extendByPause,
  officeHours,
  type Calendar,
  type Limit,
} from '../workflows/engine/legal-clock.ts';
import { transitions, type CaseState } from '../workflows/engine/states.ts';
import { askedAgency, type Questions } from './agencies/questions.ts';
import { keepCaseNotice } from './notices.ts';

/** One thing that a step of a case does to its rows. */
export type Op =
  | { op: 'state'; state: CaseState }
  | { op: 'clock'; to: 'start' | 'restart'; limit: Limit }
  | { op: 'clock'; to: 'pause' | 'resume' | 'stop'; limit?: Limit }
  | {
      op: 'open';
      task: string;
      number: number;
      role: string;
      notBy: string[];
      context: Record<string, unknown>;
      due?: Limit;
      expires?: Limit;
      /** Kind of consultation; the city's configuration says which agency answers it. */
      consultation?: string;
    }
  | { op: 'close'; task: string; number: number; as: 'expired' | 'cancelled' }
  | { op: 'escalate'; task: string; number: number }
  | { op: 'wait'; for: keyof Questions | null }
  | { op: 'notice'; notice: string; data: Record<string, unknown> }
  | { op: 'finish'; outcome: string; decided: boolean };

/**
 * An operation in its step. What the story itself changes is counted through the life of the case: a change that has
 * been made is not made again, be it that the step is tried again or that the whole case is told again.
 */
export type CountedOp = Op & { change?: number };

/** A step of a case: its operations become durable together. */
export interface Step {
  case: string;
  /** Run of the workflow. */
  run: string;
  step: number;
  /** The workflow's instant (ISO 8601); the legal instant of everything in the step. */
  at: string;
  ops: CountedOp[];
}

/** What the story must know after a step: the tasks that the step touched, by `name#number`, and where the case stands. */
export interface StepResult {
  tasks: Record<string, TaskState>;
  state: CaseState;
  dueAt?: string;
}

type OpOf<Name extends Op['op']> = Extract<Op, { op: Name }>;

interface Stepping {
  trx: Transaction;
  row: LockedCase;
  at: Date;
  /** What the step changes of the case's row, written once at its end. */
  change: CaseChange;
  calendar: () => Promise<Calendar>;
}

/** Makes the activity that writes the steps of cases. */
export function createCaseActivities({ db }: { db: Database }) {
  return {
    /** Writes a step in one transaction; told again, it changes nothing and answers the same. */
    async step(step: Step): Promise<StepResult> {
      return db.transaction(async (trx) => {
        const row = await lockCase(trx, step.case);
        await write(trx, row, step);
        return result(trx, row, step.ops);
      });
    },
  };
}

/**
 * How many of the story's changes count for a run. A second run that begins with its first step tells a case again
 * that Temporal has lost, so all of them count; one that goes on from a later step is a reset by an admin, whose
 * changes are new.
 */
function changesOf(row: LockedCase, { run, step }: Step): number {
  const reset = row.run_id !== null && row.run_id !== run && step > 1;
  return reset ? 0 : row.last_change;
}

async function write(trx: Transaction, row: LockedCase, step: Step): Promise<void> {
  const at = new Date(step.at);
  let days: Promise<Calendar> | undefined;
  const calendar = () => (days ??= loadCalendar(trx, row.agency));
  const stepping: Stepping = { trx, row, at, change: {}, calendar };
  changeRow(stepping, { run_id: step.run, last_change: changesOf(row, step) });
  const entries: Entry[] = [];
  for (const [index, op] of step.ops.entries()) {
    if (op.change !== undefined) {
      if (op.change <= row.last_change) continue;
      changeRow(stepping, { last_change: op.change });
    }
    const details = await apply(stepping, op);
    if (details)
      entries.push({
        at,
        actor: engine,
        event: op.op,
        details,
        reference: `step:${step.run}:${step.step}:${index}`,
      });
  }
  await changeCase(trx, row.code, stepping.change);
  await appendRecord(trx, row.code, entries);
}

/** Changes the case for the operations that follow, and its row at the end of the step. */
function changeRow({ row, change }: Stepping, changed: CaseChange): void {
  Object.assign(row, changed);
  Object.assign(change, changed);
}

async function loadCalendar(trx: Transaction, agency: string): Promise<Calendar> {
  const days = await calendarDays(trx, agency);
  return {
    zoneMinutes: 420,
    hours: officeHours,
    exceptions: new Map(
      days.map(({ day, kind, name }) => [day, { working: kind === 'swapped-working', name }]),
    ),
  };
}

/** Applies one operation; gives the details for the record, or nothing where the record need not say it. */
async function apply(stepping: Stepping, op: Op): Promise<Record<string, unknown> | undefined> {
  const { trx, row, at } = stepping;
  switch (op.op) {
    case 'state':
      return changeState(stepping, op.state);
    case 'clock':
      return moveClock(stepping, op);
    case 'open':
      return open(stepping, op);
    case 'close': {
      const closed = await closeTasks(trx, row.code, { name: op.task, number: op.number }, op.as, engine, at);
      return closed > 0 ? { task: op.task, number: op.number, as: op.as } : undefined;
    }
    case 'escalate': {
      const escalated = await escalateTask(trx, row.code, op.task, op.number, at);
      return escalated ? { task: op.task, number: op.number } : undefined;
    }
    case 'wait':
      changeRow(stepping, {
        waiting: op.for && { for: op.for, agency: askedAgency[op.for], since: at.toISOString() },
      });
      return { for: op.for };
    case 'notice':
      await keepCaseNotice(trx, row, op.notice, op.data, at);
      return { notice: op.notice };
    case 'finish':
      return finish(stepping, op);
  }
}

function changeState(stepping: Stepping, state: CaseState): Record<string, unknown> | undefined {
  const from = stepping.row.state as CaseState;
  if (from === state) return undefined;
  if (!transitions[from].includes(state)) throw new Error(`a case may not go from state ${from} to ${state}`);
  changeRow(stepping, { state, ...(state === 2 ? { accepted_at: stepping.at } : {}) });
  return { from, to: state };
}

async function moveClock(stepping: Stepping, op: OpOf<'clock'>): Promise<Record<string, unknown>> {
  const { row, at, calendar } = stepping;
  switch (op.to) {
    case 'start':
    case 'restart': {
      const due = dueAt(at, op.limit, await calendar());
      changeRow(stepping, {
        clock: 'running',
        clock_paused_at: null,
        due_at: due.at,
        due_derivation: due.derivation,
      });
      break;
    }
    case 'pause':
      changeRow(stepping, { clock: 'paused', clock_paused_at: at });
      break;
    case 'resume':
      if (row.due_at && row.clock_paused_at)
        changeRow(stepping, { due_at: extendByPause(row.due_at, row.clock_paused_at, at, await calendar()) });
      changeRow(stepping, { clock: 'running', clock_paused_at: null });
      break;
    case 'stop':
      changeRow(stepping, { clock: 'stopped', clock_paused_at: null });
      break;
  }
  return { to: op.to, dueAt: row.due_at?.toISOString() ?? null };
}

async function open(
  { trx, row, at, calendar }: Stepping,
  op: OpOf<'open'>,
): Promise<Record<string, unknown> | undefined> {
  const limit = op.due ?? op.expires;
  const deadline = limit && dueAt(at, limit, await calendar()).at;
  const consultation = op.consultation ?? (op.role === 'treasury' ? 'payment' : undefined);
  const officers = consultation ? await consultedAgency(trx, consultation) : row.agency;
  const opened = await openTask(trx, {
    caseCode: row.code,
    name: op.task,
    number: op.number,
    role: op.role,
    agency: op.role === 'citizen' ? null : officers,
    notBy: op.notBy,
    context: op.context,
    at,
    ...(op.expires ? { expiresAt: deadline } : { dueAt: deadline }),
  });
  return opened ? { task: op.task, number: op.number, deadline: deadline?.toISOString() ?? null } : undefined;
}

async function finish(
  stepping: Stepping,
  { outcome, decided }: OpOf<'finish'>,
): Promise<Record<string, unknown> | undefined> {
  const { trx, row, at } = stepping;
  if (row.closed_at) return undefined;
  await closeTasks(trx, row.code, 'all', 'cancelled', engine, at);
  const ended = transitions[row.state as CaseState].length === 0;
  if (!ended) changeState(stepping, outcome === 'withdrawn' ? 7 : 8);
  if (!decided) await keepCaseNotice(trx, row, 'stopped', { outcome }, at);
  changeRow(stepping, {
    clock: 'stopped',
    clock_paused_at: null,
    waiting: null,
    closed_at: at,
    outcome,
  });
  return { outcome };
}

async function result(trx: Transaction, row: LockedCase, ops: Op[]): Promise<StepResult> {
  const touched = ops.flatMap((op) =>
    op.op === 'open' || op.op === 'close' ? [{ name: op.task, number: op.number }] : [],
  );
  const tasks = await taskStates(trx, row.code, touched);
  return { tasks, state: row.state as CaseState, ...(row.due_at ? { dueAt: row.due_at.toISOString() } : {}) };
}
