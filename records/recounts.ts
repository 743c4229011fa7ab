import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { outboxChannel } from './outbox.ts';

type Text = { vi: string; en: string };

/** A recount of the open cases of an agency and of all below it. */
export interface Recount {
  id: number;
  /** '' for all agencies. */
  agency: string;
  reason: Text;
  askedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  after: string;
  checked: number;
  told: number;
}

const columns = {
  id: 'id',
  agency: 'agency',
  reason: 'reason',
  askedAt: 'asked_at',
  startedAt: 'started_at',
  finishedAt: 'finished_at',
  after: 'after',
  checked: 'checked',
  told: 'told',
};

/** Asks, in the transaction that changes a calendar, for the open cases of an agency to count their dates again. */
export async function askForRecount(
  trx: Transaction,
  { agency, reason, actor, at }: { agency: string; reason: Text; actor: Actor; at: Date },
): Promise<number> {
  const [row] = await trx('recounts')
    .insert({
      agency,
      reason: JSON.stringify(reason),
      asked_at: at,
      asked_by: JSON.stringify({ sub: actor.sub, name: actor.name }),
    })
    .returning<{ id: string }[]>('id');
  return Number(row!.id);
}

/** Finds a recount. */
export async function findRecount(db: Database, id: number): Promise<Recount> {
  const row = await db('recounts').where({ id }).first<Recount | undefined>(columns);
  if (!row) throw new Error(`there is no recount ${id}`);
  return { ...row, id: Number(row.id) };
}

/** Recounts that no workflow carries out yet. */
export async function unstartedRecounts(db: Database): Promise<number[]> {
  const ids = await db('recounts').whereNull('started_at').orderBy('id').limit(20).pluck<string[]>('id');
  return ids.map(Number);
}

/** Says that a workflow carries out a recount, and gives that workflow a key of its own. */
export async function startedRecount(db: Database, id: number, at: Date): Promise<void> {
  await db('recounts').where({ id }).whereNull('started_at').update({ started_at: at });
}

/** Codes of the open cases, in their order, that belong to an agency or to one below it. */
export async function affectedBy(
  db: Database,
  agency: string,
  after: string,
  limit: number,
): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { code: string }[] }>(
    /* sql */ `
    WITH RECURSIVE area AS (
      SELECT code FROM agencies WHERE :agency = '' OR code = :agency
      UNION SELECT below.code FROM agencies below JOIN area ON below.parent = area.code
    )
    SELECT code FROM cases
     WHERE closed_at IS NULL AND code > :after AND agency IN (SELECT code FROM area) ORDER BY code LIMIT :limit`,
    { agency, after, limit },
  );
  return rows.map(({ code }) => code);
}

/** How many cases were told in the last ten seconds and have not counted again yet; who is silent longer is not waited for. */
export async function pendingOf(db: Database, id: number, at: Date): Promise<number> {
  const row = await db('recounted_cases')
    .where({ recount: id })
    .whereNull('done_at')
    .where('told_at', '>', new Date(at.getTime() - 10_000))
    .count<{ count: string }[]>()
    .first();
  return Number(row?.count ?? 0);
}

/** The cases of a recount that were looked at together. */
export interface LookedAt {
  id: number;
  after: string;
  /** Code of the last of them; null when none is left. */
  reached: string | null;
  checked: number;
  /** Those whose dates move, with the due instant that they have now. */
  cases: { code: string; dueAt: Date | null }[];
  at: Date;
}

/** Tells cases that they must count again, and keeps how far the recount has come; once for each of its places. */
export async function tellRecount(
  db: Database,
  { id, after, reached, checked, cases, at }: LookedAt,
): Promise<void> {
  await db.transaction(async (trx) => {
    const moved = await trx('recounts')
      .where({ id, after })
      .whereNull('finished_at')
      .update({
        after: reached ?? after,
        checked: trx.raw('checked + ?', [checked]),
        told: trx.raw('told + ?', [cases.length]),
        finished_at: reached === null ? at : null,
      });
    if (moved > 0 && cases.length > 0) await tell(trx, id, cases, at);
  });
}

async function tell(trx: Transaction, id: number, cases: LookedAt['cases'], at: Date): Promise<void> {
  await trx.raw(
    /* sql */ `
    WITH told AS (
      SELECT code, "dueAt" FROM jsonb_to_recordset(CAST(:cases AS jsonb)) AS one (code text, "dueAt" timestamptz)
    ), changed AS (
      UPDATE cases SET last_act = last_act + 1 FROM told
       WHERE cases.code = told.code AND closed_at IS NULL RETURNING cases.code, last_act, told."dueAt"
    ), kept AS (
      INSERT INTO recounted_cases (recount, case_code, told_at, due_before) SELECT :id, code, :at, "dueAt" FROM changed
    ), queued AS (
      INSERT INTO outbox (case_code, act, message, created_at)
      SELECT code, last_act, jsonb_build_object('kind', 'recount', 'recount', CAST(:id AS bigint), 'reason', recounts.reason), :at
        FROM changed, recounts WHERE recounts.id = :id RETURNING act
    )
    SELECT pg_notify('${outboxChannel}', '') FROM queued LIMIT 1`,
    { id, cases: JSON.stringify(cases), at },
  );
}

/** Keeps what a recount has made of a case's due instant. */
export async function recounted(
  db: Database,
  { recount, caseCode, dueAt, at }: { recount: number; caseCode: string; dueAt: string | null; at: Date },
): Promise<void> {
  await db('recounted_cases')
    .where({ recount, case_code: caseCode })
    .whereNull('done_at')
    .update({ done_at: at, due_after: dueAt });
}

/** What became of the cases of a recount, in the order of their codes. */
export async function recountReport(
  db: Database,
  id: number,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
): Promise<{
  items: { case: string; dueBefore: Date | null; dueAfter: Date | null; doneAt: Date | null }[];
  next?: string;
}> {
  const rows = await db('recounted_cases')
    .where({ recount: id })
    .where('case_code', '>', cursor ?? '')
    .orderBy('case_code')
    .limit(limit + 1)
    .select<{ case: string; dueBefore: Date | null; dueAfter: Date | null; doneAt: Date | null }[]>({
      case: 'case_code',
      dueBefore: 'due_before',
      dueAfter: 'due_after',
      doneAt: 'done_at',
    });
  const items = rows.slice(0, limit);
  return rows.length > limit ? { items, next: items.at(-1)!.case } : { items };
}

/** Recounts, the latest first, and how many of their cases have counted again. */
export async function listRecounts(db: Database, limit: number): Promise<(Recount & { done: number })[]> {
  const done = db.raw<number>(
    '(SELECT count(*)::int FROM recounted_cases WHERE recount = recounts.id AND done_at IS NOT NULL) AS done',
  );
  const rows = await db('recounts')
    .orderBy('id', 'desc')
    .limit(limit)
    .select<(Recount & { done: number })[]>([columns, done]);
  return rows.map((row) => ({ ...row, id: Number(row.id) }));
}
