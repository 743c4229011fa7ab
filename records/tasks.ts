import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { attachPapers, type GivenPaper } from './papers.ts';
import { performRefusal, type GuardedTask } from './policy.ts';
import { queueMessage } from './outbox.ts';
import { appendEntry, chain, digest, insertRecord, type RecordEnd } from './record.ts';
import { Refusal } from './refusal.ts';

interface TaskRow extends GuardedTask {
  id: string;
  number: number;
  context: Record<string, unknown>;
  opened_at: Date;
  due_at: Date | null;
  expires_at: Date | null;
  escalated_at: Date | null;
  claimed_name: string | null;
  procedure: string;
  case_state: number;
}

const columns = [
  'tasks.id',
  'case_code',
  'name',
  'number',
  'role',
  'tasks.agency',
  'not_by',
  'context',
  'tasks.state',
  'opened_at',
  'tasks.due_at',
  'expires_at',
  'escalated_at',
  'claimed_by',
  'claimed_name',
  'cases.procedure',
  'cases.applicant_sub',
  'cases.state as case_state',
];

/** A task in a queue. */
export interface TaskSummary {
  id: string;
  case: string;
  procedure: string;
  task: string;
  role: string;
  agency: string | null;
  state: string;
  openedAt: string;
  deadline: string | null;
  overdue: boolean;
  claimedBy: { sub: string; name: string } | null;
}

/** A task with what its performer needs, and whether the reader may perform it. */
export interface TaskView extends TaskSummary {
  number: number;
  context: Record<string, unknown>;
  may: { complete: boolean; why?: { type: string; detail: string } };
}

const summary = (row: TaskRow): TaskSummary => ({
  id: row.id,
  case: row.case_code,
  procedure: row.procedure,
  task: row.name,
  role: row.role,
  agency: row.agency,
  state: row.state,
  openedAt: row.opened_at.toISOString(),
  deadline: (row.due_at ?? row.expires_at)?.toISOString() ?? null,
  overdue: row.escalated_at !== null,
  claimedBy: row.claimed_by ? { sub: row.claimed_by, name: row.claimed_name ?? '' } : null,
});

const noTask = () => new Refusal('not-found', 'Không có việc này · There is no such task');
const closed = () => new Refusal('task-closed', 'Việc này đã xong · This task is closed');
const claimedByAnother = (name: string | null) =>
  new Refusal(
    'claimed-by-another',
    `${name ?? ''} đang xử lý việc này · ${name ?? 'Somebody'} has claimed this task`,
  );

const joined = (db: Database | Transaction) =>
  db<TaskRow>('tasks').join('cases', 'cases.code', 'tasks.case_code');

/**
 * Lists the open tasks that somebody's roles and agency let them perform, the most urgent first; a citizen's
 * are those of their own cases.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function listTasks(
  db: Database,
  actor: Actor,
  filter: {
    limit: number;
    cursor?: string | undefined;
    case?: string | undefined;
    name?: string | undefined;
    procedure?: string | undefined;
    claimed?: 'me' | 'none' | undefined;
    dueBefore?: Date | undefined;
  },
): Promise<{ items: TaskSummary[]; next?: string }> {
  const deadline = `coalesce(tasks.due_at, tasks.expires_at)`;
  const query = joined(db)
    .where('tasks.state', 'open')
    .whereIn('role', actor.roles)
    .where((mine) => {
      void mine.where({ role: 'citizen', 'cases.applicant_sub': actor.sub });
      if (actor.agency) void mine.orWhere('tasks.agency', actor.agency);
    })
    .orderByRaw(`coalesce(${deadline}, 'infinity'), tasks.id`)
    .limit(filter.limit + 1);
  if (filter.case) void query.where('case_code', filter.case);
  if (filter.name) void query.where('name', filter.name);
  if (filter.procedure) void query.where('cases.procedure', filter.procedure);
  if (filter.claimed === 'me') void query.where('claimed_by', actor.sub);
  if (filter.claimed === 'none') void query.whereNull('claimed_by');
  if (filter.dueBefore) void query.whereRaw(`${deadline} < ?`, [filter.dueBefore]);
  if (filter.cursor) {
    const [at, id] = Buffer.from(filter.cursor, 'base64url').toString().split('|');
    if (!at || !/^[0-9a-f-]{36}$/.test(id ?? '') || (at !== 'infinity' && Number.isNaN(Date.parse(at))))
      throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
    void query.whereRaw(`(coalesce(${deadline}, 'infinity'), tasks.id) > (?, ?)`, [at, id as string]);
  }
  const rows = await query.select<TaskRow[]>(columns);
  const items = rows.slice(0, filter.limit).map(summary);
  const last = items.at(-1);
  return rows.length > filter.limit && last
    ? { items, next: Buffer.from(`${last.deadline ?? 'infinity'}|${last.id}`).toString('base64url') }
    : { items };
}

/**
 * Gives a task to somebody who may perform it, or has performed a task of the case's agency.
 *
 * @throws Refusal `not-found`, `wrong-agency` or `not-yours`
 */
