import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

const notFound = () => new Refusal('not-found', 'Không có hồ sơ này · There is no such case');

/**
 * Lets through who may read a case: its applicant, officers of its agency, officers of an agency that has or
 * had a task in it, and admins.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function mayReadCase(db: Database | Transaction, actor: Actor, code: string): Promise<void> {
  const row = await db('cases')
    .where({ code })
    .first<{ applicant_sub: string; agency: string } | undefined>(['applicant_sub', 'agency']);
  if (!row) throw notFound();
  if (actor.roles.includes('admin') || row.applicant_sub === actor.sub) return;
  if (!actor.agency) throw new Refusal('not-yours', 'Hồ sơ này không phải của bạn · This case is not yours');
  if (row.agency === actor.agency) return;
  const involved = await db('tasks')
    .where({ case_code: code, agency: actor.agency })
    .first<{ id: string } | undefined>('id');
  if (!involved)
    throw new Refusal('wrong-agency', 'Hồ sơ này thuộc cơ quan khác · This case belongs to another agency');
}

/** A task with what the policy needs of its case. */
export interface GuardedTask {
  case_code: string;
  name: string;
  role: string;
  agency: string | null;
  not_by: string[];
  state: string;
  claimed_by: string | null;
  applicant_sub: string;
}

/**
 * Says why somebody may not perform a task at all: role, agency, ownership, separation of duties. Undefined
 * when they may.
 */
export async function performRefusal(
  db: Database | Transaction,
  actor: Actor,
  task: GuardedTask,
): Promise<Refusal | undefined> {
  if (!actor.roles.some((role) => role === task.role))
    return new Refusal(
      'wrong-role',
      `Việc này dành cho vai trò ${task.role} · This task is for the role ${task.role}`,
    );
  if (task.role === 'citizen') {
    if (task.applicant_sub !== actor.sub)
      return new Refusal('not-yours', 'Hồ sơ này không phải của bạn · This case is not yours');
  } else if (task.agency !== null && task.agency !== actor.agency) {
    return new Refusal('wrong-agency', 'Việc này của cơ quan khác · This task belongs to another agency');
  }
  if (task.not_by.length === 0) return undefined;
  const own = await db('tasks')
    .where({ case_code: task.case_code, state: 'done' })
    .whereIn('name', task.not_by)
    .whereRaw("closed_by->>'sub' = ?", [actor.sub])
    .first<{ name: string } | undefined>('name');
  return own
    ? new Refusal(
        'same-person',
        `Bạn đã làm việc "${own.name}" của hồ sơ này · You performed "${own.name}" of this case`,
      )
    : undefined;
}
