import type { Person } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import type { GuardedTask } from './policy.ts';
import type { RecordEnd } from './record.ts';
import { Refusal } from './refusal.ts';

/** A task as lists show it. */
export interface ListedRow extends Omit<GuardedTask, 'not_by' | 'context'> {
  id: string;
  opened_at: Date;
  due_at: Date | null;
  expires_at: Date | null;
  escalated_at: Date | null;
  claimed_name: string | null;
  viewed_at: Date | null;
  area: string | null;
}

/** A task together with what its guards need of the case. */
export interface TaskRow extends ListedRow, GuardedTask {
  number: number;
  closed_by: (Person & { for?: Person }) | null;
  case_state: number;
  case_closed_at: Date | null;
}

/** A task, and what an act changes of its case. */
export type LockedTask = TaskRow & RecordEnd & { last_act: number };

export const listedColumns = [
  'tasks.id',
  'case_code',
  'name',
  'role',
  'tasks.agency',
  'tasks.state',
  'opened_at',
  'tasks.due_at',
  'expires_at',
  'escalated_at',
  'claimed_by',
  'claimed_name',
  'viewed_at',
  'cases.procedure',
  'cases.area',
];

export const taskColumns = [
  ...listedColumns,
  'number',
  'not_by',
  'context',
  'closed_by',
  'cases.state as case_state',
  'cases.closed_at as case_closed_at',
];

/** Tasks with their cases. */
export const joinedTasks = (db: Database | Transaction) =>
  db<TaskRow>('tasks').join('cases', 'cases.code', 'tasks.case_code');

export const noTask = () => new Refusal('not-found', 'Không có việc này · There is no such task');

/**
 * Loads a task whose case is locked: acts on one case happen one after the other.
 *
 * @throws Refusal `not-found`
 */
export async function lockedTask(trx: Transaction, id: string): Promise<LockedTask> {
  const row = await joinedTasks(trx)
    .where('tasks.id', id)
    .forUpdate('cases')
    .first<LockedTask | undefined>([...taskColumns, 'last_act', 'record_length', 'record_hash']);
  if (!row) throw noTask();
  return row;
}
