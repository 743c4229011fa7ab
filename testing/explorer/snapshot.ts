import type { Database } from '../../records/db.ts';

/** A task's row as a snapshot has it; instants in ISO 8601. */
export interface TaskNow {
  id: string;
  name: string;
  number: number;
  role: string;
  agency: string | null;
  context: Record<string, unknown>;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  answer: Record<string, unknown> | null;
  due_at: string | null;
  expires_at: string | null;
  escalated_at: string | null;
  closed_by: { sub: string } | null;
}

/** Everything that PostgreSQL knows of a case at one instant. */
export interface Snapshot {
  code: string;
  procedure: string;
  agency: string;
  state: number;
  clock: string;
  accepted_at: string | null;
  due_at: string | null;
  closed_at: string | null;
  outcome: string | null;
  waiting: { for: string } | null;
  last_act: number;
  tasks: TaskNow[];
  record: {
    number: number;
    at: string;
    event: string;
    details: Record<string, unknown>;
    reference: string;
  }[];
  documents: { document: string; number: number; register_number: string | null; issued_at: string }[];
  fees: { number: number }[];
  notices: { notice: string; number: number }[];
  messages: { act: number; message: { kind: string } }[];
  registered: { kind: string; year: number; number: number; document: string; document_number: number }[];
}

/** Reads a case in one round trip. */
export async function look(db: Database, code: string): Promise<Snapshot> {
  const of = (table: string, order: string) =>
    `coalesce((SELECT jsonb_agg(to_jsonb(t) ORDER BY ${order}) FROM ${table} t WHERE t.case_code = c.code), '[]')`;
  const { rows } = await db.raw<{ rows: Snapshot[] }>(
    `SELECT c.code, procedure, agency, state, clock, accepted_at, due_at, closed_at, outcome, waiting, last_act,
            ${of('tasks', 't.opened_at, t.name, t.number')} AS tasks,
            ${of('case_record', 't.number')} AS record,
            ${of('documents', 't.issued_at, t.document, t.number')} AS documents,
            ${of('fee_payments', 't.number')} AS fees,
            ${of('notices', 't.notice, t.number')} AS notices,
            ${of('outbox', 't.act')} AS messages,
            ${of('register_numbers', 't.kind, t.year, t.number')} AS registered
       FROM cases c WHERE c.code = ?`,
    [code],
  );
  const [row] = rows;
  if (!row) throw new Error(`no case ${code}`);
  return row;
}

/** Reads only what a case is to be told. */
export async function readMessages(
  db: Database,
  code: string,
): Promise<Pick<Snapshot, 'last_act' | 'messages'>> {
  const messages = await db('outbox')
    .where({ case_code: code })
    .orderBy('act')
    .select<Snapshot['messages']>('act', 'message');
  return { messages, last_act: messages.length };
}

/** Numbers of an agency's books: what the book says was given last, how many were given and the highest. */
export interface Numbers {
  book: string;
  last: number;
  given: number;
  highest: number;
}

/** Reads every book of an agency: its register books, and the numbers of its cases by day. */
export async function readNumbers(db: Database, agency: string): Promise<Numbers[]> {
  const { rows } = await db.raw<{ rows: Numbers[] }>(
    `SELECT b.kind || ' ' || b.year AS book, b.last, count(n)::int AS given, coalesce(max(n.number), 0)::int AS highest
       FROM register_books b LEFT JOIN register_numbers n USING (agency, kind, year)
      WHERE b.agency = :agency GROUP BY b.kind, b.year, b.last
      UNION ALL
     SELECT 'cases of ' || b.day, b.last, count(c)::int, coalesce(max(right(c.code, 4)::int), 0)
       FROM case_numbers b LEFT JOIN cases c
         ON c.code LIKE b.agency || '-' || to_char(b.day, 'YYMMDD') || '-%'
      WHERE b.agency = :agency GROUP BY b.day, b.last`,
    { agency },
  );
  return rows;
}
