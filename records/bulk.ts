import { randomUUID } from 'node:crypto';
import type { Actor, Role } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import type { Officer } from './people.ts';
import { Refusal, type FieldError } from './refusal.ts';
import { assignTask, distributeTask } from './assignment.ts';
import { listTasks } from './inbox.ts';
import { leadership } from './policy.ts';
import { claimTask, completeTask, type TaskRules } from './task-acts.ts';

/** One act that is to happen to many tasks. */
export type BulkAct =
  | { act: 'claim' }
  | { act: 'complete'; answer: unknown }
  | { act: 'assign'; to: string; reason: string }
  | { act: 'distribute'; reason: string };

/** Why an item could not be done, as the single act would have said. */
interface Why {
  type: string;
  detail: string;
  errors?: FieldError[];
}

/** How far a bulk act is, item by item. */
export interface BulkReport {
  id: string;
  act: BulkAct['act'];
  createdAt: string;
  counts: { waiting: number; done: number; refused: number };
  items: { task: string; state: 'waiting' | 'done' | 'refused'; at: string | null; why?: Why }[];
}

/** How often an item is tried that fails for another reason than a refusal. */
const mostAttempts = 5;

/** Keeps a bulk act, so that it will be done item by item whatever happens to this process; gives its id. */
export async function submitBulk(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { tasks, ...act }: BulkAct & { tasks: string[] },
): Promise<{ id: string }> {
  const id = randomUUID();
  const { sub, name, roles, agency, title } = actor;
  await trx('bulk_acts').insert({
    id,
    actor: JSON.stringify({ sub, name, roles, agency, title }),
    act: JSON.stringify(act),
    created_at: at,
  });
  await trx('bulk_items').insert([...new Set(tasks)].map((task, position) => ({ bulk: id, position, task })));
  return { id };
}

/** Tells what tasks are, by the names of their procedures and their own. */
export function kindsOfTasks(
  db: Database | Transaction,
  ids: string[],
): Promise<{ procedure: string; name: string }[]> {
  return db('tasks')
    .join('cases', 'cases.code', 'tasks.case_code')
    .whereIn('tasks.id', ids)
    .distinct<{ procedure: string; name: string }[]>('cases.procedure', 'tasks.name');
}

/** The tasks of a queue that are to be given out. */
export interface Share {
  /** The actor's agency unless told. */
  agency?: string | undefined;
  role: Role;
  procedure?: string | undefined;
  count: number;
}

/**
 * Finds the most urgent tasks of a queue that nobody has claimed, for who leads the agency and for admins.
 *
 * @throws Refusal `wrong-role` or `wrong-agency`; `not-found` when there are none
 */
export async function shareOfQueue(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { agency = actor.agency, role, procedure = '', count }: Share,
): Promise<string[]> {
  if (!actor.roles.includes('admin') || agency === undefined)
    await leadership(trx, actor, { agency: agency ?? null, procedure }, at);
  const wanted = { agency, role, procedure: procedure || undefined, claimed: 'none' } as const;
  const { items } = await listTasks(trx, actor, { ...wanted, at, limit: count });
  if (items.length === 0)
    throw new Refusal(
      'not-found',
      'Không có việc nào chưa ai nhận · There is no task that nobody has claimed',
    );
  return items.map(({ id }) => id);
}

interface Item {
  bulk: string;
  position: number;
  task: string;
  attempts: number;
  actor: Actor;
  act: BulkAct;
}

/**
 * Does the next waiting item in a transaction of its own: the act itself, with the guards of a single act, and the mark
 * that it is done commit together, so that however often a process dies each item happens once.
 *
 * @returns false when nothing waits
 */
export async function doNextItem(
  db: Database,
  at: Date,
  rulesOf: (task: { procedure: string; name: string }) => TaskRules,
): Promise<boolean> {
  let taken: Item | undefined;
  try {
    return await db.transaction(async (trx) => {
      taken = await nextItem(trx);
      if (!taken) return false;
      const why = await refusalOfItem(trx, taken, at, rulesOf);
      await settle(trx, taken, at, why);
      return true;
    });
  } catch (error) {
    if (!taken) throw error;
    // Written on another connection: when the database itself is away this fails too, and no attempt is counted.
    await countAttempt(db, taken, at);
    throw error;
  }
}

