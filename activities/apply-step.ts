import { randomUUID } from 'node:crypto';
import { engine } from '../records/actor.ts';
import type { Entry } from '../records/record.ts';
import type { CaseChanges, CaseNow, CaseRow, TaskRow } from '../records/steps.ts';
import { dueOf, stopClock, type ClockAccount } from '../workflows/engine/clock-account.ts';
import { dueAt, type Calendar } from '../workflows/engine/legal-clock.ts';
import { calendarOf } from '../workflows/engine/legal-clock-calendar.ts';
import { transitions, type CaseState } from '../workflows/engine/states.ts';
import type { Op, StepPart, StepResult } from './cases.ts';
import { accountAfter } from './clock-step.ts';
import { setDeadline } from './task-deadline.ts';
import { caseNotice, taskNotice } from './notices.ts';
import { changesOf, deadlineOf, find, referenceOf, resultOf } from './step-result.ts';
import { waitsNow } from './wait-step.ts';

type OpOf<Name extends Op['op']> = Extract<Op, { op: Name }>;
type Details = Record<string, unknown>;

/**
 * Applies a part of a step to a case as it is now; pure but for the ids of new tasks. Applied again, it changes
 * nothing.
 */
export function applyStep(now: CaseNow, step: StepPart): { changes: CaseChanges; result: StepResult } {
  const applying = new Applying(now, new Date(step.at));
  const entries = applying.all(step);
  const { row, opened, changed, fees, notices, place, at } = applying;
  const result = resultOf(applying, step.ops);
  if (applying.forestalled) result.forestalled = true;
  return { changes: { row, opened, changed, fees, notices, place, entries, at }, result };
}

/** A case in the course of a step: a copy of what was read, and what has become of it. */
class Applying implements Omit<CaseChanges, 'entries'> {
  readonly row: CaseRow;
  readonly tasks: TaskRow[];
  readonly opened: TaskRow[] = [];
  readonly changed: TaskRow[] = [];
  readonly fees: CaseChanges['fees'] = [];
  readonly notices: CaseChanges['notices'] = [];
  readonly at: Date;
  place: CaseChanges['place'];
  forestalled = false;
  readonly #consulted: CaseNow['consulted'];
  readonly #recorded: string[];
  readonly #above: CaseNow['above'];
  readonly calendar: Calendar;

  constructor({ row, tasks, consulted, calendar, recorded, above }: CaseNow, at: Date) {
    this.row = { ...row };
    this.tasks = tasks.map((task) => ({ ...task }));
    this.at = at;
    this.#consulted = consulted;
    this.#recorded = recorded;
    this.#above = above;
    this.calendar = calendarOf(calendar ?? { hours: [], days: [] });
  }

  /** Applies every operation of a step; gives the entries that the record gets for them. */
  all(step: StepPart): Entry[] {
    this.row.last_change = changesOf(this.row, step);
    this.row.run_id = step.run;
    const waits = waitsNow(this.row, step);
    const entries = step.ops.flatMap((op, index) => {
      if (this.forestalled) return [];
      if (op.count !== undefined) {
        if (op.count <= this.row.last_change) return [];
        this.row.last_change = op.count;
      }
      if (op.outside && this.#recorded.includes(op.outside)) return [];
      const reference = op.outside ?? referenceOf(step, op, index);
      const details = this.#apply(op);
      return details ? [{ at: this.at, actor: engine, event: op.op, details, reference }] : [];
    });
    return waits ? [waits, ...entries] : entries;
  }

  /** Applies one operation; gives the details for the record, or nothing where it changed nothing. */
  #apply(op: Op): Details | undefined {
    switch (op.op) {
      case 'state':
        return this.#enter(op.state);
      case 'clock':
        return this.#moveClock(op);
      case 'hand':
        return this.#hand(op);
      case 'open':
        return this.#open(op);
      case 'close':
        return this.#close(op);
      case 'place':
        this.place = op.to;
        return { to: op.to };
      case 'warn':
        return this.#warn(op);
      case 'escalate':
        return this.#escalate(op);
      case 'recount':
        return this.#recount(op);
      case 'notice':
        this.notices.push(caseNotice(this.row, op.notice, op.data));
        return { notice: op.notice };
      case 'letter':
      case 'wait':
        return undefined;
      case 'fee':
        return this.#fee(op);
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

  #moveClock(op: OpOf<'clock'>): Details | undefined {
    const { row } = this;
    if (op.to === 'stop') {
      row.clock = 'stopped';
      const account = row.clock_account as ClockAccount | null;
      row.clock_account = account && stopClock(account, this.at);
    } else {
      const account = accountAfter(op, row, this.at, this.calendar);
      // A fee may be asked for before the application is accepted: there is no clock yet that could stand still.
      if (!account) return undefined;
      row.clock_account = account;
      row.clock = op.to === 'pause' ? 'paused' : 'running';
      if (op.to !== 'pause') this.#count();
    }
    const { op: _op, ...moved } = op;
    return { ...moved, dueAt: row.due_at?.toISOString() ?? null };
  }

  /** Counts the due instant from the account. */
  #count(): void {
    const { at, derivation } = dueOf(this.row.clock_account as ClockAccount, this.calendar);
    this.row.due_at = at;
    this.row.due_derivation = derivation;
    // What is due with the case goes along.
    for (const task of this.tasks)
      if (task.state === 'open' && task.time_limit === 'promised' && setDeadline(task, this))
        this.#touch(task);
  }

