import { randomUUID } from 'node:crypto';
import type { Actor, Person, Role } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { askedOnce } from './glance.ts';
import { findOfficer, type Officer } from './people.ts';
import { Refusal } from './refusal.ts';

/** Roles that nobody can lend: they are the person's own, or a machine's. */
const personalRoles: readonly Role[] = ['citizen', 'admin', 'treasury'];

/** What a substitute may do in whose place, and how long. */
export interface Delegation {
  id: string;
  principal: Person;
  substitute: Person;
  agency: string;
  roles: Role[];
  /** Ids of editions; null means every one. */
  procedures: string[] | null;
  /** Instants (ISO 8601); `to` no longer belongs to the period. */
  from: string;
  to: string;
  reason: string;
  revokedAt: string | null;
}

interface Row {
  id: string;
  principal_sub: string;
  principal_name: string;
  substitute_sub: string;
  substitute_name: string;
  agency: string;
  roles: Role[];
  procedures: string[] | null;
  from_at: Date;
  to_at: Date;
  reason: string;
  revoked_at: Date | null;
}

const joined = (db: Database | Transaction) =>
  db<Row>('delegations')
    .join('people as principals', 'principals.sub', 'principal_sub')
    .join('people as substitutes', 'substitutes.sub', 'substitute_sub');

const columns = [
  'delegations.*',
  'principals.name as principal_name',
  'substitutes.name as substitute_name',
] as const;

const viewOf = (row: Row): Delegation => ({
  id: row.id,
  principal: { sub: row.principal_sub, name: row.principal_name },
  substitute: { sub: row.substitute_sub, name: row.substitute_name },
  agency: row.agency,
  roles: row.roles,
  procedures: row.procedures,
  from: row.from_at.toISOString(),
  to: row.to_at.toISOString(),
  reason: row.reason,
  revokedAt: row.revoked_at?.toISOString() ?? null,
});

/** What a principal lends at an instant: a role at an agency, for some procedures or (null) all. */
export interface LentAuthority {
  principal: Person;
  role: Role;
  agency: string;
  procedures: string[] | null;
}

/**
 * Finds what others lend to somebody at an instant. A principal lends only roles that they still hold themselves, so
 * what was lent cannot be lent on; and both must still be of the agency. In a transaction the delegations stay locked,
 * so that none is revoked in the middle of an act.
 */
export async function lentTo(db: Database | Transaction, actor: Actor, at: Date): Promise<LentAuthority[]> {
  const { agency } = actor;
  return agency ? askedOnce(db, actor, 'lent', () => findLent(db, actor.sub, agency, at)) : [];
}

async function findLent(
  db: Database | Transaction,
  sub: string,
  agency: string,
  at: Date,
): Promise<LentAuthority[]> {
  const query = db('delegations')
    .join('people', 'people.sub', 'principal_sub')
    .where('substitute_sub', sub)
    .where('delegations.agency', agency)
    .whereRaw('people.agency = delegations.agency')
    .whereNull('revoked_at')
    .where('from_at', '<=', at)
    .where('to_at', '>', at)
    .orderBy(['from_at', 'id']);
  if (db.isTransaction) void query.forShare('delegations');
  const rows = await query.select<(Row & { held: Role[]; name: string })[]>(
    'delegations.*',
    'people.name',
    'people.roles as held',
  );
  return rows.flatMap((row) =>
    row.roles
      .filter((role) => row.held.includes(role))
      .map((role) => ({
        principal: { sub: row.principal_sub, name: row.name },
        role,
        agency: row.agency,
        procedures: row.procedures,
      })),
  );
}

/** A delegation as it is asked for. */
export interface Appointment {
  substitute: string;
  /** Whose place it is; only an admin may name another than themselves. */
  principal?: string | undefined;
  /** Without it, every role that the principal can lend. */
  roles?: Role[] | undefined;
  procedures?: string[] | undefined;
  from: Date;
  to: Date;
  reason: string;
}

/**
 * Appoints a substitute for a period: by the principal, or by an admin who says why.
 *
 * @throws Refusal `wrong-role`, `unknown-person`, `wrong-agency` or `invalid-form`
 */