export async function findTask(db: Database, actor: Actor, id: string): Promise<TaskView> {
  const row = await joined(db).where('tasks.id', id).first<TaskRow | undefined>(columns);
  if (!row) throw noTask();
  const refusal = await performRefusal(db, actor, row);
  const reads = actor.roles.includes('admin') || (row.role !== 'citizen' && row.agency === actor.agency);
  if (refusal && !reads) throw refusal;
  const why =
    refusal ??
    (row.state !== 'open' ? closed() : undefined) ??
    (row.claimed_by && row.claimed_by !== actor.sub ? claimedByAnother(row.claimed_name) : undefined);
  const may = why ? { complete: false, why: { type: why.type, detail: why.message } } : { complete: true };
  return { ...summary(row), number: row.number, context: row.context, may };
}

/** A task, and what an act changes of its case. */
type LockedTask = TaskRow & RecordEnd & { last_act: number };

/** Loads a task whose case is locked: acts on one case happen one after the other. */
async function lockedTask(trx: Transaction, id: string): Promise<LockedTask> {
  const row = await joined(trx)
    .where('tasks.id', id)
    .forUpdate('cases')
    .first<LockedTask | undefined>([...columns, 'last_act', 'record_length', 'record_hash']);
  if (!row) throw noTask();
  return row;
}

interface TaskAct {
  actor: Actor;
  at: Date;
  id: string;
}

/**
 * Claims a task, so that colleagues leave it; claiming one's own again changes nothing.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export async function claimTask(trx: Transaction, { actor, at, id }: TaskAct): Promise<void> {
  const task = await lockedTask(trx, id);
  const refusal = await performRefusal(trx, actor, task);
  if (refusal) throw refusal;
  if (task.state !== 'open') throw closed();
  if (task.claimed_by === actor.sub) return;
  if (task.claimed_by) throw claimedByAnother(task.claimed_name);
  await trx('tasks')
    .where({ id })
    .update({ claimed_by: actor.sub, claimed_name: actor.name, claimed_at: at });
  const reference = `claim:${id}:${at.toISOString()}`;
  await appendEntry(trx, task, { at, actor, event: 'claimed', details: { task: task.name }, reference });
}

/**
 * Gives a claimed task back to the queue; the claimer may, and the head of the agency.
 *
 * @throws Refusal `not-found`, `task-closed` or `claimed-by-another`
 */
export async function releaseTask(trx: Transaction, { actor, at, id }: TaskAct): Promise<void> {
  const task = await lockedTask(trx, id);
  const head = actor.roles.includes('head') && actor.agency === task.agency;
  const refusal = head ? undefined : await performRefusal(trx, actor, task);
  if (refusal) throw refusal;
  if (task.state !== 'open') throw closed();
  if (!task.claimed_by) return;
  if (task.claimed_by !== actor.sub && !head) throw claimedByAnother(task.claimed_name);
  await trx('tasks').where({ id }).update({ claimed_by: null, claimed_name: null, claimed_at: null });
  const reference = `release:${id}:${at.toISOString()}`;
  await appendEntry(trx, task, { at, actor, event: 'released', details: { task: task.name }, reference });
}

/**
 * Completes a task: the row is the arbiter. Policy first, then the form, then the one change that only the
 * first act can make, with the record's entry and the message to the case, all in the caller's transaction.
 *
 * @param validate checks the answer against the task's form and gives it back parsed; throws Refusal `invalid-form`
 * @throws Refusal by policy, `task-closed`, `claimed-by-another`, `unknown-upload` or what `validate` throws
 */
export async function completeTask(
  trx: Transaction,
  {
    actor,
    at,
    id,
    answer,
    validate,
  }: TaskAct & {
    answer: unknown;
    validate: (task: { procedure: string; name: string }, answer: unknown) => unknown;
  },
): Promise<{ case: string; task: string }> {
  const task = await lockedTask(trx, id);
  const refusal = await performRefusal(trx, actor, task);
  if (refusal) throw refusal;
  if (task.state !== 'open') throw closed();
  if (task.claimed_by && task.claimed_by !== actor.sub) throw claimedByAnother(task.claimed_name);
  const given = validate({ procedure: task.procedure, name: task.name }, answer);

  const act = task.last_act + 1;
  const details = { task: task.name, number: task.number, answer: digest(given) };
  const entry = { at, actor, event: 'completed', details, reference: `act:${act}` };
  const { rows: record, end } = chain(task, [entry]);
  const { sub, name, title, agency } = actor;
  const completed = await trx.raw<{ rows: unknown[] }>(complete, {
    id,
    act,
    at,
    answer: JSON.stringify(given),
    closedBy: JSON.stringify({ sub, name, title, agency }),
    record,
    ...end,
    message: JSON.stringify({ kind: 'act', act: { task: task.name, number: task.number, answer: given } }),
  });
  if (completed.rows.length === 0) throw closed();
  const papers = (given as { papers?: GivenPaper[] }).papers;
  if (task.role === 'citizen' && papers)
    await attachPapers(trx, { code: task.case_code, owner: actor.sub, papers, at });
  return { case: task.case_code, task: task.name };
}

/** Only the first act finds the task open; its record and the message to its case follow in the same round trip. */
const complete = /* sql */ `
  WITH done AS (
    UPDATE tasks SET state = 'done', answer = :answer, closed_at = :at, closed_by = :closedBy
     WHERE id = :id AND state = 'open' RETURNING case_code
  ), changed AS (
    UPDATE cases SET last_act = :act, record_length = :record_length, record_hash = :record_hash
      FROM done WHERE code = done.case_code RETURNING code, last_act
  ), recorded AS (${insertRecord}), ${queueMessage}`;
