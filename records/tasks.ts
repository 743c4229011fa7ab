import type { Actor, Person } from './actor.ts';
import type { Database } from './db.ts';
import { standingIn } from './parties.ts';
import { Refusal, refusalOr, type RefusalType } from './refusal.ts';
import { mayPerform } from './task-guards.ts';
import {
  joinedTasks,
  listedColumns,
  noTask,
  taskColumns,
  type ListedRow,
  type TaskRow,
} from './task-rows.ts';

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
  claimedBy: Person | null;
  /** Whether an officer of its agency has opened it. */
  seen: boolean;
  /** Street and ward of what the case is about, without the number of the house. */
  area: string | null;
  /** In whose place the reader may perform it; absent where they may on their own account. */
  for?: Person;
}

/** A task with what its performer needs, and whether the reader may perform it. */
export interface TaskView extends TaskSummary {
  number: number;
  context: Record<string, unknown>;
  may: { complete: boolean; why?: { type: RefusalType; detail: string } };
}

/** A task as lists show it. */
export const summaryOf = (row: ListedRow): TaskSummary => ({
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
  seen: row.viewed_at !== null,
  area: row.area,
});

/**
 * Gives a task to somebody who may perform it, or has performed a task of the case's agency.
 *
 * @throws Refusal `not-found`, `wrong-agency` or `not-yours`
 */
export async function findTask(db: Database, actor: Actor, id: string, at: Date): Promise<TaskView> {
  const row = await joinedTasks(db).where('tasks.id', id).first<TaskRow | undefined>(taskColumns);
  if (!row) throw noTask();
  const view = { ...summaryOf(row), number: row.number, context: row.context };
  const ground = await refusalOr(mayPerform(db, actor, row, at));
  if (!(ground instanceof Refusal)) return { ...view, ...ground, may: { complete: true } };
  const own = row.role === 'citizen' && (await standingIn(db, actor, row.case_code, at));
  const reads =
    own || actor.roles.includes('admin') || (row.role !== 'citizen' && row.agency === actor.agency);
  if (!reads) throw ground;
  return { ...view, may: { complete: false, why: { type: ground.type, detail: ground.message } } };
}

/** Remembers that an officer of its agency has opened a task, the first of them only. */
export async function noteView(
  db: Database,
  { sub, agency }: Actor,
  task: Pick<TaskView, 'id' | 'agency' | 'seen'>,
  at: Date,
): Promise<void> {
  if (task.seen || agency === undefined || agency !== task.agency) return;
  await db('tasks').where({ id: task.id }).whereNull('viewed_at').update({ viewed_at: at, viewed_by: sub });
}

/** Finds tasks by their ids, for a report to whoever named them. */
export async function tasksByIds(db: Database, ids: string[]): Promise<Map<string, TaskSummary>> {
  const rows = await joinedTasks(db).whereRaw('tasks.id = ANY(?)', [ids]).select<ListedRow[]>(listedColumns);
  return new Map(rows.map((row) => [row.id, summaryOf(row)]));
}
