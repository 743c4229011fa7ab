import { calendarRows } from './calendar.ts';
import type { CalendarRows } from './calendar-rows.ts';
import type { Database } from './db.ts';
import { chain, insertRecord, type Entry, type RecordEnd } from './record.ts';

/** The case's row as a step of the engine sees and changes it. */
export interface CaseRow extends RecordEnd {
  code: string;
  procedure: string;
  agency: string;
  applicant_sub: string;
  state: number;
  accepted_at: Date | null;
  due_at: Date | null;
  due_derivation: unknown;
  clock: 'not-started' | 'running' | 'paused' | 'stopped';
  /** What the legal clock counts; see workflows/engine/clock-account.ts. */
  clock_account: unknown;
  closed_at: Date | null;
  outcome: string | null;
  waiting: { for: string; agency: { vi: string; en: string }; since: string } | null;
  run_id: string | null;
  /** The task of another case that waits for this one. */
  parent_task: string | null;
  last_change: number;
}

/** A task's row as a step of the engine sees and changes it; instants in ISO 8601. */
export interface TaskRow {
  id: string;
  name: string;
  number: number;
  role: string;
  agency: string | null;
  not_by: string[];
  context: unknown;
  state: 'open' | 'done' | 'expired' | 'cancelled';
  answer: unknown;
  opened_at: string;
  /** The limit from which the deadline is counted; none where it is an instant of its own. */
  time_limit: string | null;
  /** From when the warning is counted, where the procedure says it. */
  warn_limit: string | null;
  due_at: string | null;
  expires_at: string | null;
  warn_at: string | null;
  warned_at: string | null;
  escalated_at: string | null;
  /** How many on the ladder have heard that it is overdue. */
  escalations: number;
  claimed_by: string | null;
  closed_at: string | null;
  closed_by: { sub: string; name: string } | null;
  amendable: boolean;
}

/** A notice to a person, in both languages. */
export interface Notice {
  notice: string;
  recipient: string;
  subject: { vi: string; en: string };
  body: { vi: string; en: string };
  /** Fingerprint of the texts that it was made of. */
  template: string;
}

/** A fee that has been paid, and by when its money must be in the budget; instants in ISO 8601. */
export interface FeePayment {
  number: number;
  /** The agency that owes it to the budget. */
  agency: string;
  amount: number;
  receipt: string;
  paid_at: string;
  remit_by: string;
}

/** Everything that a step may depend on, as it was at one instant. */
export interface CaseNow {
  row: CaseRow;
  tasks: TaskRow[];
  /** Which agency answers which kind of consultation in this city. */
  consulted: Record<string, string>;
  /** The calendar of the case's agency since a week before it was filed, as deadlines look back, at least; null unless asked for. */
  calendar: CalendarRows | null;
  /** Of the references that were asked about, those that the record has. */
  recorded: string[];
  /** The agency above each one that has a task, where it was asked for. */
  above: Record<string, string | null>;
}

/** What a step needs to know beside the case. */
export interface Asked {
  withCalendar: boolean;
  /** References of entries: has the record got them? */
  references?: string[];
  withAbove?: boolean;
}

/** Reads a case for a step of the engine, in one round trip. */
export async function readCase(db: Database, code: string, options: Asked): Promise<CaseNow> {
  const [found] = await readCases(db, [code], options);
  if (!found) throw new Error(`no case ${code}`);
  return found;
}

/** Reads cases as {@link readCase} does, all in one round trip. */
export async function readCases(
  db: Database,
  codes: string[],
  { withCalendar, references = [], withAbove = false }: Asked,
): Promise<CaseNow[]> {
  const { rows } = await db.raw<{ rows: (CaseRow & Omit<CaseNow, 'row'>)[] }>(
    /* sql */ `
    WITH asked AS MATERIALIZED (
      SELECT agency, CAST(min(filed_at) AT TIME ZONE 'Asia/Ho_Chi_Minh' AS date) - 7 AS since
        FROM cases WHERE :withCalendar AND code = ANY(:codes) GROUP BY agency
    ), calendars AS MATERIALIZED (
      SELECT agency, ${calendarRows('asked.agency', 'asked.since')} AS calendar FROM asked
    )
    SELECT code, procedure, agency, applicant_sub, state, accepted_at, due_at, due_derivation, clock,
           clock_account, closed_at, outcome, waiting, run_id, parent_task, last_change, record_length, record_hash,
           coalesce((SELECT jsonb_agg(to_jsonb(tasks)) FROM tasks WHERE case_code = code), '[]') AS tasks,
           coalesce((SELECT jsonb_object_agg(consultation, agency) FROM consulted_agencies), '{}') AS consulted,
           calendars.calendar,
           ARRAY(SELECT reference FROM case_record WHERE case_code = code AND reference = ANY(:references)) AS recorded,
           CASE WHEN :withAbove THEN (SELECT jsonb_object_agg(a.code, a.parent) FROM agencies a
              WHERE a.code IN (SELECT agency FROM tasks WHERE case_code = cases.code)) END AS above
      FROM cases LEFT JOIN calendars USING (agency) WHERE code = ANY(:codes)`,
    { codes, withCalendar, references, withAbove },
  );
  return rows.map(({ tasks, consulted, calendar, recorded, above, ...row }) => ({
    row,
    above: above ?? {},
    tasks,
    consulted,
    calendar,
    recorded,
  }));
}

