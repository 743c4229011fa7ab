import { acting, groundOf, type Authority } from './policy.ts';
import type { Actor } from './actor.ts';
import { areaOf } from './cases.ts';
import type { Database, Transaction } from './db.ts';
import { sayFiling } from './filing-state.ts';
import { queueMessage } from './outbox.ts';
import { attachPapers, type GivenPaper } from './papers.ts';
import { standingIn } from './parties.ts';
import { chain, digest, insertRecord, type RecordEnd } from './record.ts';
import { Refusal } from './refusal.ts';
import { findWindow } from './windows.ts';

/** Who changes an application more often than this corrects nothing any more. */
const most = 50;

/** An application as it is to be, checked by the form of its procedure. */
export interface Amended {
  code: string;
  answers: Record<string, unknown>;
  /** The answers without personal fields: all that Temporal is told. */
  publicAnswers: Record<string, unknown>;
  /** Papers that come to those that it has. */
  papers: GivenPaper[];
}

interface OpenTask {
  name: string;
  number: number;
}

const amendableTasks = (db: Database | Transaction, code: string): Promise<OpenTask[]> =>
  db('tasks')
    .where({ case_code: code, state: 'open', amendable: true })
    .orderBy(['name', 'number'])
    .select<OpenTask[]>('name', 'number');

/**
 * Finds on what ground somebody may change the application of a case: its applicant or their representative, while a task lets
 * them and, where it took a place in a window, while that lasts.
 *
 * @throws Refusal `not-yours`, `not-amendable` or `filing-closed`
 */
export async function mayAmend(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Authority> {
  const standing = await standingIn(db, actor, code, at);
  if (!standing || standing.as === 'co-applicant')
    throw new Refusal('not-yours', 'Chỉ người nộp được sửa · Only the applicant’s side may change it');
  if ((await amendableTasks(db, code)).length === 0)
    throw new Refusal('not-amendable', 'Hồ sơ lúc này không sửa được · It cannot be changed now');
  if ((await timesAmended(db, code)) >= most)
    throw new Refusal('not-amendable', `Đã sửa ${most} lần · It was changed ${most} times`);
  const found = await db('cases').where({ code }).first<{ id: string | null }>('filing_window as id');
  const window = found.id === null ? undefined : await findWindow(db, found.id);
  if (found.id !== null && !(window && lasts(window, at))) {
    const said = window && sayFiling({ state: 'over', window });
    throw new Refusal('filing-closed', said ? `${said.vi} · ${said.en}` : '');
  }
  return groundOf(standing);
}

const lasts = ({ from, to }: { from: string; to: string | null }, at: Date) =>
  Date.parse(from) <= at.getTime() && (to === null || at.getTime() < Date.parse(to));

/** Whether some task of a case has let its applicant change the application. */
export async function isAmendable(db: Database, code: string): Promise<boolean> {
  const task = await db('tasks')
    .where({ case_code: code, amendable: true })
    .first<{ id: string } | undefined>('id');
  return task !== undefined;
}

/** How often the application of a case was changed. */
export async function timesAmended(db: Database | Transaction, code: string): Promise<number> {
  const row = await db('amendments').where({ case_code: code }).count<{ count: string }[]>().first();
  return Number(row?.count ?? 0);
}

/**
 * Changes the application of a case and closes the tasks that let its applicant, so that nobody decides on what it said before; the
 * case is told and goes on with what it says now. What it said is kept.
 *
 * @param area the answer that says where the matter lies, of those procedures that have one
 * @throws Refusal by {@link mayAmend}, `unknown-upload`
 */
export async function amendCase(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { code, answers, publicAnswers, papers }: Amended,
  area: string | undefined,
): Promise<{ case: string }> {
  const now = await trx('cases')
    .where({ code })
    .forUpdate()
    .first<RecordEnd & { last_act: number; answers: unknown }>(
      'last_act',
      'record_length',
      'record_hash',
      'answers',
    );
  const by = acting(actor, await mayAmend(trx, actor, code, at));
  const closed = await amendableTasks(trx, code);
  const act = now.last_act + 1;
  const details = {
    before: digest(now.answers),
    answers: digest(answers),
    papers,
    closed: closed.map(({ name: task, number }) => ({ task, number })),
  };
  const { rows: record, end } = chain(now, [
    { at, actor: by, event: 'amended', details, reference: `act:${act}` },
  ]);
  await trx.raw(amend, {
    code,
    at,
    act,
    answers: JSON.stringify(answers),
    area: areaOf(area && answers[area]),
    before: JSON.stringify(now.answers),
    actor: JSON.stringify({ sub: actor.sub, name: actor.name }),
    record,
    ...end,
    message: JSON.stringify({
      kind: 'amend',
      closed: closed.map(({ name, number }) => `${name}#${number}`),
      application: publicAnswers,
    }),
  });
  await attachPapers(trx, { code, owner: actor.sub, papers, at });
  return { case: code };
}

const amend = /* sql */ `
  WITH changed AS (
    UPDATE cases SET answers = :answers, area = :area, amended_at = :at, last_act = :act,
                     record_length = :record_length, record_hash = :record_hash
     WHERE code = :code RETURNING code, last_act
  ), kept AS (
    INSERT INTO amendments (case_code, number, at, actor, before)
    SELECT code, last_act, :at, :actor, :before FROM changed
  ), closed AS (
    UPDATE tasks SET state = 'cancelled', closed_at = :at, closed_by = :actor
      FROM changed WHERE case_code = code AND state = 'open' AND amendable
  ), recorded AS (${insertRecord}), ${queueMessage}`;

/** An earlier wording of an application, and until when it held. */
export interface EarlierWording {
  until: string;
  answers: Record<string, unknown>;
}

/** Gives what an application said before each change of it, the latest first, to who may read the case. */
export async function earlierWordings(db: Database, code: string): Promise<EarlierWording[]> {
  const rows = await db('amendments')
    .where({ case_code: code })
    .orderBy('number', 'desc')
    .select<{ at: Date; before: Record<string, unknown> }[]>('at', 'before');
  return rows.map(({ at, before }) => ({ until: at.toISOString(), answers: before }));
}
