import type { Database } from './db.ts';

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
}

/** Searches the records of all cases, the latest first; details stay in the cases, whose readers are noted. */
export async function searchRecord(
  db: Database,
  { case: code, actor, event, since, until, limit }: AuditQuery,
): Promise<AuditEntry[]> {
  const query = db('case_record').whereBetween('at', [since, until]).orderBy('at', 'desc').limit(limit);
  if (code) void query.where({ case_code: code });
  if (event) void query.where({ event });
  if (actor) void query.whereRaw(`actor->>'sub' = ?`, [actor]);
  const rows = await query.select<(Omit<AuditEntry, 'at'> & { at: Date })[]>({
    case: 'case_code',
    number: 'number',
    at: 'at',
    event: 'event',
    actor: 'actor',
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
