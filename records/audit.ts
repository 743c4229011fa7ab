import type { Database } from './db.ts';
import { Refusal } from './refusal.ts';

/** An entry of some case's record, as an auditor finds it. */
export interface AuditEntry {
  case: string;
  number: number;
  at: string;
  event: string;
  actor: { sub: string; name?: string; roles: string[]; agency?: string };
}

/** What an auditor looks for; everything that is given must hold. */
export interface AuditQuery {
  case?: string | undefined;
  /** Subject of whoever acted. */
  actor?: string | undefined;
  event?: string | undefined;
  since: Date;
  until: Date;
  limit: number;
  /** The `next` of the page before. */
  cursor?: string | undefined;
}

/**
 * Searches the records of all cases, the latest first; details stay in the cases, whose readers are noted.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function searchRecord(
  db: Database,
  { case: code, actor, event, since, until, limit, cursor }: AuditQuery,
): Promise<{ items: AuditEntry[]; next?: string }> {
  const query = db('case_record')
    .whereBetween('at', [since, until])
    .orderBy(['at', 'case_code', 'number'].map((column) => ({ column, order: 'desc' })))
    .limit(limit + 1);
  if (code) void query.where({ case_code: code });
  if (event) void query.where({ event });
  if (actor) void query.whereRaw(`actor->>'sub' = ?`, [actor]);
  if (cursor) void query.whereRaw('(at, case_code, number) < (?, ?, ?)', placeOf(cursor));
  const rows = await query.select<(Omit<AuditEntry, 'at'> & { at: Date })[]>({
    case: 'case_code',
    number: 'number',
    at: 'at',
    event: 'event',
    actor: 'actor',
  });
  const items = rows.slice(0, limit).map((row) => ({ ...row, at: row.at.toISOString() }));
  const last = items.at(-1);
  if (rows.length <= limit || !last) return { items };
  const next = Buffer.from(`${last.at}|${last.case}|${last.number}`).toString('base64url');
  return { items, next };
}

function placeOf(cursor: string): [Date, string, number] {
  const [at = '', code = '', number = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  if (Number.isNaN(Date.parse(at)) || !code || !/^\d+$/.test(number))
    throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
  return [new Date(at), code, Number(number)];
}