/** What a step makes of a case. */
export interface CaseChanges {
  row: CaseRow;
  opened: TaskRow[];
  /** Tasks that were open, with how they stand now. */
  changed: TaskRow[];
  /** Payments; one that is kept already stays as it is. */
  fees: FeePayment[];
  notices: Notice[];
  /** What becomes of the place that it holds in a campaign, if it holds one. */
  place?: 'keep' | 'release' | undefined;
  entries: Entry[];
  at: Date;
}

/**
 * Writes a step in one statement, so that all of it becomes durable or nothing, unless the case has changed since it
 * was read.
 *
 * @returns false when it has: nothing is written then
 */
export async function writeCase(db: Database, changes: CaseChanges): Promise<boolean> {
  const { row, at } = changes;
  const { rows: record, end } = chain(row, changes.entries);
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value));
  const { rows } = await db.raw<{ rows: unknown[] }>(statements[changes.place ?? 'none'], {
    ...row,
    due_derivation: json(row.due_derivation),
    clock_account: json(row.clock_account),
    waiting: json(row.waiting),
    at,
    known: row.record_length,
    ...end,
    record,
    opened: JSON.stringify(changes.opened),
    moved: JSON.stringify(changes.changed),
    fees: JSON.stringify(changes.fees),
    notices: JSON.stringify(changes.notices),
  });
  return rows.length > 0;
}

/** A place is kept or given back together with everything else that the step does. */
const places = {
  none: '',
  keep: /* sql */ `kept AS (
    UPDATE places SET confirmed_at = :at FROM changed WHERE case_code = code AND confirmed_at IS NULL
  ),`,
  release: /* sql */ `released AS (
    UPDATE places SET case_code = NULL, given_at = NULL, confirmed_at = NULL, freed = true
      FROM changed WHERE case_code = code
  ), left_campaign AS (
    UPDATE campaign_members SET about = NULL FROM changed WHERE case_code = code
  ),`,
};

const write = (place: string) => /* sql */ `
  WITH changed AS (
    UPDATE cases
       SET agency = :agency, state = :state, accepted_at = :accepted_at, due_at = :due_at, due_derivation = :due_derivation,
           clock = :clock, clock_account = :clock_account, closed_at = :closed_at, outcome = :outcome,
           waiting = :waiting, run_id = :run_id, last_change = :last_change,
           record_length = :record_length, record_hash = :record_hash
     WHERE code = :code AND record_length = :known RETURNING code
  ), ${place} opened AS (
    INSERT INTO tasks (id, case_code, name, number, role, agency, not_by, context, state, opened_at, time_limit, warn_limit,
                       due_at, expires_at, warn_at, warned_at, escalated_at, escalations, closed_at, closed_by, amendable)
    SELECT id, code, name, number, role, agency, not_by, context, state, opened_at, time_limit, warn_limit,
           due_at, expires_at, warn_at, warned_at, escalated_at, escalations, closed_at, closed_by, amendable
      FROM changed, jsonb_to_recordset(CAST(:opened AS jsonb))
        AS task (id uuid, name text, number int, role text, agency text, not_by text[], context jsonb, state text,
                 opened_at timestamptz, time_limit text, warn_limit text, due_at timestamptz, expires_at timestamptz,
                 warn_at timestamptz, warned_at timestamptz, escalated_at timestamptz, escalations int,
                 closed_at timestamptz, closed_by jsonb, amendable boolean)
  ), moved AS (
    UPDATE tasks
       SET state = task.state, due_at = task.due_at, expires_at = task.expires_at, warn_at = task.warn_at,
           warned_at = task.warned_at, escalated_at = task.escalated_at, escalations = task.escalations, closed_at = task.closed_at,
           closed_by = task.closed_by
      FROM changed, jsonb_to_recordset(CAST(:moved AS jsonb))
        AS task (id uuid, state text, due_at timestamptz, expires_at timestamptz, warn_at timestamptz,
                 warned_at timestamptz, escalated_at timestamptz, escalations int, closed_at timestamptz,
                 closed_by jsonb)
     WHERE tasks.id = task.id
  ), paid AS (
    INSERT INTO fee_payments (case_code, number, agency, amount, receipt, paid_at, remit_by)
    SELECT code, number, agency, amount, receipt, paid_at, remit_by
      FROM changed, jsonb_to_recordset(CAST(:fees AS jsonb))
        AS fee (number int, agency text, amount int, receipt text, paid_at timestamptz, remit_by timestamptz)
    ON CONFLICT DO NOTHING
  ), noticed AS (
    INSERT INTO notices (case_code, notice, number, recipient_sub, subject, body, template, at)
    SELECT code, notice, row_number() OVER (PARTITION BY notice)
             + (SELECT count(*) FROM notices kept WHERE kept.case_code = code AND kept.notice = given.notice),
           recipient, subject, body, template, :at
      FROM changed, jsonb_to_recordset(CAST(:notices AS jsonb))
        AS given (notice text, recipient text, subject jsonb, body jsonb, template text)
  ), recorded AS (${insertRecord})
  SELECT code FROM changed`;

const statements = {
  none: write(places.none),
  keep: write(places.keep),
  release: write(places.release),
};
