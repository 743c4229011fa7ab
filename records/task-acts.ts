import type { Actor } from './actor.ts';
import { knownAnswers } from './answers.ts';
import type { Transaction } from './db.ts';
import type { Answered } from './entailments.ts';
import { dropHeld, hold, queueMessage } from './outbox.ts';
import { attachPapers, type GivenPaper } from './papers.ts';
import { acting, type Authority } from './policy.ts';
import { keepRating } from './ratings.ts';
import { appendEntry, chain, digest, insertRecord } from './record.ts';
import { closed, mayPerform, mayRelease, mayUndo, undoOver } from './task-guards.ts';
import { lockedTask, type LockedTask } from './task-rows.ts';

/** Who acts on which task, and when. */
export interface TaskAct {
  actor: Actor;
  at: Date;
  id: string;
}

/** What a procedure says of the answer to a task. */
export interface TaskRules {
  /** Throws Refusal `step-up-needed` where the performer signs by it and has not proved freshly who they are. */
  expectProof?: () => void;
  /** Gives the answer back parsed; throws Refusal `invalid-form`. */
  check: (answer: unknown) => unknown;
  /** Fields of the answer about people: they join the answers of the case's file, and the case is not told of them. */
  personal?: readonly string[];
  /** Throws Refusal `invalid-form` where the answers of the case's file do not fit each other with this answer in it. */
  together?: (answers: Record<string, unknown>) => unknown;
  /** Whether the answer says how satisfied the applicant is. */
  rates?: boolean;
  /** What the answer brings about in the same transaction. */
  entails?: (trx: Transaction, answered: Answered) => Promise<void>;
  /** How long the act can be undone. */
  graceMinutes?: number | undefined;
}

/**
 * Claims a task, so that colleagues leave it; claiming one's own again changes nothing.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export async function claimTask(trx: Transaction, { actor, at, id }: TaskAct): Promise<void> {
  const task = await lockedTask(trx, id);
  const by = acting(actor, await mayPerform(trx, actor, task, at));
  if (task.claimed_by === actor.sub) return;
  await setClaim(trx, task, at, actor);
  await append(trx, task, { at, actor: by, event: 'claimed', details: { task: task.name } });
}

/**
 * Gives a claimed task back to the queue; the claimer may, and the head of the agency.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export async function releaseTask(trx: Transaction, { actor, at, id }: TaskAct): Promise<void> {
  const task = await lockedTask(trx, id);
  const by = acting(actor, await mayRelease(trx, actor, task, at));
  if (!task.claimed_by) return;
  await setClaim(trx, task, at, null);
  await append(trx, task, { at, actor: by, event: 'released', details: { task: task.name } });
}

/** Marks by whom a task is claimed, or that nobody has claimed it. */
export async function setClaim(
  trx: Transaction,
  { id }: { id: string },
  at: Date,
  by: { sub: string; name: string } | null,
): Promise<void> {
  await trx('tasks')
    .where({ id })
    .update({
      claimed_by: by?.sub ?? null,
      claimed_name: by?.name ?? null,
      claimed_at: by && at,
    });
}

/** Appends an entry under the next number of the record, which no other entry of the case has; gives that number. */
export async function append(
  trx: Transaction,
  task: LockedTask,
  entry: { at: Date; actor: Actor; event: string; details: Record<string, unknown> },
): Promise<number> {
  const number = task.record_length + 1;
  await appendEntry(trx, task, { ...entry, reference: `entry:${number}` });
  return number;
}

/**
 * Completes a task: the row is the arbiter. Policy first, then the proof and the form, then the one change that only the
 * first act can make, with the record's entry and the message to the case, all in the caller's transaction. A task
 * with a time of grace lets its message wait that long: until then the act can be undone.
 *
 * @param rulesOf what the procedure says of the answer; throws Refusal when it has no such task
 * @throws Refusal by policy, `task-closed`, `claimed-by-another`, `unknown-upload` or what the rules throw
 */
