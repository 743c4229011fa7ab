import { engine } from './actor.ts';
import { knownAnswers } from './answers.ts';
import { fileApplication, type Filing } from './cases.ts';
import type { Database, Transaction } from './db.ts';
import { queueMessage } from './outbox.ts';
import { inheritParties } from './parties.ts';
import { chain, digest, insertRecord, type RecordEnd } from './record.ts';

/** What the application of a sub-case is drawn up from: the case's file, and how its other sub-cases ended. */
export interface OpenedFrom {
  code: string;
  procedure: string;
  agency: string;
  applicantSub: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
  papers: { kind: string; upload: string }[];
  earlier: Record<
    string,
    { code: string; outcome: string; answers: Record<string, unknown>; tasks: Record<string, unknown> }
  >;
  /** The agencies of the city by the kind under which its configuration names them. */
  agencies: Record<string, string>;
}

/** Loads what a sub-case is opened from. */
export async function loadParent(db: Database, code: string): Promise<OpenedFrom> {
  const { rows } = await db.raw<{ rows: OpenedFrom[] }>(
    /* sql */ `
    SELECT code, procedure, agency, applicant_sub AS "applicantSub", applicant, ${knownAnswers('cases')} AS answers,
           coalesce((SELECT jsonb_agg(jsonb_build_object('kind', kind, 'upload', upload_id) ORDER BY number)
                       FROM case_papers WHERE case_code = code), '[]') AS papers,
           coalesce((SELECT jsonb_object_agg(substr(task.name, 6), jsonb_build_object(
                              'code', below.code, 'outcome', below.outcome, 'answers', ${knownAnswers('below')},
                              'tasks', coalesce((SELECT jsonb_object_agg(done.name, done.answer ORDER BY done.number)
                                          FROM tasks done WHERE done.case_code = below.code AND done.state = 'done'), '{}')))
                       FROM tasks task JOIN cases below ON below.parent_task = task.id
                      WHERE task.case_code = cases.code AND below.closed_at IS NOT NULL), '{}') AS earlier,
           coalesce((SELECT jsonb_object_agg(consultation, agency) FROM consulted_agencies), '{}') AS agencies
      FROM cases WHERE code = :code`,
    { code },
  );
  const [found] = rows;
  if (!found) throw new Error(`no case ${code}`);
  return found;
}

/** What starts a case, as the outbox keeps it. */
export interface StartMessage {
  procedure: string;
  procedureCode: string;
  agency: string;
  title: string;
  start: { code: string; agency: string; application: Record<string, unknown> };
}

/**
 * Files the sub-case for which a task waits, once, as it is drawn up then; its parent's workflow starts it, so the message that would is kept as
 * sent, for the case that Temporal loses both.
 */
export async function fileSubCase(db: Database, task: string, draw: () => Filing): Promise<StartMessage> {
  return db.transaction(async (trx) => {
    const { case_code: parent } = await trx('tasks')
      .where({ id: task })
      .forUpdate()
      .first<{ case_code: string }>('case_code');
    const filed = await trx('cases').where({ parent_task: task }).first<{ code: string } | undefined>('code');
    const code = filed?.code ?? (await file(trx, { task, parent }, draw()));
    const row = await trx('outbox')
      .where({ case_code: code, act: 1 })
      .first<{ message: StartMessage } | undefined>('message');
    if (!row) throw new Error(`nothing starts ${code}`);
    return row.message;
  });
}

async function file(
  trx: Transaction,
  { task, parent }: { task: string; parent: string },
  filing: Filing,
): Promise<string> {
  const { code } = await fileApplication(trx, filing);
  await inheritParties(trx, code, parent);
  await trx('cases').where({ code }).update({ parent_task: task });
  await trx('outbox').where({ case_code: code }).update({ sent_at: filing.at });
  return code;
}

type Waiting = RecordEnd & {
  id: string;
  case_code: string;
  name: string;
  number: number;
  state: string;
  last_act: number;
};

/** Tells the parent of a sub-case how it has ended, once: its task is answered and the message goes to its workflow. */
export async function tellParent(db: Database, code: string, at: Date): Promise<void> {
  await db.transaction(async (trx) => {
    const below = await trx('cases')
      .where({ code })
      .whereNotNull('closed_at')
      .whereNull('parent_told_at')
      .forUpdate()
      .first<{ parent_task: string; outcome: string } | undefined>('parent_task', 'outcome');
    if (!below) return;
    await trx('cases').where({ code }).update({ parent_told_at: at });
    const task = await trx('tasks')
      .join('cases', 'cases.code', 'tasks.case_code')
      .where('tasks.id', below.parent_task)
      .forUpdate('cases')
      .first<Waiting>(
        'tasks.id',
        'case_code',
        'name',
        'number',
        'tasks.state',
        'last_act',
        'record_length',
        'record_hash',
      );
    // A parent that was withdrawn meanwhile waits for nothing any more.
    if (task.state === 'open') await answer(trx, task, { code, outcome: below.outcome }, at);
  });
}

async function answer(
  trx: Transaction,
  task: Waiting,
  given: { code: string; outcome: string },
  at: Date,
): Promise<void> {
  const { name, number } = task;
  const act = task.last_act + 1;
  const details = { task: name, number, case: given.code, answer: digest(given) };
  const entry = { at, actor: engine, event: 'completed', details, reference: `act:${act}` };
  const { rows: record, end } = chain(task, [entry]);
  await trx.raw(close, {
    id: task.id,
    act,
    at,
    answer: JSON.stringify(given),
    closedBy: JSON.stringify({ sub: engine.sub, name: engine.name }),
    record,
    ...end,
    message: JSON.stringify({ kind: 'act', act: { task: name, number, answer: given } }),
  });
}

const close = /* sql */ `
  WITH done AS (
    UPDATE tasks SET state = 'done', answer = :answer, closed_at = :at, closed_by = :closedBy
     WHERE id = :id RETURNING case_code
  ), changed AS (
    UPDATE cases SET last_act = :act, record_length = :record_length, record_hash = :record_hash
      FROM done WHERE code = done.case_code RETURNING code, last_act
  ), recorded AS (${insertRecord}), ${queueMessage}`;
