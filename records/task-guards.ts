import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { heldAct, type HeldAct } from './outbox.ts';
import { authorityOver, leadership, type Authority } from './policy.ts';
import { Refusal, refusalOr } from './refusal.ts';
import type { TaskRow } from './task-rows.ts';

/**
 * The guards of every act on a task: the acts ask them under the lock of the case, and whoever wants to know what they
 * can do asks the same ones before. Each gives the ground of the act, or throws why it may not be done now.
 */
type Guard<Ground> = (db: Database | Transaction, actor: Actor, task: TaskRow, at: Date) => Promise<Ground>;

export const closed = () => new Refusal('task-closed', 'Việc này đã xong · This task is closed');

export const claimedByAnother = (name: string | null) =>
  new Refusal(
    'claimed-by-another',
    `${name ?? ''} đang xử lý việc này · ${name ?? 'Somebody'} has claimed this task`,
  );

/**
 * Performing or claiming a task: one's own ground first; what a principal has claimed is free for their substitute.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export const mayPerform: Guard<Authority> = async (db, actor, task, at) => {
  const grounds = await authorityOver(db, actor, task, at);
  if (task.state !== 'open') throw closed();
  const claimer = task.claimed_by;
  const free = grounds.find((ground) => !claimer || claimer === actor.sub || claimer === ground.for?.sub);
  if (!free) throw claimedByAnother(task.claimed_name);
  return free;
};

/**
 * Giving a task back to the queue: whoever could go on with it, and who leads the agency.
 *
 * @throws Refusal by policy, `task-closed` or `claimed-by-another`
 */
export const mayRelease: Guard<Authority> = async (db, actor, task, at) => {
  const performing = await refusalOr(mayPerform(db, actor, task, at));
  if (!(performing instanceof Refusal)) return performing;
  const leading = await refusalOr(leadership(db, actor, task, at));
  if (leading instanceof Refusal) throw performing;
  if (task.state !== 'open') throw closed();
  return leading;
};

/**
 * Giving a task to a certain officer, whoever has claimed it: who leads the agency, and admins.
 *
 * @throws Refusal `not-yours` for what only the applicant can do, `wrong-role`, `wrong-agency` or `task-closed`
 */
export const mayAssign: Guard<Authority> = async (db, actor, task, at) => {
  if (task.role === 'citizen' || task.agency === null)
    throw new Refusal('not-yours', 'Việc này của người nộp hồ sơ · Only the applicant can do this');
  const ground = actor.roles.includes('admin') ? {} : await leadership(db, actor, task, at);
  if (task.state !== 'open') throw closed();
  return ground;
};

/**
 * Undoing: the same person, while the act is held. When the deadline of the task has passed, the answer counts for
 * good, as nobody could give another one.
 *
 * @throws Refusal `not-yours` or `undo-over`
 */
export const mayUndo: Guard<HeldAct> = async (db, actor, task, at) => {
  if (task.state !== 'done' || task.closed_by?.sub !== actor.sub)
    throw new Refusal('not-yours', 'Bạn không làm việc này · You did not perform this task');
  const held = await heldAct(db, task.case_code, task);
  const tooLate = !held || held.until <= at || (task.expires_at !== null && task.expires_at <= at);
  if (tooLate || task.case_closed_at) throw undoOver();
  return held;
};

export const undoOver = () =>
  new Refusal(
    'undo-over',
    'Đã quá thời gian hoàn tác hoặc hồ sơ đã đi tiếp · The time to undo is over, or the case has gone on',
  );