export async function delegate(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  given: Appointment,
): Promise<Delegation> {
  mayDelegate(actor);
  const principal = await principalOf(trx, actor, given);
  const substitute = await findOfficer(trx, given.substitute, '/substitute');
  if (substitute.sub === principal.sub)
    throw wrong('/substitute', 'Không tự ủy quyền cho mình · Nobody stands in for themselves');
  if (substitute.agency !== principal.agency)
    throw new Refusal(
      'wrong-agency',
      'Người thay phải cùng cơ quan · A substitute must be of the same agency',
    );
  const roles = lendable(principal, given.roles);
  const from = given.from < at ? at : given.from;
  if (given.to <= from)
    throw wrong('/to', 'Phải sau lúc bắt đầu và sau bây giờ · Must be after the start and now');
  const id = randomUUID();
  await trx('delegations').insert({
    id,
    principal_sub: principal.sub,
    substitute_sub: substitute.sub,
    agency: principal.agency,
    roles,
    procedures: given.procedures ?? null,
    from_at: from,
    to_at: given.to,
    reason: given.reason,
    created_at: at,
    created_by: JSON.stringify({ sub: actor.sub, name: actor.name }),
  });
  return viewOf(await rowOf(trx, id));
}

/**
 * Lets pass who may appoint a substitute at all: officers of an agency with a role that can be lent, and admins.
 *
 * @throws Refusal `wrong-role`
 */
export function mayDelegate(actor: Actor): void {
  const lends = actor.agency !== undefined && actor.roles.some((role) => !personalRoles.includes(role));
  if (!lends && !actor.roles.includes('admin'))
    throw new Refusal('wrong-role', 'Bạn không có quyền gì để ủy quyền · You have no role that can be lent');
}

async function principalOf(
  trx: Transaction,
  actor: Actor,
  { principal = actor.sub, reason }: Appointment,
): Promise<Officer> {
  if (principal !== actor.sub) {
    if (!actor.roles.includes('admin'))
      throw new Refusal(
        'wrong-role',
        'Chỉ ủy quyền cho việc của mình · You can only lend your own authority',
      );
    if (!reason) throw wrong('/reason', 'Cần nêu lý do · Say why');
  }
  return findOfficer(trx, principal, '/principal');
}

/** The roles that are lent: those asked for, all of which the principal must hold themselves, or every one they can. */
function lendable(principal: Officer, asked: Role[] | undefined): Role[] {
  const held = principal.roles.filter((role) => !personalRoles.includes(role));
  const missing = asked?.find((role) => !held.includes(role));
  if (missing || held.length === 0)
    throw wrong('/roles', `Người ủy quyền không có vai trò này · ${principal.name} has no such role to lend`);
  return asked ?? held;
}

/**
 * Ends a delegation now; ended again, it stays as it was. What was done under it stays done.
 *
 * @throws Refusal `not-found`, or `not-yours` for others than the principal and admins
 */
export async function revoke(
  trx: Transaction,
  { actor, at, id }: { actor: Actor; at: Date; id: string },
): Promise<void> {
  const row = await rowOf(trx, id);
  if (row.principal_sub !== actor.sub && !actor.roles.includes('admin'))
    throw new Refusal('not-yours', 'Chỉ người ủy quyền được thu hồi · Only the principal can revoke this');
  await trx('delegations')
    .where({ id })
    .whereNull('revoked_at')
    .update({ revoked_at: at, revoked_by: JSON.stringify({ sub: actor.sub, name: actor.name }) });
}

async function rowOf(trx: Transaction, id: string): Promise<Row> {
  const row = await joined(trx)
    .where('delegations.id', id)
    .first<Row | undefined>(...columns);
  if (!row) throw new Refusal('not-found', 'Không có ủy quyền này · There is no such delegation');
  return row;
}

/** Lists whom somebody stands in for and who stands in for them, the latest first; all of the city for an admin. */
export async function listDelegations(db: Database, actor: Actor): Promise<Delegation[]> {
  const query = joined(db).orderBy('from_at', 'desc').limit(200);
  if (!actor.roles.includes('admin'))
    void query.where((mine) => {
      void mine.where('principal_sub', actor.sub).orWhere('substitute_sub', actor.sub);
    });
  return (await query.select<Row[]>(...columns)).map(viewOf);
}

const wrong = (pointer: string, detail: string) =>
  new Refusal('invalid-form', 'Ủy quyền chưa đúng · The delegation is not right', [{ pointer, detail }]);
