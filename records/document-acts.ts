import { randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import type { DocumentKey } from './documents.ts';
import { notify } from './notices.ts';
import { acting, leadership, mayReadCase, type Authority } from './policy.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';
import { notUnderWay } from './reopenings.ts';

/** What an agency may do with a result that it has issued, long after its case has ended. */
export type DocumentAct = 'revoke' | 'copy' | 'reissue';

/** What is asked, and why. */
export interface GivenAct {
  act: DocumentAct;
  reason: string;
  /** The provision that allows it. */
  basis?: string | undefined;
}

interface Result {
  id: string;
  case_code: string;
  document: string;
  agency: string;
  procedure: string;
}

/** An act that the worker is to carry out, with the result that it is about. */
export interface AskedAct extends GivenAct {
  id: string;
  actor: Actor;
  /** The key of the document that comes of it. */
  key: DocumentKey;
  of: {
    id: string;
    document: string;
    title: { vi: string; en: string };
    registerNumber: string;
    issuedAt: string;
    signers: { name: string; title: string; capacity: 'person' | 'agency' }[];
    validUntil: string | null;
    /** What it was made from, and what it replaced. */
    data: Record<string, unknown>;
  };
}

/**
 * Asks for an act on a result that is in force; the worker issues the document that comes of it.
 *
 * @param expectProof throws Refusal `step-up-needed` where who asks, and thereby signs, has not proved freshly who they are
 * @throws Refusal `not-found` (letters too), `not-yours`, `wrong-agency`, `wrong-role`, `same-person`, `out-of-force` where the
 *   result is no longer in force or an act that ends it is under way, or `case-open` where it is being corrected
 */
export async function askDocumentAct(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  document: string,
  { act, reason, basis }: GivenAct,
  expectProof: () => void,
): Promise<{ id: string }> {
  const result = await findResult(trx, document);
  const ground = await mayAct(trx, actor, result, act, at);
  expectProof();
  // The record of the case is the lock: two acts on its documents wait for each other here.
  const end = await lockRecord(trx, result.case_code);
  await expectInForce(trx, document);
  await notUnderWay(trx, result.case_code);
  const id = randomUUID();
  const issues = { revoke: 'revocation', copy: 'certified-copy', reissue: result.document }[act];
  const number = await nextNumber(trx, result.case_code);
  const who = acting(actor, ground);
  await trx('document_acts').insert({
    ...{ id, document, act, reason, basis: basis ?? null, at, issues, number },
    actor: JSON.stringify(who),
  });
  const details = { act, document: result.document, id: document, reason, ...(basis && { basis }) };
  const entry = { at, actor: who, event: 'document-act', details, reference: `document-act:${id}` };
  await appendEntry(trx, { case_code: result.case_code, ...end }, entry);
  return { id };
}

async function findResult(trx: Transaction, id: string): Promise<Result> {
  const result = await trx('documents')
    .join('cases', 'cases.code', 'case_code')
    .where('documents.id', id)
    .whereNotNull('data')
    .first<Result | undefined>('documents.id', 'case_code', 'document', 'agency', 'procedure');
  if (!result) throw new Refusal('not-found', 'Không có kết quả này · There is no such result');
  return result;
}

/** Who leads the agency; copies are its clerks' too, as they keep the registers. Nobody acts on what was issued to them. */
async function mayAct(
  trx: Transaction,
  actor: Actor,
  result: Result,
  act: DocumentAct,
  at: Date,
): Promise<Authority> {
  const { standing } = await mayReadCase(trx, actor, result.case_code, at);
  if (standing) throw new Refusal('same-person', 'Kết quả của chính bạn · It was issued to yourself');
  if (act === 'copy' && actor.agency === result.agency && actor.roles.includes('clerk')) return {};
  return leadership(trx, actor, result, at);
}

async function expectInForce(trx: Transaction, id: string): Promise<void> {
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    /* sql */ `
    SELECT FROM documents d
     WHERE id = :id AND superseded_by IS NULL AND revoked_by IS NULL
       AND NOT EXISTS (SELECT FROM document_acts WHERE document = d.id AND issued IS NULL AND act <> 'copy')`,
    { id },
  );
  if (rows.length === 0)
    throw new Refusal('out-of-force', 'Văn bản không còn hiệu lực · The document is no longer in force');
}

