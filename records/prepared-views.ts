import type { Actor } from './actor.ts';
import type { Database } from './db.ts';
import type { HandedIn } from './handed-in.ts';
import { paperFile, type PaperFile } from './papers.ts';
import { partyBindings, preparedOf } from './parties.ts';
import { mayReadPrepared } from './policy.ts';
import { Refusal } from './refusal.ts';

/** Where an application stands that waits, or has waited, for its co-applicants. */
export type PreparedState = 'open' | 'filed' | 'refused' | 'taken-back' | 'expired';

/** A prepared application as its parties see it. */
export interface PreparedView {
  id: string;
  state: PreparedState;
  agency: string;
  preparedAt: string;
  expiresAt: string;
  /** The case, once it was filed. */
  case: string | null;
  coApplicants: {
    fullName: string;
    signedAt: string | null;
    refusedAt: string | null;
    reason: string | null;
  }[];
  /** What is to be signed; nothing of it is kept once the application has ended. */
  content: HandedIn | null;
}

interface Row {
  id: string;
  agency: string;
  content: HandedIn | null;
  prepared_at: Date;
  expires_at: Date;
  ended_at: Date | null;
  case_code: string | null;
  signatures: {
    fullName: string;
    signedAt: string | null;
    refusedAt: string | null;
    reason: string | null;
  }[];
}

const instant = (text: string | null) => text && new Date(text).toISOString();

function viewOf(row: Row, at: Date): PreparedView {
  return {
    id: row.id,
    state: stateOf(row, at),
    agency: row.agency,
    preparedAt: row.prepared_at.toISOString(),
    expiresAt: row.expires_at.toISOString(),
    case: row.case_code,
    coApplicants: row.signatures.map(({ signedAt, refusedAt, ...rest }) => ({
      ...rest,
      signedAt: instant(signedAt),
      refusedAt: instant(refusedAt),
    })),
    content: row.content,
  };
}

function stateOf({ case_code, ended_at, expires_at, signatures }: Row, at: Date): PreparedState {
  if (case_code) return 'filed';
  if (ended_at) return signatures.some(({ refusedAt }) => refusedAt) ? 'refused' : 'taken-back';
  return expires_at <= at ? 'expired' : 'open';
}

const rows = (db: Database) =>
  db<Row>('prepared_applications').select<Row[]>(
    'prepared_applications.*',
    db.raw(`(SELECT jsonb_agg(jsonb_build_object('fullName', person->>'fullName', 'signedAt', signed_at,
                                                 'refusedAt', refused_at, 'reason', reason) ORDER BY number)
               FROM co_signatures WHERE application = prepared_applications.id) AS signatures`),
  );

/** Lists the prepared applications of which somebody is a party, or which they prepared, the latest first. */
export async function listPrepared(db: Database, actor: Actor, at: Date): Promise<PreparedView[]> {
  const found = await rows(db)
    .whereRaw(preparedOf, { ...(await partyBindings(db, actor, at)), sub: actor.sub })
    .orderBy('prepared_at', 'desc')
    .limit(100);
  return found.map((row) => viewOf(row, at));
}

/**
 * Gives a prepared application to its parties and to who prepared it.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function findPrepared(db: Database, actor: Actor, id: string, at: Date): Promise<PreparedView> {
  await mayReadPrepared(db, actor, id, at);
  return viewOf((await rows(db).where({ id }))[0]!, at);
}

/**
 * Finds a paper of a prepared application by its place, counted from 1.
 *
 * @throws Refusal `not-found` or `not-yours`
 */
export async function findPreparedPaper(
  db: Database,
  actor: Actor,
  { id, number, at }: { id: string; number: number; at: Date },
): Promise<PaperFile> {
  const { content } = await findPrepared(db, actor, id, at);
  const upload = content?.papers[number - 1]?.upload;
  const file = upload && (await paperFile(db, upload));
  if (!file) throw new Refusal('not-found', 'Không có giấy tờ này · There is no such paper');
  return file;
}
