import { engine } from './actor.ts';
import type { Transaction } from './db.ts';
import { outboxChannel } from './outbox.ts';
import { chain, digest, type RecordEnd } from './record.ts';

/** What the engine answers to an open task of its own in one case. */
export interface EngineAnswer {
  caseCode: string;
  /** What the case is told. */
  told: Record<string, unknown>;
  /** What joins the answers of the case's file, and the case is not told. */
  personal: Record<string, unknown>;
}

interface Open extends RecordEnd {
  id: string;
  code: string;
  number: number;
  last_act: number;
}

/**
 * Answers the open tasks of one name of many cases, as an act in each: the row, the record and the message to the case. A case
 * that has no such task open is left alone. Cases are locked in the order of their codes, so that two never wait for each other.
 *
 * @returns the codes of the cases that were answered
 */
export async function answerTasks(
  trx: Transaction,
  task: string,
  answers: readonly EngineAnswer[],
  at: Date,
): Promise<string[]> {
  const given = new Map(answers.map((answer) => [answer.caseCode, answer]));
  const { rows: open } = await trx.raw<{ rows: Open[] }>(
    /* sql */ `
    SELECT tasks.id, cases.code, tasks.number, last_act, record_length, record_hash
      FROM cases JOIN tasks ON tasks.case_code = cases.code
     WHERE cases.code = ANY(:codes) AND tasks.name = :task AND tasks.state = 'open'
     ORDER BY cases.code FOR UPDATE OF cases`,
    { codes: [...given.keys()], task },
  );
  if (open.length === 0) return [];
  const acts = open.map((row) => actOf(row, task, given.get(row.code)!, at));
  await trx.raw(write, {
    at,
    closedBy: JSON.stringify({ sub: engine.sub, name: engine.name }),
    acts: JSON.stringify(acts.map(({ entries: _entries, ...act }) => act)),
    entries: JSON.stringify(acts.flatMap(({ entries }) => entries)),
  });
  return open.map(({ code }) => code);
}

function actOf(open: Open, task: string, { told, personal }: EngineAnswer, at: Date) {
  const act = open.last_act + 1;
  const details = { task, number: open.number, answer: digest({ ...told, ...personal }) };
  const { rows, end } = chain(open, [
    { at, actor: engine, event: 'completed', details, reference: `act:${act}` },
  ]);
  return {
    id: open.id,
    code: open.code,
    act,
    answer: told,
    personal: Object.keys(personal).length > 0 ? personal : null,
    record_length: end.record_length,
    record_hash: end.record_hash.toString('hex'),
    message: { kind: 'act', act: { task, number: open.number, answer: told } },
    entries: (JSON.parse(rows) as object[]).map((entry) => ({ ...entry, code: open.code })),
  };
}

const write = /* sql */ `
  WITH act AS (
    SELECT * FROM jsonb_to_recordset(CAST(:acts AS jsonb))
      AS act (id uuid, code text, act int, answer jsonb, personal jsonb, record_length int, record_hash text, message jsonb)
  ), done AS (
    UPDATE tasks SET state = 'done', answer = act.answer, personal = act.personal, closed_at = :at, closed_by = :closedBy
      FROM act WHERE tasks.id = act.id
  ), changed AS (
    UPDATE cases SET last_act = act.act, record_length = act.record_length,
                     record_hash = decode(act.record_hash, 'hex')
      FROM act WHERE cases.code = act.code
  ), recorded AS (
    INSERT INTO case_record (case_code, number, at, actor, event, details, reference, hash)
    SELECT code, number, entry.at, actor, event, details, reference, decode(hash, 'hex')
      FROM jsonb_to_recordset(CAST(:entries AS jsonb))
        AS entry (code text, number int, at timestamptz, actor jsonb, event text, details jsonb, reference text, hash text)
  ), queued AS (
    INSERT INTO outbox (case_code, act, message, created_at) SELECT code, act, message, :at FROM act RETURNING act
  )
  SELECT pg_notify('${outboxChannel}', '') FROM queued LIMIT 1`;
