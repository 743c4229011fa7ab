import { randomUUID } from 'node:crypto';
import { engine } from '../records/actor.ts';
import type { Entry } from '../records/record.ts';
import type { CaseChanges, CaseNow, CaseRow, TaskRow } from '../records/steps.ts';
import {
  dueAt,
  extendByPause,
  officeHours,
  type Calendar,
  type Limit,
} from '../workflows/engine/legal-clock.ts';
import { transitions, type CaseState } from '../workflows/engine/states.ts';
import { askedAgency } from './agencies/questions.ts';
import type { Op, StepPart, StepResult, TaskState } from './cases.ts';
import { caseNotice } from './notices.ts';

type OpOf<Name extends Op['op']> = Extract<Op, { op: Name }>;
type Details = Record<string, unknown>;

/**
 * Applies a part of a step to a case as it is now; pure but for the ids of new tasks. Applied again, it changes
 * nothing.
 */
export function applyStep(now: CaseNow, step: StepPart): { changes: CaseChanges; result: StepResult } {
  const applying = new Applying(now, new Date(step.at));
  const entries = applying.all(step);
  const { row, tasks, opened, changed, notices, at } = applying;
  const result = resultOf(row, tasks, step.ops);
  if (applying.forestalled) result.forestalled = true;
  return { changes: { row, opened, changed, notices, entries, at }, result };
}

/** A case in the course of a step: a copy of what was read, and what has become of it. */
class Applying implements Omit<CaseChanges, 'entries'> {
  readonly row: CaseRow;
  readonly tasks: TaskRow[];
  readonly opened: TaskRow[] = [];
  readonly changed: TaskRow[] = [];
  readonly notices: CaseChanges['notices'] = [];
  readonly at: Date;
  forestalled = false;
  readonly #consulted: CaseNow['consulted'];
  readonly #calendar: Calendar;