  /** Gives the case to another agency; what is open of the one before stays with it. */
  #hand({ to, reason }: OpOf<'hand'>): Details | undefined {
    const from = this.row.agency;
    if (from === to) return undefined;
    this.row.agency = to;
    this.notices.push(caseNotice(this.row, 'forwarded', {}));
    return { from, to, reason };
  }

  /** Counts due instant and open deadlines again over the calendar as it is now; what was consumed stays consumed. */
  #recount({ change, reason }: OpOf<'recount'>): Details | undefined {
    const from = this.row.due_at?.getTime();
    if (this.row.clock_account && this.row.clock !== 'stopped') this.#count();
    const moved = this.tasks.filter((task) => task.state === 'open' && setDeadline(task, this));
    for (const task of moved) this.#touch(task);
    const dueAt = this.row.due_at?.toISOString() ?? null;
    if (this.row.due_at?.getTime() === from && moved.length === 0) return undefined;
    const tasks = moved.map((task) => ({ task: task.name, number: task.number, deadline: deadlineOf(task) }));
    return { change, reason, dueAt, ...(from ? { before: new Date(from).toISOString() } : {}), tasks };
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
      time_limit: op.due ?? op.expires ?? null,
      warn_limit: op.warn ?? null,
      due_at: null,
      expires_at: op.until ?? null,
      warn_at: null,
      warned_at: null,
      escalated_at: null,
      escalations: 0,
      claimed_by: null,
      closed_at: null,
      closed_by: null,
      amendable: op.amendable ?? false,
    };
    setDeadline(task, this, op.due !== undefined);
    this.tasks.push(task);
    this.opened.push(task);
    // What is asked from outside the story may come in the very step that ends the case.
    if (this.row.closed_at) this.#end(task, 'cancelled');
    return { task: op.task, number: op.number, deadline: deadlineOf(task) };
  }

  /** Code of the agency whose officers perform a task; the applicant has none. */
  #performer({ role, consultation, agency: named }: OpOf<'open'>): string | null {
    if (role === 'citizen') return null;
    if (!consultation) return named ?? this.row.agency;
    const agency = this.#consulted[consultation];
    if (!agency)
      throw new Error(`the city's configuration names no agency for the consultation "${consultation}"`);
    return agency;
  }

  #close({ task: name, number, as, silence, first }: OpOf<'close'>): Details | undefined {
    const task = find(this.tasks, { task: name, number });
    this.forestalled = first === true && task?.state === 'done';
    // An act that came first has closed the task already: the row is the arbiter.
    if (task?.state !== 'open') return undefined;
    // The instant when it expires has been moved, and whoever waits for it does not know yet.
    if (as === 'expired' && !task.time_limit && Date.parse(task.expires_at ?? '') > this.at.getTime())
      return undefined;
    this.#end(task, as);
    return { task: name, number, as, ...(silence ? { silence } : {}) };
  }

  #end(task: TaskRow, as: 'expired' | 'cancelled'): void {
    task.state = as;
    task.closed_at = this.at.toISOString();
    task.closed_by = { sub: engine.sub, name: engine.name };
    this.#touch(task);
  }

  /** Tells whoever is to perform a task that its time runs out. */
  #warn({ task: name, number, title }: OpOf<'warn'>): Details | undefined {
    const task = find(this.tasks, { task: name, number });
    if (task?.state !== 'open' || task.warned_at) return undefined;
    task.warned_at = this.at.toISOString();
    this.#touch(task);
    this.notices.push(taskNotice(this.row, task, 'warning', title));
    return { task: name, number };
  }

  #escalate({ task: name, number, title, rung = 0, to = 'head' }: OpOf<'escalate'>): Details | undefined {
    const task = find(this.tasks, { task: name, number });
    if (task?.state !== 'open') return undefined;
    if (Math.max(task.escalations, task.escalated_at ? 1 : 0) > rung) return undefined;
    task.escalated_at ??= this.at.toISOString();
    task.escalations = rung + 1;
    this.#touch(task);
    const above = this.#above[task.agency ?? ''] ?? task.agency;
    const told = to === 'above' ? { agency: above, role: 'leader' } : { agency: task.agency, role: to };
    this.notices.push(taskNotice(this.row, { ...task, claimed_by: null, ...told }, 'overdue', title));
    return { task: name, number, ...(rung > 0 ? { rung, to, of: told.agency } : {}) };
  }

  /** A task that this step opens is inserted as it ends up; any other one is updated. */
  #touch(task: TaskRow): void {
    if (!this.opened.includes(task) && !this.changed.includes(task)) this.changed.push(task);
  }

  /** Keeps a payment by its number; that it was made is in the record as the answer of the treasury's task. */
  #fee({ number, receipt: { amount, paidAt, receipt }, within }: OpOf<'fee'>): undefined {
    const remitBy = dueAt(new Date(paidAt), within, this.calendar).at.toISOString();
    const { agency } = this.row;
    this.fees.push({ number, agency, amount, receipt, paid_at: paidAt, remit_by: remitBy });
  }

  #finish({ outcome, decided, notice = 'stopped' }: OpOf<'finish'>): Details | undefined {
    const { row } = this;
    if (row.closed_at) return undefined;
    for (const task of this.tasks) if (task.state === 'open') this.#end(task, 'cancelled');
    const ended = transitions[row.state as CaseState].length === 0;
    if (!ended) this.#enter(outcome === 'withdrawn' ? 7 : 8);
    if (!decided) this.notices.push(caseNotice(row, notice, { outcome }));
    // Whoever ends without a decision leaves the place that they may hold.
    if (!decided) this.place = 'release';
    Object.assign(row, {
      clock: 'stopped',
      waiting: null,
      closed_at: this.at,
      outcome,
    });
    return { outcome, state: row.state };
  }
}
