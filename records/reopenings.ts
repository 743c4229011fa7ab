import type { Actor } from './actor.ts';
import { knownAnswers } from './answers.ts';
import { fileApplication, type FiledProcedure } from './cases.ts';
import type { Database, Transaction } from './db.ts';
import { linkAs } from './links.ts';
import type { GivenPaper } from './papers.ts';
import { inheritParties } from './parties.ts';
import { acting, groundOf, leadership, mayReadCase, mayReadInternally, type Authority } from './policy.ts';
import { Refusal } from './refusal.ts';

/*
 * A case that has ended stays as it is. What goes back to it is a case of its own, which knows what was known there.
 */

interface By {
  actor: Actor;
  at: Date;
}

/** What filing again needs from those who know the procedures and the keys. */
export interface Refiling {
  procedureOf: (id: string) => FiledProcedure;
  publicAnswers: (id: string, answers: Record<string, unknown>) => Record<string, unknown>;
  wrappedKey: Buffer;
}

interface Ended {
  code: string;
  procedure: string;
  agency: string;
  applicant_sub: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
  state: number;
  closed_at: Date | null;
  papers: GivenPaper[];
}

/**
 * Reopening a case: who leads its agency, when it has ended other than by its withdrawal.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role` or `case-open`
 */
export async function mayReopen(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Authority> {
  const ended = await mayReadInternally(db, actor, code, at);
  const ground = await leadership(db, actor, ended, at);
  if (!ended.closed_at || ended.state === 7) throw stillOpen();
  await notUnderWay(db, code);
  return ground;
}

/**
 * Asking for the correction of a result: the parties and the officers of the agency, when the case has ended.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `case-open`
 */
export async function mayCorrect(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Authority> {
  const { standing, ...ended } = await mayReadCase(db, actor, code, at);
  if (!standing && ended.agency !== actor.agency)
    throw new Refusal('wrong-agency', 'Hồ sơ này thuộc cơ quan khác · This case belongs to another agency');
  if (!ended.closed_at) throw stillOpen();
  const result = await db('documents')
    .where({ case_code: code, superseded_by: null, revoked_by: null })
    .whereNotNull('data')
    .first<{ id: string } | undefined>('id');
  if (!result) throw stillOpen();
  await notUnderWay(db, code);
  return standing ? groundOf(standing) : {};
}

/**
 * Files a case anew because a decision on an appeal says so: the same applicant, answers and papers, under the edition of
 * the law that governed it, and nothing is paid twice.
 *
 * @throws Refusal as {@link mayReopen}
 */
export async function reopenCase(
  trx: Transaction,
  by: By,
  { code, decision, reason }: { code: string; decision: Record<string, string>; reason: string },
  refiling: Refiling,
): Promise<{ code: string }> {
  const ended = await lockEnded(trx, code);
  const ground = await mayReopen(trx, by.actor, code, by.at);
  const why = { decision, reason, ...ground };
  return fileAgain(trx, by, ended, { kind: 'reopens', why, start: { reopens: code } }, refiling);
}

/** What somebody found wrong in a result. */
export interface WrongResult {
  code: string;
  /** Id of the result. */
  document: string;
  wrong: string;
}

/**
 * Files a case that corrects a delivered result of another one (Decree 118/2025 Art. 23.1).
 *
 * @throws Refusal as {@link mayCorrect}, and `not-found` for a result that the case has not, or that was replaced
 */
export async function requestCorrection(
  trx: Transaction,
  by: By,
  { code, document: id, wrong }: WrongResult,
  refiling: Refiling,
): Promise<{ code: string }> {
  const ended = await lockEnded(trx, code);
  const ground = await mayCorrect(trx, by.actor, code, by.at);
  const result = await trx('documents')
    .where({ id, case_code: code, superseded_by: null, revoked_by: null })
    .whereNotNull('data')
    .first<{ document: string } | undefined>('document');
  if (!result) throw new Refusal('not-found', 'Không có kết quả này · There is no such result');
  const start = { corrects: { case: code, document: result.document, id } };
  const asker = { ...by, actor: acting(by.actor, ground) };
  return fileAgain(trx, asker, ended, { kind: 'corrects', why: { document: id, wrong }, start }, refiling);
}

const stillOpen = () =>
  new Refusal(
    'case-open',
    'Hồ sơ chưa kết thúc, hoặc đang được xem xét lại · The case has not ended, or is being looked at again',
  );

/**
 * There is one case at a time that goes back to another one.
 *
 * @throws Refusal `case-open`
 */
export async function notUnderWay(db: Database | Transaction, code: string): Promise<void> {
  const again = await db('case_links')
    .join('cases', 'cases.code', 'case_code')
    .where({ other_code: code, removed_at: null, closed_at: null })
    .whereIn('kind', ['corrects', 'reopens'])
    .first<{ id: string } | undefined>('id');
  if (again) throw stillOpen();
}

/** Reads all that filing again needs, while nobody else does it. */
async function lockEnded(trx: Transaction, code: string): Promise<Ended> {
  const { rows } = await trx.raw<{ rows: Ended[] }>(
    /* sql */ `
    SELECT code, procedure, agency, applicant_sub, applicant, ${knownAnswers('cases')} AS answers, state, closed_at,
           coalesce((SELECT jsonb_agg(jsonb_build_object('kind', kind, 'upload', upload_id) ORDER BY number)
                       FROM case_papers WHERE case_code = code), '[]') AS papers
      FROM cases WHERE code = :code FOR UPDATE`,
    { code },
  );
  const [ended] = rows;
  if (!ended) throw new Refusal('not-found', 'Không có hồ sơ này · There is no such case');
  return ended;
}

interface Again {
  kind: 'corrects' | 'reopens';
  why: Record<string, unknown>;
  start: Record<string, unknown>;
}

async function fileAgain(
  trx: Transaction,
  by: By,
  ended: Ended,
  { kind, why, start }: Again,
  { procedureOf, publicAnswers, wrappedKey }: Refiling,
): Promise<{ code: string }> {
  const { code } = await fileApplication(trx, {
    ...by,
    applicantSub: ended.applicant_sub,
    papersOwner: null,
    procedure: procedureOf(ended.procedure),
    agency: ended.agency,
    applicant: ended.applicant,
    answers: ended.answers,
    publicAnswers: publicAnswers(ended.procedure, ended.answers),
    papers: ended.papers,
    wrappedKey,
    start,
  });
  await inheritParties(trx, code, ended.code);
  await linkAs(trx, by, { code, other: ended.code, kind, why });
  return { code };
}