  constructor({ row, tasks, consulted, days }: CaseNow, at: Date) {
    this.row = { ...row };
    this.tasks = tasks.map((task) => ({ ...task }));
    this.at = at;
    this.#consulted = consulted;
    this.#calendar = {
      zoneMinutes: 420,
      hours: officeHours,
      exceptions: new Map(
        days.map(({ day, kind, name }) => [day, { working: kind === 'swapped-working', name }]),
      ),
    };
  }

  /** Applies every operation of a step; gives the entries that the record gets for them. */
  all(step: StepPart): Entry[] {
    this.row.last_change = changesOf(this.row, step);
    this.row.run_id = step.run;
    return step.ops.flatMap((op, index) => {
      if (this.forestalled) return [];
      if (op.change !== undefined) {
        if (op.change <= this.row.last_change) return [];
        this.row.last_change = op.change;
      }
      const details = this.#apply(op);
      const reference = `step:${step.run}:${step.step}:${step.first + index}`;
      return details ? [{ at: this.at, actor: engine, event: op.op, details, reference }] : [];
    });
  }

  /** Applies one operation; gives the details for the record, or nothing where it changed nothing. */
  #apply(op: Op): Details | undefined {
    switch (op.op) {
      case 'state':
        return this.#enter(op.state);
      case 'clock':
        return this.#moveClock(op);
      case 'open':
        return this.#open(op);
      case 'close':
        return this.#close(op);
      case 'escalate':
        return this.#escalate(op);
      case 'wait':
        return this.#wait(op);
      case 'notice':
        this.notices.push(caseNotice(this.row, op.notice, op.data));
        return { notice: op.notice };
      case 'letter':
        return undefined;
      case 'finish':
        return this.#finish(op);
    }
  }

  #enter(state: CaseState): Details | undefined {
    const from = this.row.state as CaseState;
    if (from === state) return undefined;
    if (!transitions[from].includes(state))
      throw new Error(`a case may not go from state ${from} to ${state}`);
    this.row.state = state;
    if (state === 2) this.row.accepted_at = this.at;
    return { from, to: state };
  }

  #moveClock(op: OpOf<'clock'>): Details {
    const { row, at } = this;
    const pausedAt = row.clock_paused_at;
    row.clock_paused_at = op.to === 'pause' ? at : null;
    row.clock = op.to === 'pause' ? 'paused' : op.to === 'stop' ? 'stopped' : 'running';
    if (op.to === 'start' || op.to === 'restart') {
      const due = dueAt(at, op.limit, this.#calendar);
      row.due_at = due.at;
      row.due_derivation = due.derivation;
    }
    if (op.to === 'resume' && row.due_at && pausedAt)
      row.due_at = extendByPause(row.due_at, pausedAt, at, this.#calendar);
    return { to: op.to, dueAt: row.due_at?.toISOString() ?? null };
  }

  #open(op: OpOf<'open'>): Details | undefined {
    if (find(this.tasks, op)) return undefined;
    const task: TaskRow = {
      id: randomUUID(),
      name: op.task,
      number: op.number,
      role: op.role,
      agency: this.#performer(op),
      not_by: op.notBy,
      context: op.context,
      state: 'open',
      answer: null,
      opened_at: this.at.toISOString(),
      due_at: this.#instant(op.due),
      expires_at: this.#instant(op.expires),
      escalated_at: null,
      closed_at: null,
      closed_by: null,
    };
    this.tasks.push(task);
    this.opened.push(task);
    return { task: op.task, number: op.number, deadline: deadlineOf(task) };
  }

  #instant(limit: Limit | undefined): string | null {
    return limit ? dueAt(this.at, limit, this.#calendar).at.toISOString() : null;
  }

  /** Code of the agency whose officers perform a task; the applicant has none. */
  #performer({ role, consultation }: OpOf<'open'>): string | null {
    if (role === 'citizen') return null;
    const of = consultation ?? (role === 'treasury' ? 'payment' : undefined);
    if (!of) return this.row.agency;
    const agency = this.#consulted[of];
    if (!agency) throw new Error(`the city's configuration names no agency for the consultation "${of}"`);
    return agency;
  }

  #close({ task: name, number, as, silence, first }: OpOf<'close'>): Details | undefined {
    const task = find(this.tasks, { task: name, number });
    this.forestalled = first === true && task?.state === 'done';
    // An act that came first has closed the task already: the row is the arbiter.
    if (task?.state !== 'open') return undefined;
    this.#end(task, as);
    return { task: name, number, as, ...(silence ? { silence } : {}) };
  }

  #end(task: TaskRow, as: 'expired' | 'cancelled'): void {
    task.state = as;
    task.closed_at = this.at.toISOString();
    task.closed_by = { sub: engine.sub, name: engine.name };
    this.#touch(task);
  }

  #escalate({ task: name, number }: OpOf<'escalate'>): Details | undefined {
    const task = find(this.tasks, { task: name, number });
    if (task?.state !== 'open' || task.escalated_at) return undefined;
    task.escalated_at = this.at.toISOString();
    this.#touch(task);
    return { task: name, number };
  }

  /** A task that this step opens is inserted as it ends up; any other one is updated. */
  #touch(task: TaskRow): void {
    if (!this.opened.includes(task) && !this.changed.includes(task)) this.changed.push(task);
  }

  #wait({ for: question }: OpOf<'wait'>): Details | undefined {
    if (question === (this.row.waiting?.for ?? null)) return undefined;
    this.row.waiting = question && {
      for: question,
      agency: askedAgency[question],
      since: this.at.toISOString(),
    };
    return { for: question };
  }

  #finish({ outcome, decided }: OpOf<'finish'>): Details | undefined {
    const { row } = this;
    if (row.closed_at) return undefined;
    for (const task of this.tasks) if (task.state === 'open') this.#end(task, 'cancelled');
    const ended = transitions[row.state as CaseState].length === 0;
    if (!ended) this.#enter(outcome === 'withdrawn' ? 7 : 8);
    if (!decided) this.notices.push(caseNotice(row, 'stopped', { outcome }));
    Object.assign(row, {
      clock: 'stopped',
      clock_paused_at: null,
      waiting: null,
      closed_at: this.at,
      outcome,
    });
    return { outcome };
  }
}

/**
 * How many of the story's changes count for a run. A second run that begins with its first step tells a case again
 * that Temporal has lost, so all of them count; one that goes on from a later step is a reset by an admin, whose
 * changes are new.
 */
function changesOf(row: CaseRow, { run, step }: StepPart): number {
  const reset = row.run_id !== null && row.run_id !== run && step > 1;
  return reset ? 0 : row.last_change;
}

const find = (tasks: TaskRow[], { task, number }: { task: string; number: number }) =>
  tasks.find((row) => row.name === task && row.number === number);

/** A deadline as the workflow knows it, whatever way PostgreSQL writes instants. */
function deadlineOf({ due_at, expires_at }: TaskRow): string | null {
  const deadline = due_at ?? expires_at;
  return deadline && new Date(deadline).toISOString();
}

function resultOf(row: CaseRow, tasks: TaskRow[], ops: Op[]): StepResult {
  const touched = ops.flatMap((op) => {
    const task = op.op === 'open' || op.op === 'close' ? find(tasks, op) : undefined;
    return task ? [[`${task.name}#${task.number}`, stateOf(task)] as const] : [];
  });
  return {
    tasks: Object.fromEntries(touched),
    state: row.state as CaseState,
    ...(row.due_at ? { dueAt: row.due_at.toISOString() } : {}),
  };
}

function stateOf(task: TaskRow): TaskState {
  const deadline = deadlineOf(task);
  return {
    id: task.id,
    state: task.state,
    agency: task.agency,
    ...(task.state === 'done' ? { answer: task.answer } : {}),
    ...(deadline ? { deadline } : {}),
  };
}
