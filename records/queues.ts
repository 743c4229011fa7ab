import { roles, type Actor, type Person } from './actor.ts';
import type { Database } from './db.ts';
import { lentTo, type LentAuthority } from './delegations.ts';
import { Refusal } from './refusal.ts';

/** The open tasks of a role at the agency of a {@link Reach}, of some editions or (null) of all. */
export interface Queue {
  role: string;
  procedures: string[] | null;
}

/** The queues of one agency that somebody works in or looks at. */
export interface Reach {
  agency: string;
  queues: Queue[];
  /** In whose place the reader works in some of them. */
  lent: LentAuthority[];
}

const officers = roles.filter((role) => role !== 'citizen');

/**
 * Finds the queues in which somebody may perform tasks at an instant, on their own account or as a substitute; or all
 * of an agency, which its officers and admins may look at.
 *
 * @param agency whose queues, all of them; without it the reader's own
 * @throws Refusal `wrong-role` or `wrong-agency` for all queues of an agency that is not the reader's
 */
export async function reachOf(
  db: Database,
  actor: Actor,
  at: Date,
  agency?: string,
): Promise<Reach | undefined> {
  if (agency !== undefined) {
    mayLookAt(actor, agency);
    return { agency, queues: officers.map((role) => ({ role, procedures: null })), lent: [] };
  }
  if (!actor.agency) return undefined;
  const lent = await lentTo(db, actor, at);
  const own = actor.roles.filter((role) => role !== 'citizen');
  const lentOnly = [...new Set(lent.map(({ role }) => role))].filter((role) => !actor.roles.includes(role));
  const queues = [
    ...own.map((role) => ({ role, procedures: null })),
    ...lentOnly.map((role) => ({ role, procedures: proceduresOf(lent, role) })),
  ];
  return { agency: actor.agency, queues, lent };
}

function mayLookAt(actor: Actor, agency: string): void {
  if (actor.roles.includes('admin') || actor.agency === agency) return;
  throw actor.agency
    ? new Refusal('wrong-agency', 'Cơ quan khác · That is another agency')
    : new Refusal('wrong-role', 'Chỉ dành cho công chức · Only for officers of an agency');
}

/** What several principals lend of one role adds up. */
function proceduresOf(lent: LentAuthority[], role: string): string[] | null {
  const grounds = lent.filter((each) => each.role === role);
  return grounds.every(({ procedures }) => procedures !== null)
    ? [...new Set(grounds.flatMap(({ procedures }) => procedures ?? []))]
    : null;
}

/** Whom the reader stands in for when they perform a task that is not theirs. */
export function principalOf(
  actor: Actor,
  lent: LentAuthority[],
  task: { role: string; procedure: string },
): { for?: Person } {
  if (actor.roles.some((role) => role === task.role)) return {};
  const ground = lent.find(
    ({ role, procedures }) => role === task.role && (procedures?.includes(task.procedure) ?? true),
  );
  return ground ? { for: ground.principal } : {};
}
