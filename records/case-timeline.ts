import type { Actor } from './actor.ts';
import type { Database } from './db.ts';
import { mayReadCase } from './policy.ts';

/** One entry of a case's record, as those who may read the case see it. */
export interface TimelineEntry {
  number: number;
  at: string;
  event: string;
  actor: { name?: string; roles: string[]; agency?: string; as?: string };
  details: Record<string, unknown>;
}

/** What officers do among themselves; the applicant's view of the record leaves it out. */
const internalEvents = ['commented', 'linked', 'unlinked', 'not-augmented'];

/**
 * Gives the record of a case, oldest first, as whoever may read the case at an instant sees it.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function caseTimeline(
  db: Database,
  actor: Actor,
  code: string,
  at: Date,
): Promise<TimelineEntry[]> {
  const { standing } = await mayReadCase(db, actor, code, at);
  return recordOf(db, code, standing !== undefined);
}

/**
 * Gives the record of a case, oldest first, to whoever was let through before.
 *
 * @param outside leaves out what officers do among themselves
 */
export async function recordOf(db: Database, code: string, outside: boolean): Promise<TimelineEntry[]> {
  const query = db('case_record').where({ case_code: code }).orderBy('number');
  if (outside) void query.whereNotIn('event', internalEvents);
  const rows = await query.select<
    {
      number: number;
      at: Date;
      event: string;
      actor: TimelineEntry['actor'] & { sub: string };
      details: Record<string, unknown>;
    }[]
  >('number', 'at', 'event', 'actor', 'details');
  return rows.map(({ actor: { sub: _sub, ...who }, at, details: { explanation, ...details }, ...rest }) => ({
    ...rest,
    // What speaks for an officer is how much they have to do: nothing for applicants.
    details: outside || explanation === undefined ? details : { ...details, explanation },
    at: at.toISOString(),
    actor: who,
  }));
}
