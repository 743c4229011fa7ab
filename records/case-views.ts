import type { Actor } from './actor.ts';
import { pauseOf, type SwitchedOff } from './connectors.ts';
import type { Database } from './db.ts';
import type { SignatureLevel } from './documents.ts';
import { caseParties, casesOf, partyBindings, type CaseParties } from './parties.ts';
import { mayReadCase } from './policy.ts';
import { Refusal } from './refusal.ts';

interface CaseRow {
  code: string;
  procedure: string;
  procedure_code: string;
  agency: string;
  agency_name: { vi: string; en: string };
  state: number;
  filed_at: Date;
  accepted_at: Date | null;
  due_at: Date | null;
  due_derivation: unknown;
  clock: string;
  closed_at: Date | null;
  outcome: string | null;
  waiting: object | null;
  channel: CaseParties['channel'];
  kept_at: string | null;
  time_limit: string | null;
}

/** A case in a list. */
export interface CaseSummary {
  code: string;
  procedure: string;
  procedureCode: string;
  agency: { code: string; name: { vi: string; en: string } };
  state: number;
  filedAt: string;
  acceptedAt: string | null;
  dueAt: string | null;
  clock: string;
  closedAt: string | null;
  outcome: string | null;
  channel: CaseParties['channel'];
  /** When what was promised had been done. */
  keptAt: string | null;
  /** The limit that its clock counts. */
  limit: string | null;
}

/** Where a case stands and who acts next. */
export interface CaseStand extends CaseSummary {
  dueDerivation: unknown;
  /** The agency whose system does not answer, since when; the wait is that agency's. */
  waiting: (object & { paused: SwitchedOff | null }) | null;
  /** Open tasks: who acts next. */
  next: {
    id: string;
    task: string;
    role: string;
    agency: string | null;
    deadline: string | null;
    claimed: boolean;
  }[];
}

/** A case with everything that is known of it outside the file. */
export interface CaseView extends CaseStand, CaseParties {
  papers: {
    number: number;
    kind: string;
    fileName: string;
    mediaType: string;
    size: number;
    sha256: string;
    brought: string | null;
  }[];
  documents: {
    id: string;
    document: string;
    registerNumber: string | null;
    title: { vi: string; en: string };
    issuedAt: string;
    level: SignatureLevel;
    supersededBy: string | null;
    revokedBy: string | null;
    validUntil: string | null;
  }[];
}

const columns = [
  'cases.code',
  'procedure',
  'procedure_code',
  'agency',
  'agencies.name as agency_name',
  'state',
  'filed_at',
  'accepted_at',
  'due_at',
  'due_derivation',
  'clock',
  'closed_at',
  'outcome',
  'waiting',
  'channel',
];

/** What the clock of a case says of its promise. */
const clockColumns = `clock_account->>'stopped' AS kept_at, clock_account->>'limit' AS time_limit`;

const summary = (row: CaseRow): CaseSummary => ({
  code: row.code,
  procedure: row.procedure,
  procedureCode: row.procedure_code,
  agency: { code: row.agency, name: row.agency_name },
  state: row.state,
  filedAt: row.filed_at.toISOString(),
  acceptedAt: row.accepted_at?.toISOString() ?? null,
  dueAt: row.due_at?.toISOString() ?? null,
  clock: row.clock,
  closedAt: row.closed_at?.toISOString() ?? null,
  outcome: row.outcome,
  channel: row.channel,
  keptAt: row.kept_at,
  limit: row.time_limit,
});

