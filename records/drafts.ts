import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Channel } from './channels.ts';
import type { Database, Transaction } from './db.ts';
import type { GivenPaper } from './papers.ts';
import { Refusal } from './refusal.ts';
import type { Upload } from './uploads.ts';

/** How long a draft is kept after somebody last worked on it, in milliseconds: 30 days. */
const keptFor = 30 * 24 * 60 * 60 * 1000;

/** An application or an answer that is being filled in. */
export interface Draft {
  id: string;
  /** Code of the procedure that is applied for, or id of the task that is answered. */
  about: string;
  channel: Channel;
  /** Code of the case whose application it is to change; null for a new application. */
  amends: string | null;
  /** Texts by JSON Pointer, as they were typed. */
  filled: Record<string, string | string[]>;
  papers: GivenPaper[];
  createdAt: Date;
  updatedAt: Date;
  expiresAt: Date;
}

const columns = {
  id: 'id',
  about: 'about',
  channel: 'channel',
  amends: 'amends',
  filled: 'filled',
  papers: 'papers',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
  expiresAt: 'expires_at',
} as const;

/** Begins a draft for somebody; everybody's drafts whose time is over go. */
export async function beginDraft(
  db: Database,
  owner: Actor,
  {
    at,
    about,
    channel,
    filled,
    amends = null,
  }: Pick<Draft, 'about' | 'channel' | 'filled'> & { amends?: string | null; at: Date },
): Promise<{ id: string }> {
  const id = randomUUID();
  await db('drafts').where('expires_at', '<=', at).delete();
  await db('drafts').insert({
    id,
    owner_sub: owner.sub,
    about,
    channel,
    amends,
    filled: JSON.stringify(filled),
    created_at: at,
    updated_at: at,
    expires_at: new Date(at.getTime() + keptFor),
  });
  return { id };
}

/**
 * Gives somebody their draft.
 *
 * @throws Refusal `not-found` when there is none or its time is over, `not-yours`
 */
export async function findDraft(
  db: Database | Transaction,
  owner: Actor,
  id: string,
  at: Date,
): Promise<Draft> {
  const row = await db('drafts')
    .where({ id })
    .where('expires_at', '>', at)
    .first<(Draft & { owner: string }) | undefined>({ ...columns, owner: 'owner_sub' });
  if (!row) throw noDraft();
  const { owner: theirs, ...draft } = row;
  if (theirs !== owner.sub)
    throw new Refusal('not-yours', 'Bản nháp của người khác · This draft is somebody else’s');
  return draft;
}

const noDraft = () =>
  new Refusal('not-found', 'Bản nháp không còn hoặc đã nộp · The draft is gone, or it was handed in');

/** Finds what somebody has begun to answer to a task. */
export function findTaskDraft(
  db: Database | Transaction,
  owner: Actor,
  task: string,
  at: Date,
): Promise<Draft | undefined> {
  return db('drafts')
    .where({ owner_sub: owner.sub, about: task })
    .where('expires_at', '>', at)
    .orderBy('updated_at', 'desc')
    .first<Draft | undefined>(columns);
}

/** Finds the draft in which somebody is changing the application of a case. */
export function findAmendingDraft(
  db: Database,
  owner: Actor,
  code: string,
  at: Date,
): Promise<Draft | undefined> {
  return db('drafts')
    .where({ owner_sub: owner.sub, amends: code })
    .where('expires_at', '>', at)
    .first<Draft | undefined>(columns);
}

/** Lists the applications that somebody has begun, the latest first; answers to tasks are found by their task. */
export function listDrafts(db: Database, owner: Actor, at: Date): Promise<Draft[]> {
  return db('drafts')
    .where({ owner_sub: owner.sub })
    .whereLike('about', '_.______')
    .where('expires_at', '>', at)
    .orderBy('updated_at', 'desc')
    .limit(100)
    .select<Draft[]>(columns);
}

/**
 * Keeps what was filled in since; what is kept already and is not named stays.
 *
 * @throws Refusal `not-found` when it was handed in meanwhile
 */
export async function keepDraft(
  db: Database,
  owner: Actor,
  id: string,
  { at, filled, without }: { at: Date; filled: Draft['filled']; without: (pointer: string) => boolean },
): Promise<void> {
  await db.transaction(async (trx) => {
    const draft = await lockDraft(trx, owner, id, at);
    const kept = Object.fromEntries(Object.entries(draft.filled).filter(([pointer]) => !without(pointer)));
    await trx('drafts')
      .where({ id })
      .update({ filled: JSON.stringify({ ...kept, ...filled }), ...touched(at) });
  });
}

const touched = (at: Date) => ({ updated_at: at, expires_at: new Date(at.getTime() + keptFor) });

async function lockDraft(trx: Transaction, owner: Actor, id: string, at: Date): Promise<Draft> {
  await trx('drafts').where({ id }).forUpdate().first('id');
  return findDraft(trx, owner, id, at);
}

/** Adds a paper to a draft; the same file of the same kind counts once. */
export async function addDraftPaper(
  db: Database,
  owner: Actor,
  id: string,
  { at, paper }: { at: Date; paper: GivenPaper },
): Promise<void> {
  await changePapers(db, owner, id, at, (papers) => [
    ...papers.filter(({ upload }) => upload !== paper.upload),
    paper,
  ]);
}

/** Takes a paper out of a draft. */
export async function dropDraftPaper(
  db: Database,
  owner: Actor,
  id: string,
  { at, upload }: { at: Date; upload: string },
): Promise<void> {
  await changePapers(db, owner, id, at, (papers) => papers.filter((paper) => paper.upload !== upload));
}

async function changePapers(
  db: Database,
  owner: Actor,
  id: string,
  at: Date,
  change: (papers: GivenPaper[]) => GivenPaper[],
): Promise<void> {
  await db.transaction(async (trx) => {
    const { papers } = await lockDraft(trx, owner, id, at);
    await trx('drafts')
      .where({ id })
      .update({ papers: JSON.stringify(change(papers)), ...touched(at) });
  });
}

/** Ends a draft: it was handed in, or its owner wants it no more; one that is gone already stays gone. */
export async function endDraft(db: Database | Transaction, owner: Actor, id: string): Promise<void> {
  await db('drafts').where({ id, owner_sub: owner.sub }).delete();
}

/** The files of a draft's papers, as their owner handed them in. */
export async function draftFiles(db: Database, papers: readonly GivenPaper[]): Promise<Map<string, Upload>> {
  const rows = await db('uploads')
    .whereRaw('id = ANY (?::uuid[])', [papers.map(({ upload }) => upload)])
    .select<Upload[]>({
      id: 'id',
      sha256: 'sha256',
      size: 'size',
      mediaType: 'media_type',
      fileName: 'file_name',
    });
  return new Map(rows.map((row) => [row.id, row]));
}

/** The applicant's block of somebody's own latest application, to begin the next one with. */
export async function latestApplicant(
  db: Database,
  { sub }: Actor,
): Promise<Record<string, unknown> | undefined> {
  const row = await db('cases')
    .where({ applicant_sub: sub, channel: 'online' })
    .orderBy('filed_at', 'desc')
    .first<{ applicant: Record<string, unknown> } | undefined>('applicant');
  return row?.applicant;
}