async function nextItem(trx: Transaction): Promise<Item | undefined> {
  const { rows } = await trx.raw<{ rows: Item[] }>(/* sql */ `
    SELECT i.bulk, i.position, i.task, i.attempts, b.actor, b.act
      FROM bulk_items i JOIN bulk_acts b ON b.id = i.bulk
     WHERE i.state = 'waiting'
     -- What failed goes behind what was never tried.
     ORDER BY i.attempts, b.created_at, i.bulk, i.position LIMIT 1 FOR UPDATE OF i SKIP LOCKED`);
  return rows[0];
}

/** Does one item inside a savepoint; gives why it was refused, in which case nothing of it is written. */
async function refusalOfItem(
  trx: Transaction,
  { actor: submitter, act, task: id }: Item,
  at: Date,
  rulesOf: (task: { procedure: string; name: string }) => TaskRules,
): Promise<Why | undefined> {
  try {
    await trx.transaction(async (item) => {
      const actor = await authorityNow(item, submitter);
      if (act.act === 'claim') await claimTask(item, { actor, at, id });
      else if (act.act === 'assign') await assignTask(item, { actor, at, id, ...act });
      else if (act.act === 'distribute') await distributeTask(item, { actor, at, id, ...act });
      else await completeTask(item, { actor, at, id, answer: act.answer, rulesOf });
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const { type, message: detail, errors } = error;
    return { type, detail, ...(errors.length > 0 ? { errors } : {}) };
  }
}

/** Who submitted a bulk act, with the roles that they had then and still have, for the agency that they are in now. */
async function authorityNow(trx: Transaction, submitter: Actor): Promise<Actor> {
  const known = await trx<Officer>('people').where({ sub: submitter.sub }).first('roles', 'agency');
  if (!known) return submitter;
  const roles = submitter.roles.filter((role: Role) => known.roles.includes(role));
  return { ...submitter, roles: known.agency === submitter.agency ? roles : [] };
}

async function settle(
  trx: Transaction,
  { bulk, position }: Item,
  at: Date,
  why: Why | undefined,
): Promise<void> {
  await trx('bulk_items')
    .where({ bulk, position })
    .update({ state: why ? 'refused' : 'done', why: why ? JSON.stringify(why) : null, at });
}

async function countAttempt(db: Database, { bulk, position, attempts }: Item, at: Date): Promise<void> {
  const failed = {
    type: 'internal',
    detail: 'Lỗi của hệ thống · An error of this system',
  };
  const last = attempts + 1 >= mostAttempts;
  await db('bulk_items')
    .where({ bulk, position, state: 'waiting' })
    .update({
      attempts: attempts + 1,
      ...(last ? { state: 'refused', why: JSON.stringify(failed), at } : {}),
    });
}

/**
 * Reports on a bulk act to whoever submitted it, or to an admin.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function bulkReport(db: Database, actor: Actor, id: string): Promise<BulkReport> {
  const bulk = await db('bulk_acts')
    .where({ id })
    .first<{ actor: Actor; act: BulkAct; created_at: Date } | undefined>();
  if (!bulk) throw new Refusal('not-found', 'Không có lượt này · There is no such bulk act');
  if (bulk.actor.sub !== actor.sub && !actor.roles.includes('admin'))
    throw new Refusal('not-yours', 'Lượt này của người khác · Somebody else submitted this');
  const rows = await db('bulk_items')
    .where({ bulk: id })
    .orderBy('position')
    .select<{ task: string; state: 'waiting' | 'done' | 'refused'; at: Date | null; why: Why | null }[]>(
      'task',
      'state',
      'at',
      'why',
    );
  const count = (state: string) => rows.filter((row) => row.state === state).length;
  return {
    id,
    act: bulk.act.act,
    createdAt: bulk.created_at.toISOString(),
    counts: { waiting: count('waiting'), done: count('done'), refused: count('refused') },
    items: rows.map(({ task, state, at, why }) => ({
      task,
      state,
      at: at?.toISOString() ?? null,
      ...(why ? { why } : {}),
    })),
  };
}
