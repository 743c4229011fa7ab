import type { Actor } from './actor.ts';
import type { Transaction } from './db.ts';
import { notify } from './notices.ts';
import { asActor, findOfficer } from './people.ts';
import { acting, authorityOver, type Authority } from './policy.ts';
import { digest } from './record.ts';
import { Refusal } from './refusal.ts';
import { officersFor, type Suggestion } from './suggestions.ts';
import { append, setClaim, type TaskAct } from './task-acts.ts';
import { claimedByAnother, mayAssign } from './task-guards.ts';
import { lockedTask, type LockedTask } from './task-rows.ts';

/** Who gives out a task, and why; an admin must say why. */
interface Giving extends TaskAct {
  reason: string;
}

/**
 * Gives an open task to a named officer of its agency who may perform it, and tells them; given to whom it belongs
 * already, nothing changes.
 *
 * @param suggested whether the officer was taken from the suggestions: what speaks for them now is kept in the record
 * @throws Refusal by policy, `task-closed`, `unknown-person`, why that officer may not perform it, or `invalid-form`
 *   when they are suggested no more
 */
export async function assignTask(
  trx: Transaction,
  { to, suggested, ...giving }: Giving & { to: string; suggested?: boolean | undefined },
): Promise<{ name: string }> {
  const { task, ground } = await takeToGive(trx, giving);
  const officer = asActor(await findOfficer(trx, to, '/to'));
  await mayBeGiven(trx, officer, task, giving.at);
  if (task.claimed_by === officer.sub) return { name: officer.name };
  const found = suggested
    ? (await officersFor(trx, task, giving.at)).find((each) => each.officer.sub === to)
    : undefined;
  if (suggested && !found)
    throw new Refusal('invalid-form', 'Không còn được gợi ý · Suggested no more', [
      { pointer: '/to', detail: 'Hãy xem lại gợi ý · Look at the suggestions again' },
    ]);
  await give(trx, task, officer, { ...giving, ground, why: found });
  return { name: officer.name };
}

/**
 * Gives an open task that nobody has claimed to the officer who is suggested first at this instant; why is kept in the
 * record.
 *
 * @throws Refusal by policy, `task-closed`, `claimed-by-another` or `nobody-available`
 */
export async function distributeTask(trx: Transaction, giving: Giving): Promise<{ name: string }> {
  const { task, ground } = await takeToGive(trx, giving);
  if (task.claimed_by) throw claimedByAnother(task.claimed_name);
  const [best] = await officersFor(trx, task, giving.at);
  if (!best)
    throw new Refusal('nobody-available', 'Không còn ai làm được việc này · Nobody is there who may do this');
  const officer = asActor(await findOfficer(trx, best.officer.sub, '/to'));
  await give(trx, task, officer, { ...giving, ground, why: best });
  return { name: officer.name };
}

/** Locks the case of a task that is going to be given out, and asks who may do that. */
async function takeToGive(
  trx: Transaction,
  { actor, at, id, reason }: Giving,
): Promise<{ task: LockedTask; ground: Authority }> {
  const task = await lockedTask(trx, id);
  const ground = await mayAssign(trx, actor, task, at);
  if (actor.roles.includes('admin') && !reason)
    throw new Refusal('invalid-form', 'Cần nêu lý do · Say why', [
      { pointer: '/reason', detail: 'Bắt buộc · Required' },
    ]);
  return { task, ground };
}

async function give(
  trx: Transaction,
  task: LockedTask,
  officer: Actor,
  { actor, at, reason, ground, why }: Giving & { ground: Authority; why: Suggestion | undefined },
): Promise<void> {
  await setClaim(trx, task, at, officer);
  const details = {
    task: task.name,
    from: task.claimed_by,
    to: { sub: officer.sub, name: officer.name },
    reason: digest(reason),
    ...(why ? { explanation: why.reason } : {}),
  };
  const end = await append(trx, task, { at, actor: acting(actor, ground), event: 'assigned', details });
  await notify(trx, { code: task.case_code, notice: 'assigned', to: [officer.sub], number: end, at });
}

/** Asks the guards in the officer's place: a task is given only to somebody who may perform it, on their own account. */
async function mayBeGiven(trx: Transaction, officer: Actor, task: LockedTask, at: Date): Promise<void> {
  const [ground] = await authorityOver(trx, officer, { ...task, claimed_by: null }, at);
  if (ground?.for)
    throw new Refusal(
      'wrong-role',
      `Việc này dành cho vai trò ${task.role} · This task is for the role ${task.role}`,
    );
}
