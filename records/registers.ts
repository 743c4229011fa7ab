import type { Channel } from './channels.ts';
import type { Database } from './db.ts';
import { Refusal } from './refusal.ts';

/** A line of Form 07, the register in which an agency follows its cases. */
export interface RegisterLine {
  code: string;
  procedure: string;
  applicant: {
    fullName?: string;
    phone?: string;
    residence?: { street?: string; ward?: string; province?: string };
  };
  receiveBy: string | null;
  channel: Channel;
  agency: { code: string; name: { vi: string; en: string } };
  state: number;
  filedAt: Date;
  acceptedAt: Date | null;
  dueAt: Date | null;
  decidedAt: Date | null;
  closedAt: Date | null;
  outcome: string | null;
}

/** Form 06, the control slip: what was asked of whom, and who had the case from when to when. */
export interface ControlSlip {
  code: string;
  procedure: string;
  agency: { code: string; name: { vi: string; en: string } };
  /** The other agencies that were asked or that decide a part of it in a sub-case. */
  coordinating: { code: string; name: { vi: string; en: string } }[];
  applicant: string;
  filedAt: Date;
  dueAt: Date | null;
  items: HandOver[];
}

/** A line of the control slip. */
export interface HandOver {
  task: string;
  number: number;
  role: string;
  agency: string | null;
  agencyName: { vi: string; en: string } | null;
  receivedAt: Date;
  dueAt: Date | null;
  handedOverAt: Date | null;
  by: string | null;
  state: string;
}

/**
 * Lists the register of an agency, in the order of filing: all cases filed in a period.
 *
 * @param cursor code of the last case of the page before
 */
export async function readRegister(
  db: Database,
  {
    agency,
    from,
    to,
    limit,
    cursor,
  }: { agency: string; from: Date; to: Date; limit: number; cursor?: string | undefined },
): Promise<{ items: RegisterLine[]; next?: string }> {
  const { rows } = await db.raw<{ rows: RegisterLine[] }>(
    /* sql */ `
    SELECT cases.code, procedure, applicant, applicant->>'receiveBy' AS "receiveBy", channel, state,
           jsonb_build_object('code', agencies.code, 'name', agencies.name) AS agency, filed_at AS "filedAt",
           accepted_at AS "acceptedAt", due_at AS "dueAt", closed_at AS "closedAt", outcome,
           (SELECT max(issued_at) FROM documents WHERE case_code = cases.code AND register_number IS NOT NULL) AS "decidedAt"
      FROM cases JOIN agencies ON agencies.code = cases.agency
     WHERE cases.agency = :agency AND filed_at >= :from AND filed_at < :to AND cases.code > :cursor
     ORDER BY cases.code LIMIT :limit`,
    { agency, from, to, cursor: cursor ?? '', limit: limit + 1 },
  );
  const items = rows.slice(0, limit);
  return rows.length > limit ? { items, next: items.at(-1)!.code } : { items };
}

/**
 * Reads the control slip of a case.
 *
 * @throws Refusal `not-found`
 */
export async function readControlSlip(db: Database, code: string): Promise<ControlSlip> {
  const { rows } = await db.raw<{ rows: Omit<ControlSlip, 'items'>[] }>(
    /* sql */ `
    SELECT cases.code, procedure, jsonb_build_object('code', own.code, 'name', own.name) AS agency,
           coalesce(applicant->>'fullName', '') AS applicant, filed_at AS "filedAt", due_at AS "dueAt",
           coalesce((SELECT jsonb_agg(jsonb_build_object('code', other.code, 'name', other.name) ORDER BY other.code)
                       FROM agencies other
                      WHERE other.code <> own.code AND other.code IN (
                              SELECT agency FROM tasks WHERE case_code = cases.code
                              UNION SELECT below.agency FROM cases below JOIN tasks ON tasks.id = below.parent_task
                                     WHERE tasks.case_code = cases.code)), '[]') AS coordinating
      FROM cases JOIN agencies own ON own.code = cases.agency
     WHERE cases.code = :code`,
    { code },
  );
  const [head] = rows;
  if (!head) throw new Refusal('not-found', 'Không có hồ sơ này · There is no such case');
  return { ...head, items: await handOvers(db, code) };
}

async function handOvers(db: Database, code: string): Promise<HandOver[]> {
  const { rows } = await db.raw<{ rows: HandOver[] }>(
    /* sql */ `
    SELECT tasks.name AS task, number, role, agency, agencies.name AS "agencyName", opened_at AS "receivedAt",
           coalesce(due_at, expires_at) AS "dueAt", closed_at AS "handedOverAt",
           CASE WHEN role <> 'citizen' THEN closed_by->>'name' END AS by, state
      FROM tasks LEFT JOIN agencies ON agencies.code = tasks.agency
     WHERE case_code = :code AND tasks.name <> 'withdraw' ORDER BY opened_at, tasks.name, number`,
    { code },
  );
  return rows;
}
