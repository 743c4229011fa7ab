import type { Actor, Role } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

/** An officer as the latest sign-in or act showed them. */
export interface Officer {
  sub: string;
  name: string;
  roles: Role[];
  agency: string;
  title: string | null;
}

const columns = ['sub', 'name', 'roles', 'agency', 'title'] as const;

/** How old what is known of somebody may be before it is written again, so that most acts only read. */
const staleMs = 3_600_000;

/**
 * Keeps who an officer is when they sign in or act, so that others can name them: as assignee, substitute or in a
 * comment. Citizens are not kept.
 */
export async function noteOfficer(db: Database, actor: Actor, at: Date): Promise<void> {
  const { sub, name, roles, agency, title } = actor;
  if (!agency || roles.includes('citizen')) return;
  await db.raw(note, {
    sub,
    name,
    roles,
    agency,
    title: title ?? null,
    at,
    stale: new Date(at.getTime() - staleMs),
  });
}

const note = /* sql */ `
  INSERT INTO people (sub, name, roles, agency, title, seen_at)
  SELECT :sub, :name, CAST(:roles AS text[]), :agency, :title, :at
   WHERE NOT EXISTS (SELECT FROM people
                      WHERE sub = :sub AND name = :name AND roles = CAST(:roles AS text[]) AND agency = :agency
                        AND title IS NOT DISTINCT FROM :title AND seen_at > :stale)
  ON CONFLICT (sub) DO UPDATE SET name = excluded.name, roles = excluded.roles, agency = excluded.agency,
                                  title = excluded.title, seen_at = excluded.seen_at`;

/**
 * Finds an officer by subject.
 *
 * @param pointer where the request names them (JSON Pointer)
 * @throws Refusal `unknown-person` when nobody with that subject has signed in or acted for an agency
 */
export async function findOfficer(
  db: Database | Transaction,
  sub: string,
  pointer: string,
): Promise<Officer> {
  const officer = await db<Officer>('people')
    .where({ sub })
    .first(...columns);
  if (!officer)
    throw new Refusal(
      'unknown-person',
      'Chưa có ai với mã này đăng nhập · Nobody of that name has signed in',
      [{ pointer, detail: sub }],
    );
  return officer;
}

/** An officer as somebody who acts, for guards that are asked about another person than the caller. */
export const asActor = ({ title, ...officer }: Officer): Actor => ({ ...officer, title: title ?? undefined });

/** Lists the officers of an agency by name: whom one can assign to, appoint as substitute or mention. */
export async function listOfficers(db: Database, agency: string): Promise<Officer[]> {
  return db<Officer>('people')
    .where({ agency })
    .orderBy(['name', 'sub'])
    .limit(1_000)
    .select(...columns);
}