/** A number that neither a document nor an act of the case has. */
async function nextNumber(trx: Transaction, code: string): Promise<number> {
  const { rows } = await trx.raw<{ rows: { last: number }[] }>(
    /* sql */ `
    SELECT greatest((SELECT max(number) FROM documents WHERE case_code = :code),
                    (SELECT max(a.number) FROM document_acts a JOIN documents d ON d.id = a.document
                      WHERE d.case_code = :code)) AS last`,
    { code },
  );
  return rows[0]!.last + 1;
}

/** Ids of the acts for which no workflow has been started. */
export function unstartedActs(db: Database): Promise<string[]> {
  return db('document_acts').whereNull('started_at').orderBy('at').limit(100).pluck<string[]>('id');
}

/** Notes that the workflow of an act runs. */
export async function startedAct(db: Database, id: string, at: Date): Promise<void> {
  await db('document_acts').where({ id }).update({ started_at: at });
}

/** Reads what an act asks for. */
export async function loadAct(db: Database, id: string): Promise<AskedAct> {
  const { rows } = await db.raw<{ rows: AskedAct[] }>(
    /* sql */ `
    SELECT a.id, a.act, a.reason, a.basis, a.actor,
           jsonb_build_object('caseCode', d.case_code, 'document', a.issues, 'number', a.number) AS key,
           jsonb_build_object('id', d.id, 'document', d.document, 'title', d.title, 'registerNumber', d.register_number,
             'issuedAt', to_char(d.issued_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
             'signers', d.signers, 'validUntil', d.valid_until,
             'data', d.data || coalesce((
                SELECT jsonb_build_object('replaces', jsonb_build_object('number', o.register_number, 'as',
                         CASE WHEN EXISTS (SELECT FROM document_acts r WHERE r.issued = d.id AND r.act = 'reissue')
                              THEN 'reissue' ELSE 'correction' END))
                  FROM documents o WHERE o.superseded_by = d.id), '{}')) AS of
      FROM document_acts a JOIN documents d ON d.id = a.document WHERE a.id = :id`,
    { id },
  );
  const [act] = rows;
  if (!act) throw new Error(`there is no act ${id} on a document`);
  return act;
}

/** Enters what came of an act, once: what was revoked is so from then on, and its holder is told. */
export async function settleAct(
  db: Database,
  { id, act, key, of }: AskedAct,
  issued: string,
  at: Date,
): Promise<void> {
  await db.transaction(async (trx) => {
    const first = await trx('document_acts').where({ id }).whereNull('issued').update({ issued });
    if (first === 0) return;
    if (act === 'revoke')
      await trx('documents')
        .where({ id: of.id })
        .update({ revoked_by: issued, revoked_at: at, remind_on: null });
    if (act === 'reissue')
      await trx('documents').where({ id: of.id }).update({ superseded_by: issued, remind_on: null });
    const holder = await trx('cases')
      .where({ code: key.caseCode })
      .first<{ sub: string }>('applicant_sub as sub');
    const notice = ({ revoke: 'revoked', copy: 'copied', reissue: 'reissued' } as const)[act];
    await notify(trx, { code: key.caseCode, notice, to: [holder.sub], number: key.number, at });
  });
}

/** An act as those who may read the case see it. */
export interface ActView extends GivenAct {
  id: string;
  at: string;
  by: { name: string; title?: string };
  /** The document that came of it; null while it is under way. */
  issued: string | null;
}

/**
 * Lists the acts on a document, the latest first.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function actsOn(db: Database, actor: Actor, document: string, at: Date): Promise<ActView[]> {
  const row = await db('documents')
    .where({ id: document })
    .first<{ code: string } | undefined>('case_code as code');
  if (!row) throw new Refusal('not-found', 'Không có văn bản này · There is no such document');
  await mayReadCase(db, actor, row.code, at);
  const acts = await db('document_acts')
    .where({ document })
    .orderBy([{ column: 'at', order: 'desc' }, 'id'])
    .select<(GivenAct & { id: string; at: Date; actor: Actor; issued: string | null })[]>(
      'id',
      'act',
      'reason',
      'basis',
      'at',
      'actor',
      'issued',
    );
  return acts.map(({ actor: { name, title }, at: asked, ...rest }) => ({
    ...rest,
    at: asked.toISOString(),
    by: { name, ...(title && { title }) },
  }));
}
