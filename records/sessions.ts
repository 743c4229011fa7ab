import type { Database, Transaction } from './db.ts';

/** Why a session is over: nobody used it, it has lasted too long, its owner or the identity provider ended it. */
export type WhyEnded = 'idle' | 'too-long' | 'elsewhere' | 'provider';

/** How long a session lasts, in minutes. */
export interface SessionLimits {
  longest: number;
  /** Without a request; none where only `longest` counts. */
  idle?: number | undefined;
}

/** A session as its owner sees it. */
export interface OwnSession {
  id: string;
  since: string;
  seenAt: string;
  /** Which browser on which system, as the sign-in noted it. */
  browser: { family: string; system: string };
  current: boolean;
}

const minute = 60_000;

/**
 * Notes that a session is being used, at most once a minute, or that it is over.
 *
 * @param begun when its person signed in, and when they last proved who they are
 * @returns why it is over; undefined while it goes on
 */
export async function noteSeen(
  db: Database,
  sid: string,
  begun: { signedInAt: Date; provedAt: Date },
  at: Date,
  { longest, idle }: SessionLimits,
): Promise<WhyEnded | undefined> {
  const row = await db('sessions')
    .where({ sid })
    .first<{ seen_at: Date | null; ended_why: WhyEnded | null } | undefined>('seen_at', 'ended_why');
  if (!row) return 'elsewhere';
  if (row.ended_why) return row.ended_why;
  const seen = Math.max(row.seen_at?.getTime() ?? 0, begun.provedAt.getTime());
  const age = (since: number) => (at.getTime() - since) / minute;
  const tooLong = age(begun.signedInAt.getTime()) >= longest;
  const why = tooLong ? 'too-long' : idle !== undefined && age(seen) >= idle ? 'idle' : undefined;
  const going = db('sessions').where({ sid }).whereNull('ended_at');
  if (why) await going.update(ended(db, why, at));
  else if (age(seen) >= 1) await going.update({ seen_at: at });
  return why;
}

/** Nobody needs the token of an ended session any more. */
const ended = (db: Database | Transaction, why: WhyEnded, at: Date) => ({
  ended_at: at,
  ended_why: why,
  sess: db.raw(`(sess::jsonb - 'idToken')::json`),
});

/** Lists the sessions of a person that go on, the one used last first; `sid` is the one that asks. */
export async function listSessions(
  db: Database,
  sub: string,
  { sid, at, longest }: { sid: string | undefined; at: Date; longest: number },
): Promise<OwnSession[]> {
  const rows = await db('sessions')
    .where({ sub })
    .whereNull('ended_at')
    .whereRaw('CAST(expire AS timestamptz) > ?', [at])
    .whereRaw(`CAST(sess->>'signedInAt' AS timestamptz) > ?`, [new Date(at.getTime() - longest * minute)])
    .select<{ id: string; sid: string; since: Date; seen_at: Date | null; browser: OwnSession['browser'] }[]>(
      'id',
      'sid',
      'seen_at',
      db.raw(`CAST(sess->>'signedInAt' AS timestamptz) AS since`),
      db.raw(`sess->'browser' AS browser`),
    );
  return rows
    .map(({ id, browser, since, seen_at: seen, sid: own }) => ({
      id,
      since: since.toISOString(),
      seenAt: (seen ?? since).toISOString(),
      browser,
      current: own === sid,
    }))
    .sort((a, b) => b.seenAt.localeCompare(a.seenAt));
}

/** Ends sessions of a person, one or all of them; gives how many. What has ended stays as it was. */
export function endSessions(
  db: Database | Transaction,
  { sub, id }: { sub: string; id?: string | undefined },
  at: Date,
): Promise<number> {
  return db('sessions')
    .where({ sub, ...(id === undefined ? {} : { id }) })
    .whereNull('ended_at')
    .update(ended(db, 'elsewhere', at));
}

/**
 * Ends the sessions that a logout token names, once for each token: those of a session at the provider, of a person, or
 * of both; naming neither ends none.
 *
 * @param token its id, and until when it must be remembered
 * @returns false when this token came before
 */
export function endByProvider(
  db: Database,
  { sub, sid }: { sub?: string | undefined; sid?: string | undefined },
  token: { jti: string; until: Date },
  at: Date,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    await trx('logout_tokens').where('until', '<', at).delete();
    const kept = await trx('logout_tokens')
      .insert(token)
      .onConflict('jti')
      .ignore()
      .returning<unknown[]>('jti');
    if (kept.length === 0) return false;
    if (sub === undefined && sid === undefined) return false;
    await trx('sessions')
      .where({ ...(sub === undefined ? {} : { sub }), ...(sid === undefined ? {} : { provider_sid: sid }) })
      .whereNull('ended_at')
      .update(ended(trx, 'provider', at));
    return true;
  });
}
