import { randomUUID } from 'node:crypto';
import type { Transaction } from './db.ts';
import type { Actor } from './actor.ts';

/** The case's row as a step of the engine needs it, locked until the step commits. */
export interface LockedCase {
  code: string;
  procedure: string;
  agency: string;
  applicant_sub: string;
  state: number;
  due_at: Date | null;
  due_derivation: unknown;
  clock: 'not-started' | 'running' | 'paused' | 'stopped';
  clock_paused_at: Date | null;
  closed_at: Date | null;
  waiting: { for: string; agency: { vi: string; en: string }; since: string } | null;
  run_id: string | null;
  last_change: number;
}

const caseColumns = [
  'code',
  'procedure',
  'agency',
  'applicant_sub',
  'state',
  'due_at',
  'due_derivation',
  'clock',
  'clock_paused_at',
  'closed_at',
  'waiting',
  'run_id',
  'last_change',
] as const satisfies (keyof LockedCase)[];

/** Locks a case for a step of the engine. */
export async function lockCase(trx: Transaction, code: string): Promise<LockedCase> {
  const row = await trx('cases')
    .where({ code })
    .forUpdate()
    .first<LockedCase | undefined>(...caseColumns);
  if (!row) throw new Error(`no case ${code}`);
  return row;
}

/** What a step may change of a case's row. */
export type CaseChange = Partial<Omit<LockedCase, 'code'>> & { accepted_at?: Date; outcome?: string };

/** Changes a case's row; only the fields given. */
export async function changeCase(trx: Transaction, code: string, change: CaseChange): Promise<void> {
  const json = (value: unknown) => (value === null || value === undefined ? value : JSON.stringify(value));
  const row: Record<string, unknown> = { ...change };
  if ('waiting' in change) row['waiting'] = json(change.waiting);
  if ('due_derivation' in change) row['due_derivation'] = json(change.due_derivation);
  await trx('cases').where({ code }).update(row);
}

/** What a task is opened with. */
export interface OpenedTask {
  caseCode: string;
  name: string;
  number: number;
  role: string;
  agency: string | null;
  notBy: string[];
  context: unknown;
  at: Date;
  dueAt?: Date | undefined;
  expiresAt?: Date | undefined;
}

/** The engine's view of a task's row. */
export interface TaskState {
  id: string;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  answer?: unknown;
  agency: string | null;
  deadline?: string;
}

interface Row {
  id: string;
  name: string;
  number: number;
  state: TaskState['state'];
  answer: unknown;
  agency: string | null;
  due_at: Date | null;
  expires_at: Date | null;
}

/** A task's business key in its case. */
export interface TaskKey {
  name: string;
  number: number;
}

/** Writes a task's business key as the engine does: `appraisal#1`. */
const keyOf = ({ name, number }: TaskKey) => `${name}#${number}`;

/** Reads tasks of a case; gives them by `name#number`. */
export async function taskStates(
  trx: Transaction,
  code: string,
  keys: TaskKey[],
): Promise<Record<string, TaskState>> {
  if (keys.length === 0) return {};
  const rows = await trx('tasks')
    .where('case_code', code)
    .whereRaw("name || '#' || number = ANY(?)", [keys.map(keyOf)])
    .select<Row[]>('id', 'name', 'number', 'state', 'answer', 'agency', 'due_at', 'expires_at');
  return Object.fromEntries(rows.map((row) => [keyOf(row), stateOf(row)]));
}

function stateOf(row: Row): TaskState {
  const deadline = row.due_at ?? row.expires_at;
  return {
    id: row.id,
    state: row.state,
    agency: row.agency,
    ...(row.state === 'done' ? { answer: row.answer } : {}),
    ...(deadline ? { deadline: deadline.toISOString() } : {}),
  };
}

/** Opens a task unless its business key (case, name, number) exists; says whether it did. */
export async function openTask(trx: Transaction, task: OpenedTask): Promise<boolean> {
  const opened = await trx('tasks')
    .insert({
      id: randomUUID(),
      case_code: task.caseCode,
      name: task.name,
      number: task.number,
      role: task.role,
      agency: task.agency,
      not_by: task.notBy,
      context: JSON.stringify(task.context),
      opened_at: task.at,
      due_at: task.dueAt ?? null,
      expires_at: task.expiresAt ?? null,
    })
    .onConflict(['case_code', 'name', 'number'])
    .ignore()
    .returning<{ id: string }[]>('id');
  return opened.length > 0;
}

/** Closes open tasks of a case in the engine's name; an act that came first has closed its row already. */
export async function closeTasks(
  trx: Transaction,
  code: string,
  which: { name: string; number: number } | 'all',
  as: 'expired' | 'cancelled',
  by: Actor,
  at: Date,
): Promise<number> {
  const query = trx('tasks').where({ case_code: code, state: 'open', ...(which === 'all' ? {} : which) });
  return query.update({
    state: as,
    closed_at: at,
    closed_by: JSON.stringify({ sub: by.sub, name: by.name }),
  });
}

/** Marks an open task as overdue; says whether it was not yet. */
export async function escalateTask(
  trx: Transaction,
  code: string,
  name: string,
  number: number,
  at: Date,
): Promise<boolean> {
  const marked = await trx('tasks')
    .where({ case_code: code, name, number, state: 'open' })
    .whereNull('escalated_at')
    .update({ escalated_at: at });
  return marked > 0;
}

/** Finds which agency answers a kind of consultation. */
export async function consultedAgency(trx: Transaction, consultation: string): Promise<string> {
  const row = await trx('consulted_agencies')
    .where({ consultation })
    .first<{ agency: string } | undefined>('agency');
  if (!row)
    throw new Error(`the city's configuration names no agency for the consultation "${consultation}"`);
  return row.agency;
}

/** Keeps a notice to a person, once for each notice, case and number. */
export async function keepNotice(
  trx: Transaction,
  notice: { caseCode: string; notice: string; recipient: string; subject: unknown; body: unknown; at: Date },
): Promise<void> {
  await trx.raw(
    /* sql */ `
    INSERT INTO notices (case_code, notice, number, recipient_sub, subject, body, at)
    SELECT :caseCode, :notice, count(*) + 1, :recipient, :subject, :body, :at
      FROM notices WHERE case_code = :caseCode AND notice = :notice`,
    { ...notice, subject: JSON.stringify(notice.subject), body: JSON.stringify(notice.body) },
  );
}
