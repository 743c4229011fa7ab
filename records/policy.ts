import type { Actor, Person } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { lentTo } from './delegations.ts';
import {
  coSignatureOf,
  seatIn,
  standingIn,
  standingInPrepared,
  type Seat,
  type Standing,
} from './parties.ts';
import { Refusal } from './refusal.ts';

const notFound = () => new Refusal('not-found', 'Không có hồ sơ này · There is no such case');

const notYours = () => new Refusal('not-yours', 'Hồ sơ này không phải của bạn · This case is not yours');

/**
 * Lets through who may read a case at an instant: its parties (the applicant, a representative whose authorisation
 * holds, co-applicants), officers of its agency, officers of an agency that has or had a task in it, and admins.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function mayReadCase(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Seat> {
  const seat = await seatIn(db, actor, code, at);
  if (!seat) throw notFound();
  if (seat.standing || actor.roles.includes('admin') || seat.agency === actor.agency) return seat;
  if (!actor.agency) throw notYours();
  const involved = await db('tasks')
    .where({ case_code: code, agency: actor.agency })
    .first<{ id: string } | undefined>('id');
  if (!involved)
    throw new Refusal('wrong-agency', 'Hồ sơ này thuộc cơ quan khác · This case belongs to another agency');
  return seat;
}

/**
 * Lets through who may read what officers tell each other about a case: those who may read it, without its parties.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function mayReadInternally(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Seat> {
  const seat = await mayReadCase(db, actor, code, at);
  if (seat.standing)
    throw new Refusal('wrong-role', 'Chỉ dành cho công chức · This is for the officers of the case');
  return seat;
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
  /** Its `asker` is whoever has asked for the task; nobody answers themselves. */
  context: Record<string, unknown>;
}

/** On what ground somebody may act: their own, in the place of a principal, or as a party other than the applicant. */
export interface Authority {
  for?: Person;
  as?: 'representative' | 'co-applicant';
}

/** Whoever acts, with the ground on which they do it, as the record names them. */
export const acting = (actor: Actor, ground: Authority): Actor => ({ ...actor, ...ground });

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
  if (task.role === 'citizen' && !refusal) return [await partyGround(db, actor, task, at)];
  const claimedByAnother = task.claimed_by !== null && task.claimed_by !== actor.sub;
  // Substitution matters only where somebody's own authority does not do.
  const lent = refusal || claimedByAnother ? await lentFor(db, actor, task, at) : [];
  const grounds: Authority[] = [...(refusal ? [] : [{}]), ...lent];
  if (refusal && grounds.length === 0) throw refusal;
  if (await standingIn(db, actor, task.case_code, at))
    throw new Refusal('same-person', 'Hồ sơ của chính bạn · Nobody decides their own case');
  const concerned = await performersBefore(db, task);
  const { asker } = task.context;
  if (typeof asker === 'string') concerned.set(asker, task.name);
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
  return task.role === 'citizen' || task.agency === null || task.agency === actor.agency
    ? undefined
    : new Refusal('wrong-agency', 'Việc này của cơ quan khác · This task belongs to another agency');
}

/**
 * Finds on what ground a citizen may do what a case asks of its applicant: as the applicant or their representative.
 * Withdrawing is every party's, as the case rests on the will of all of them.
 */
async function partyGround(
  db: Database | Transaction,
  actor: Actor,
  task: GuardedTask,
  at: Date,
): Promise<Authority> {
  const standing = await standingIn(db, actor, task.case_code, at);
  if (!standing) throw notYours();
  if (standing.as === 'co-applicant' && task.name !== 'withdraw')
    throw new Refusal(
      'not-yours',
      'Chỉ người đứng đơn hoặc người đại diện · Only the applicant’s side does this',
    );
  return groundOf(standing);
}

/** The ground of a party: nothing more need be said of the applicant. */
export const groundOf = ({ as, ...standing }: Standing): Authority =>
  as === 'applicant' ? {} : { as, ...standing };

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
  // A task of the same name is named with its number, `vote#2`; one of the campaign that the case is a member of, `campaign.approval`.
  const rows = await db('tasks')
    .where({ state: 'done' })
    .whereRaw(
      `(case_code = :code AND (name = ANY(:names) OR name || '#' || number = ANY(:names))
        OR case_code = (SELECT campaign FROM campaign_members WHERE campaign_members.case_code = :code)
           AND 'campaign.' || name = ANY(:names))`,
      { code: task.case_code, names: task.not_by },
    )
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

/**
 * Finds on what ground somebody may end the authority of a representative: the applicant, the representative, and the
 * reception of the case's agency for an applicant who comes to it.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function mayEndRepresentation(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Authority> {
  const { agency, standing } = await mayReadCase(db, actor, code, at);
  if (standing && standing.as !== 'co-applicant') return groundOf(standing);
  if (standing) throw notYours();
  if (agency === actor.agency && actor.roles.includes('reception')) return {};
  throw new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
}

const notYourApplication = () =>
  new Refusal('not-yours', 'Đơn này không phải của bạn · This application is not yours');

/**
 * Lets through who may read an application that waits for its co-applicants: its parties and who prepared it.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function mayReadPrepared(
  db: Database | Transaction,
  actor: Actor,
  id: string,
  at: Date,
): Promise<void> {
  if ((await prepared(db, actor, id)) || (await coSignatureOf(db, actor, id))) return;
  if (!(await standingInPrepared(db, actor, id, at))) throw notYourApplication();
}

/**
 * Lets through who may take an application back that waits: who prepared it, the applicant and their representative.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function mayTakeBack(
  db: Database | Transaction,
  actor: Actor,
  id: string,
  at: Date,
): Promise<void> {
  if (await prepared(db, actor, id)) return;
  const standing = await standingInPrepared(db, actor, id, at);
  if (!standing || standing.as === 'co-applicant') throw notYourApplication();
}

/**
 * Finds which signature of an application is somebody's own.
 *
 * @throws Refusal `not-found`, `wrong-role` or `not-yours`
 */
export async function mayCoSign(db: Database | Transaction, actor: Actor, id: string): Promise<number> {
  await prepared(db, actor, id);
  const number = await coSignatureOf(db, actor, id);
  if (number === undefined) throw notYourApplication();
  return number;
}

/** Whether somebody prepared an application themselves; a representative counts only while they are one. */
async function prepared(db: Database | Transaction, actor: Actor, id: string): Promise<boolean> {
  const row = await db('prepared_applications')
    .where({ id })
    .first<{ by: Actor } | undefined>('prepared_by as by');
  if (!row) throw new Refusal('not-found', 'Không có đơn này · There is no such application');
  return row.by.sub === actor.sub && row.by.as === undefined;
}
