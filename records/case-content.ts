import type { Actor } from './actor.ts';
import { knownAnswers } from './answers.ts';
import type { Database, Transaction } from './db.ts';
import { localDay } from './local-day.ts';
import { mayReadCase } from './policy.ts';
import { Refusal } from './refusal.ts';

/** What a case says of people: who applies, and the answers as they are known now. */
export interface CaseContent {
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
}

/**
 * Gives what was applied for to whoever may read the case; that an officer has read it is kept, for the applicant to see.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function caseContent(db: Database, actor: Actor, code: string, at: Date): Promise<CaseContent> {
  await mayReadCase(db, actor, code, at);
  await noteRead(db, actor, code, at);
  const row = await db('cases')
    .where({ code })
    .first<CaseContent>('applicant', db.raw(`${knownAnswers('cases')} AS answers`));
  return hidesName(row.applicant, actor, code) ? { ...row, applicant: { hideName: true } } : row;
}

/** Who reports something may want that only the agency which received it knows who they are: the code of the case begins with it. */
const hidesName = (applicant: Record<string, unknown>, { agency }: Actor, code: string): boolean =>
  applicant['hideName'] === true && agency !== undefined && agency !== code.split('-', 1)[0];

/** Gives the id of the edition that governs a case. */
export async function editionOf(db: Database | Transaction, code: string): Promise<string> {
  const row = await db('cases').where({ code }).first<{ procedure: string } | undefined>('procedure');
  return row?.procedure ?? '';
}

/** Keeps that an officer has read of a case, once a day; parties read their own. */
export async function noteRead(db: Database, actor: Actor, code: string, at: Date): Promise<void> {
  if (!actor.agency && !actor.roles.includes('admin')) return;
  const { sub, name, agency, title } = actor;
  await db('case_reads')
    .insert({
      case_code: code,
      sub,
      day: localDay(at),
      first_at: at,
      reader: JSON.stringify({ name, agency, title }),
    })
    .onConflict(['case_code', 'day', 'sub'])
    .ignore();
}

/** An officer who has read a case, and on which day first. */
export interface CaseRead {
  at: string;
  name: string;
  title?: string;
  agency?: { vi: string; en: string };
}

/**
 * Tells a party who has read their case, the latest first.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`; `not-yours` for officers too: it is the parties' to know
 */
export async function readsOf(db: Database, actor: Actor, code: string, at: Date): Promise<CaseRead[]> {
  const { standing } = await mayReadCase(db, actor, code, at);
  if (!standing)
    throw new Refusal('not-yours', 'Chỉ người nộp được xem · Only the applicant’s side sees this');
  const rows = await db('case_reads')
    .leftJoin('agencies', 'agencies.code', db.raw(`reader->>'agency'`))
    .where({ case_code: code })
    .orderBy('first_at', 'desc')
    .limit(500)
    .select<
      { first_at: Date; reader: { name: string; title?: string }; agency: CaseRead['agency'] | null }[]
    >('first_at', 'reader', 'agencies.name as agency');
  return rows.map(({ first_at: first, reader: { name, title }, agency }) => ({
    at: first.toISOString(),
    name,
    ...(title ? { title } : {}),
    ...(agency ? { agency } : {}),
  }));
}