export async function completeTask(
  trx: Transaction,
  {
    actor,
    at,
    id,
    answer,
    rulesOf,
  }: TaskAct & {
    answer: unknown;
    rulesOf: (task: { procedure: string; name: string; context?: Record<string, unknown> }) => TaskRules;
  },
): Promise<{ case: string; task: string; undoUntil?: string }> {
  const task = await lockedTask(trx, id);
  const ground = await mayPerform(trx, actor, task, at);
  const { expectProof, check, personal = [], together, entails, graceMinutes, rates } = rulesOf(task);
  expectProof?.();
  const given = check(answer) as Record<string, unknown>;
  const isPersonal = ([name, value]: [string, unknown]) => value !== undefined && personal.includes(name);
  const told = Object.fromEntries(Object.entries(given).filter((field) => !isPersonal(field)));
  const aside = Object.fromEntries(Object.entries(given).filter(isPersonal));

  if (together && Object.keys(aside).length > 0)
    together({ ...(await answersOf(trx, task.case_code)), ...aside });

  const act = await closeTask(trx, task, { actor, ground, at, given, told, aside });
  await entails?.(trx, { code: task.case_code, number: task.number, answer: given, actor, at });
  const done = { case: task.case_code, task: task.name };
  const papers = (given as { papers?: GivenPaper[] }).papers;
  if (papers) await attachPapers(trx, { code: task.case_code, owner: actor.sub, papers, at });
  if (rates)
    await keepRating(trx, { code: task.case_code, ...(given as { score: string; comment?: string }), at });
  if (task.role === 'citizen' || !graceMinutes) return done;
  const until = new Date(at.getTime() + graceMinutes * 60_000);
  await hold(trx, { code: task.case_code, act, until });
  return { ...done, undoUntil: until.toISOString() };
}

/** Who closes a task on what ground, with what answer: all of it, what the case is told of it, and what is about people. */
interface Closing {
  actor: Actor;
  ground: Authority;
  at: Date;
  given: Record<string, unknown>;
  told?: Record<string, unknown>;
  aside?: Record<string, unknown>;
}

/**
 * Closes a task whose case is locked with an answer that was checked; the case hears of it by its outbox.
 *
 * @returns the number of the act
 * @throws Refusal `task-closed`
 */
export async function closeTask(
  trx: Transaction,
  task: LockedTask,
  { actor, ground, at, given, told = given, aside = {} }: Closing,
): Promise<number> {
  const act = task.last_act + 1;
  const details = { task: task.name, number: task.number, answer: digest(given) };
  const entry = { at, actor: acting(actor, ground), event: 'completed', details, reference: `act:${act}` };
  const { rows: record, end } = chain(task, [entry]);
  const { sub, name, title, agency } = actor;
  const completed = await trx.raw<{ rows: unknown[] }>(complete, {
    id: task.id,
    act,
    at,
    answer: JSON.stringify(told),
    personal: Object.keys(aside).length > 0 ? JSON.stringify(aside) : null,
    closedBy: JSON.stringify({ sub, name, title, agency, ...ground }),
    record,
    ...end,
    message: JSON.stringify({ kind: 'act', act: { task: task.name, number: task.number, answer: told } }),
  });
  if (completed.rows.length === 0) throw closed();
  return act;
}

async function answersOf(trx: Transaction, code: string): Promise<Record<string, unknown>> {
  const answers = trx.raw<Record<string, unknown>>(`${knownAnswers('cases')} AS answers`);
  const { answers: known } = await trx('cases')
    .where({ code })
    .first<{ answers: Record<string, unknown> }>(answers);
  return known;
}

/** Only the first act finds the task open; its record and the message to its case follow in the same round trip. */
const complete = /* sql */ `
  WITH done AS (
    UPDATE tasks SET state = 'done', answer = :answer, personal = :personal, closed_at = :at, closed_by = :closedBy
     WHERE id = :id AND state = 'open' RETURNING case_code
  ), changed AS (
    UPDATE cases SET last_act = :act, record_length = :record_length, record_hash = :record_hash
      FROM done WHERE code = done.case_code RETURNING code, last_act
  ), recorded AS (${insertRecord}), ${queueMessage}`;

/**
 * Opens a task again that the same person has just completed, as if nothing had been answered: the case has not heard
 * of it and never will. The record keeps both.
 *
 * @throws Refusal `not-yours`, or `undo-over` when the message was released or the deadline has passed
 */
export async function undoTask(
  trx: Transaction,
  { actor, at, id }: TaskAct,
): Promise<{ case: string; task: string }> {
  const task = await lockedTask(trx, id);
  const { act } = await mayUndo(trx, actor, task, at);
  // The relay may have released it since it was read.
  if (!(await dropHeld(trx, task.case_code, act))) throw undoOver();
  const nothing = { answer: null, personal: null, closed_at: null, closed_by: null };
  await trx('tasks')
    .where({ id })
    .update({ state: 'open', ...nothing });
  const details = { task: task.name, number: task.number, act };
  await append(trx, task, { at, actor, event: 'undone', details });
  return { case: task.case_code, task: task.name };
}