/**
 * Gives a case to somebody who may read it.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function findCase(db: Database, actor: Actor, code: string, at: Date): Promise<CaseView> {
  await mayReadCase(db, actor, code, at);
  const [stand, papers, documents, parties] = await Promise.all([
    caseStand(db, code, at),
    db('case_papers')
      .join('uploads', 'uploads.id', 'case_papers.upload_id')
      .where({ case_code: code })
      .orderBy('number')
      .select<
        {
          number: number;
          kind: string;
          file_name: string;
          media_type: string;
          size: number;
          sha256: string;
          brought: string | null;
        }[]
      >('number', 'kind', 'file_name', 'media_type', 'size', 'sha256', 'brought'),
    db('documents').where({ case_code: code }).orderBy(['issued_at', 'document', 'number']).select<
      {
        id: string;
        document: string;
        register_number: string | null;
        title: { vi: string; en: string };
        issued_at: Date;
        level: SignatureLevel;
        supersededBy: string | null;
        revokedBy: string | null;
        validUntil: string | null;
      }[]
    >('id', 'document', 'register_number', 'title', 'issued_at', 'level', 'superseded_by as supersededBy', 'revoked_by as revokedBy', 'valid_until as validUntil'),
    db('cases')
      .where({ code })
      .first<CaseParties>(db.raw(caseParties('cases'))),
  ]);
  return {
    ...stand,
    ...parties,
    papers: papers.map(({ file_name: fileName, media_type: mediaType, ...rest }) => ({
      ...rest,
      fileName,
      mediaType,
    })),
    documents: documents.map(({ register_number: registerNumber, issued_at: issuedAt, ...rest }) => ({
      ...rest,
      registerNumber,
      issuedAt: issuedAt.toISOString(),
    })),
  };
}

/** Tells where a case stands, to whoever was let through before; it must be there. */
export async function caseStand(db: Database, code: string, at: Date): Promise<CaseStand> {
  const [row, next] = await Promise.all([
    db<CaseRow>('cases')
      .join('agencies', 'agencies.code', 'cases.agency')
      .where('cases.code', code)
      .first<CaseRow>(...columns, db.raw(clockColumns)),
    db('tasks')
      .where({ case_code: code, state: 'open' })
      .whereNot('name', 'withdraw')
      .orderBy('opened_at')
      .select<
        {
          id: string;
          name: string;
          role: string;
          agency: string | null;
          deadline: Date | null;
          claimed: boolean;
        }[]
      >(
        'id',
        'name',
        'role',
        'agency',
        db.raw('coalesce(due_at, expires_at) AS deadline'),
        db.raw('claimed_by IS NOT NULL AS claimed'),
      ),
  ]);
  return {
    ...summary(row),
    dueDerivation: row.due_derivation,
    waiting: row.waiting && { ...row.waiting, paused: (await pauseOf(db, code, at)) ?? null },
    next: next.map(({ name, deadline, ...rest }) => ({
      ...rest,
      task: name,
      deadline: deadline?.toISOString() ?? null,
    })),
  };
}

/**
 * Lists the cases that a citizen is a party of, or for officers those of some agencies or all, newest first.
 *
 * @param agencies whose cases the roles of an officer let them read
 * @param cursor the `next` of the page before
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function listCases(
  db: Database,
  actor: Actor,
  {
    at,
    limit,
    cursor,
    state,
    agencies,
  }: {
    at: Date;
    limit: number;
    cursor?: string | undefined;
    state?: number | undefined;
    agencies: 'all' | string[];
  },
): Promise<{ items: CaseSummary[]; next?: string }> {
  const query = db<CaseRow>('cases')
    .join('agencies', 'agencies.code', 'cases.agency')
    .orderBy([
      { column: 'filed_at', order: 'desc' },
      { column: 'cases.code', order: 'desc' },
    ])
    .limit(limit + 1);
  if (actor.roles.includes('citizen')) void query.whereRaw(casesOf, await partyBindings(db, actor, at));
  else if (agencies !== 'all') void query.whereIn('agency', agencies);
  if (state !== undefined) void query.where('state', state);
  if (cursor) {
    const [at, code] = Buffer.from(cursor, 'base64url').toString().split('|');
    if (!at || !code || Number.isNaN(Date.parse(at)))
      throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
    void query.whereRaw('(filed_at, cases.code) < (?, ?)', [at, code]);
  }
  const rows = await query.select<CaseRow[]>(...columns, db.raw(clockColumns));
  const items = rows.slice(0, limit).map(summary);
  const last = items.at(-1);
  return rows.length > limit && last
    ? { items, next: Buffer.from(`${last.filedAt}|${last.code}`).toString('base64url') }
    : { items };
}
