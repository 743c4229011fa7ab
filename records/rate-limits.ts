import type { Database } from './db.ts';

/** How often somebody has called since their minute began, and when it ends. */
export interface Calls {
  calls: number;
  endsAt: Date;
}

/**
 * Counts one more call of somebody; all API processes count together. A minute begins with the first call in it.
 *
 * @param caller a name that says nothing about the person
 * @param forMs how long a minute is, in milliseconds
 */
export async function countCall(db: Database, caller: string, at: Date, forMs: number): Promise<Calls> {
  const bindings = { caller, at, end: new Date(at.getTime() + forMs) };
  const { rows } = await db.raw<{ rows: { calls: number; ends_at: Date }[] }>(
    /* sql */ `
    INSERT INTO rate_limits AS known (caller, ends_at, calls) VALUES (:caller, :end, 1)
    ON CONFLICT (caller) DO UPDATE
       SET calls = CASE WHEN known.ends_at <= :at THEN 1 ELSE known.calls + 1 END,
           ends_at = CASE WHEN known.ends_at <= :at THEN :end ELSE known.ends_at END
    RETURNING calls, ends_at`,
    bindings,
  );
  const [{ calls, ends_at: endsAt }] = rows as [{ calls: number; ends_at: Date }];
  // Whoever begins a minute clears away those that are over.
  if (calls === 1) await db('rate_limits').where('ends_at', '<', at).delete();
  return { calls, endsAt };
}

/** Takes a call back that is not to count. */
export async function uncountCall(db: Database, caller: string): Promise<void> {
  await db('rate_limits').where({ caller }).where('calls', '>', 0).decrement('calls', 1);
}

/** Lets somebody begin anew. */
export async function forgetCalls(db: Database, caller: string): Promise<void> {
  await db('rate_limits').where({ caller }).delete();
}
