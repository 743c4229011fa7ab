import type { Actor, Person } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { lentTo } from './delegations.ts';
import { Refusal } from './refusal.ts';

const notFound = () => new Refusal('not-found', 'Không có hồ sơ này · There is no such case');

/**
 * Lets through who may read a case: its applicant, officers of its agency, officers of an agency that has or
 * had a task in it, and admins.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function mayReadCase(db: Database | Transaction, actor: Actor, code: string): Promise<void> {
  const row = await caseOf(db, code);
  if (actor.roles.includes('admin') || row.applicant_sub === actor.sub) return;
  if (!actor.agency) throw new Refusal('not-yours', 'Hồ sơ này không phải của bạn · This case is not yours');
  if (row.agency === actor.agency) return;
  const involved = await db('tasks')
    .where({ case_code: code, agency: actor.agency })
    .first<{ id: string } | undefined>('id');
  if (!involved)
    throw new Refusal('wrong-agency', 'Hồ sơ này thuộc cơ quan khác · This case belongs to another agency');
}

/**
 * Lets through who may read what officers tell each other about a case: those who may read it, without its applicant.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function mayReadInternally(
  db: Database | Transaction,
  actor: Actor,
  code: string,
): Promise<void> {
  await mayReadCase(db, actor, code);
  if ((await caseOf(db, code)).applicant_sub === actor.sub)
    throw new Refusal('wrong-role', 'Chỉ dành cho công chức · This is for the officers of the case');
}

async function caseOf(db: Database | Transaction, code: string) {
  const row = await db('cases')
    .where({ code })
    .first<{ applicant_sub: string; agency: string } | undefined>(['applicant_sub', 'agency']);
  if (!row) throw notFound();
  return row;
}

/** A task with what the policy needs of its case. */
export interface GuardedTask {
  case_code: string;
  procedure: string;
  name: string;
  role: string;
  agency: string | null;
  not_by: string[];
  state: string;
  claimed_by: string | null;
  applicant_sub: string;
}

/** On what ground somebody may act: their own, or in the place of a principal. */
export interface Authority {
  for?: Person;
}

/**
 * Finds on what grounds somebody may perform a task at an instant, their own first: role, agency, ownership,
 * substitution, separation of duties. What a substitute did counts as done by the substitute and by the principal.
 *
 * @returns at least one ground
 * @throws Refusal `wrong-role`, `wrong-agency`, `not-yours` or `same-person`
 */
export async function authorityOver(
  db: Database | Transaction,
  actor: Actor,
  task: GuardedTask,
  at: Date,
): Promise<Authority[]> {
  const refusal = ownRefusal(actor, task);
  const claimedByAnother = task.claimed_by !== null && task.claimed_by !== actor.sub;
  // Substitution matters only where somebody's own authority does not do.
  const lent = refusal || claimedByAnother ? await lentFor(db, actor, task, at) : [];
  const grounds: Authority[] = [...(refusal ? [] : [{}]), ...lent];
  if (refusal && grounds.length === 0) throw refusal;
  const concerned = await performersBefore(db, task);
  const free = grounds.filter(
    (ground) => !concerned.has(actor.sub) && !(ground.for && concerned.has(ground.for.sub)),
  );
  if (free.length > 0) return free;
  const before = [actor.sub, ...grounds.map((ground) => ground.for?.sub ?? '')].find((sub) =>
    concerned.has(sub),
  );
  const name = concerned.get(before ?? '') ?? '';
  throw new Refusal(
    'same-person',
    before === actor.sub
      ? `Bạn đã làm việc "${name}" của hồ sơ này · You performed "${name}" of this case`
      : `Người bạn thay đã làm việc "${name}" của hồ sơ này · Your principal performed "${name}" of this case`,
  );
}

/** Says why somebody may not perform a task on their own account, separation of duties aside. */
function ownRefusal(actor: Actor, task: GuardedTask): Refusal | undefined {
  if (!actor.roles.some((role) => role === task.role))
    return new Refusal(
      'wrong-role',
      `Việc này dành cho vai trò ${task.role} · This task is for the role ${task.role}`,
    );
  if (task.role === 'citizen')
    return task.applicant_sub === actor.sub
      ? undefined
      : new Refusal('not-yours', 'Hồ sơ này không phải của bạn · This case is not yours');
  return task.agency === null || task.agency === actor.agency
    ? undefined
    : new Refusal('wrong-agency', 'Việc này của cơ quan khác · This task belongs to another agency');
}

async function lentFor(
  db: Database | Transaction,
  actor: Actor,
  { role, agency, procedure }: Pick<GuardedTask, 'role' | 'agency' | 'procedure'>,
  at: Date,
): Promise<Authority[]> {
  const lent = await lentTo(db, actor, at);
  return lent
    .filter((each) => each.role === role && each.agency === agency)
    .filter(({ procedures }) => procedures?.includes(procedure) ?? true)
    .map(({ principal }) => ({ for: principal }));
}

/** Who performed a task of the case that must not be performed by the same person, each with that task's name. */
async function performersBefore(db: Database | Transaction, task: GuardedTask): Promise<Map<string, string>> {
  if (task.not_by.length === 0) return new Map();
  const rows = await db('tasks')
    .where({ case_code: task.case_code, state: 'done' })
    .whereIn('name', task.not_by)
    .select<{ name: string; closed_by: Person & { for?: Person } }[]>('name', 'closed_by');
  return new Map(
    rows.flatMap(({ name, closed_by: by }) =>
      [by.sub, ...(by.for ? [by.for.sub] : [])].map((sub) => [sub, name] as const),
    ),
  );
}

/**
 * Finds on what ground somebody leads the agency of a task, as its head or leader or in the place of one.
 *
 * @throws Refusal `wrong-role` or `wrong-agency`
 */
export async function leadership(
  db: Database | Transaction,
  actor: Actor,
  task: Pick<GuardedTask, 'agency' | 'procedure'>,
  at: Date,
): Promise<Authority> {
  for (const role of ['head', 'leader'] as const) {
    if (actor.agency === task.agency && actor.roles.includes(role)) return {};
    const [lent] = await lentFor(db, actor, { ...task, role }, at);
    if (lent) return lent;
  }
  throw actor.agency === task.agency || task.agency === null
    ? new Refusal('wrong-role', 'Chỉ người đứng đầu được làm · Only the head of the agency may do this')
    : new Refusal('wrong-agency', 'Việc này của cơ quan khác · This task belongs to another agency');
}
