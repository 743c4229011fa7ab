import type { Actor } from './actor.ts';
import type { CalendarRows, Day, Hours } from './calendar-rows.ts';
import type { Database, Transaction } from './db.ts';
import { digest } from './record.ts';
import { askForRecount } from './recounts.ts';

/** The agency that an SQL expression names and those above it up to the whole country (`''`), with their distance. */
const lineOf = (agency: string) => /* sql */ `
  RECURSIVE up (agency, distance) AS (
    SELECT ${agency}, 0
    UNION ALL
    SELECT agencies.parent, up.distance + 1 FROM up JOIN agencies ON agencies.code = up.agency
     WHERE agencies.parent IS NOT NULL
  ), line AS (SELECT agency, distance FROM up UNION ALL SELECT '', 100)`;

/**
 * SQL for the {@link CalendarRows} of an agency, as one JSON value inside another query.
 *
 * @param agency SQL for the code of the agency
 * @param since SQL for the first day that is of interest
 */
export const calendarRows = (agency: string, since: string) => /* sql */ `(
  WITH ${lineOf(agency)}
  SELECT jsonb_build_object(
    'hours', (SELECT coalesce(jsonb_agg(jsonb_build_object('validFrom', valid_from, 'work', work, 'intake', intake,
                                                           'distance', distance)), '[]')
                FROM office_hours JOIN line USING (agency)),
    'days', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day, 'kind', kind, 'name', name, 'closed', closed)
                                       ORDER BY distance DESC), '[]')
               FROM calendar_days JOIN line USING (agency) WHERE day >= ${since})))`;

/** Reads the calendar of an agency, of all agencies for `''`; `calendarOf` of the legal clock makes it ready to count. */
export async function readCalendar(
  db: Database | Transaction,
  agency: string,
  since = '1900-01-01',
): Promise<CalendarRows> {
  const { rows } = await db.raw<{ rows: { calendar: CalendarRows }[] }>(
    `SELECT ${calendarRows('CAST(:agency AS text)', 'CAST(:since AS date)')} AS calendar`,
    { agency, since },
  );
  return rows[0]!.calendar;
}

/** Reads the calendars of an agency and of all below it. */
export async function readCalendarsBelow(
  db: Database | Transaction,
  agency: string,
  since: string,
): Promise<CalendarRows[]> {
  const { rows } = await db.raw<{ rows: { calendar: CalendarRows }[] }>(
    /* sql */ `
    WITH RECURSIVE below (code) AS (
      SELECT CAST(:agency AS text)
      UNION ALL
      SELECT agencies.code FROM below JOIN agencies ON agencies.parent = below.code
    )
    SELECT ${calendarRows('below.code', 'CAST(:since AS date)')} AS calendar FROM below ORDER BY code`,
    { agency, since },
  );
  return rows.map(({ calendar }) => calendar);
}

/** A calendar's rows with where each comes from; nearer agencies later. */
export interface ExplainedRows extends CalendarRows {
  hours: (CalendarRows['hours'][number] & { agency: string; legalBasis: string })[];
  days: (CalendarRows['days'][number] & { agency: string; legalBasis: string })[];
}

/** Reads the calendar of an agency for one year, with the agency and the legal basis of each row. */
export async function explainCalendar(db: Database, agency: string, year: number): Promise<ExplainedRows> {
  const { rows } = await db.raw<{ rows: ExplainedRows[] }>(
    /* sql */ `
    WITH ${lineOf('CAST(:agency AS text)')}
    SELECT (SELECT coalesce(jsonb_agg(jsonb_build_object('agency', agency, 'validFrom', valid_from, 'work', work,
              'intake', intake, 'distance', distance, 'legalBasis', legal_basis)), '[]')
              FROM office_hours JOIN line USING (agency) WHERE valid_from <= make_date(:year, 12, 31)) AS hours,
           (SELECT coalesce(jsonb_agg(jsonb_build_object('agency', agency, 'day', day, 'kind', kind, 'name', name,
              'closed', closed, 'legalBasis', legal_basis) ORDER BY day, distance DESC), '[]')
              FROM calendar_days JOIN line USING (agency)
             WHERE day BETWEEN make_date(:year, 1, 1) AND make_date(:year, 12, 31)) AS days`,
    { agency, year },
  );
  return rows[0]!;
}

type DayFacts = Omit<Day, 'agency' | 'day' | 'closed'> & { closed: string | null };
type HoursFacts = Omit<Hours, 'agency' | 'validFrom'>;

/** What became of the rows of one agency: each with how it was and how it is; null where there is none. */
export interface CalendarChange {
  days: { day: string; before: DayFacts | null; after: DayFacts | null }[];
  hours: { validFrom: string; before: HoursFacts | null; after: HoursFacts | null }[];
}

/** The rows of one agency as they shall be; null takes a row away. */
export interface Wanted {
  days?: { day: string; after: DayFacts | null }[];
  hours?: { validFrom: string; after: HoursFacts | null }[];
}

type Text = { vi: string; en: string };

/** Who changes a calendar, when and why; applicants whose dates move are told the reason. */
export interface Why {
  actor: Actor;
  at: Date;
  reason: Text;
  legalBasis: string;
}

/** Lets one transaction at a time change calendars, until its end. */
export async function lockCalendars(trx: Transaction): Promise<void> {
  await trx.raw(`SELECT pg_advisory_xact_lock(hashtext('calendars'))`);
}

/** A change that was made, and the recount of the open cases that it asked for. */
export interface MadeChange {
  change: number;
  recount: number | null;
}

/**
 * Changes the calendar of an agency (`''`: of all), keeps what was changed, by whom and why, and has the open cases count
 * their dates again.
 *
 * @returns undefined when everything was as wanted already
 */
export async function changeCalendar(
  trx: Transaction,
  agency: string,
  wanted: Wanted,
  { actor, at, reason, legalBasis }: Why,
): Promise<MadeChange | undefined> {
  const change: CalendarChange = {
    days: await changeDays(trx, agency, wanted.days ?? []),
    hours: await changeHours(trx, agency, wanted.hours ?? []),
  };
  if (change.days.length + change.hours.length === 0) return undefined;
  const [kept] = await trx('calendar_changes')
    .insert({
      agency,
      at,
      actor: JSON.stringify({ sub: actor.sub, name: actor.name }),
      change: JSON.stringify(change),
      reason: JSON.stringify(reason),
      legal_basis: legalBasis,
    })
    .returning<{ id: number }[]>('id');
  const open = await trx('cases').whereNull('closed_at').first<{ code: string } | undefined>('code');
  const recount = open ? await askForRecount(trx, { agency, reason, actor, at }) : null;
  return { change: Number(kept!.id), recount };
}

async function changeDays(
  trx: Transaction,
  agency: string,
  wanted: NonNullable<Wanted['days']>,
): Promise<CalendarChange['days']> {
  const { rows } = await trx.raw<{ rows: (DayFacts & { day: string })[] }>(
    `SELECT day::text, kind, name, closed, legal_basis AS "legalBasis" FROM calendar_days
      WHERE agency = ? AND day = ANY(CAST(? AS date[]))`,
    [agency, wanted.map(({ day }) => day)],
  );
  const known = new Map(rows.map(({ day, ...facts }) => [day, facts]));
  const changed = changesOf(wanted, ({ day }) => known.get(day) ?? null);
  await trx.raw(`DELETE FROM calendar_days WHERE agency = ? AND day = ANY(CAST(? AS date[]))`, [
    agency,
    changed.map(({ day }) => day),
  ]);
  const set = changed.flatMap(({ day, after }) => (after ? [{ day, ...after }] : []));
  await trx.raw(
    `INSERT INTO calendar_days (agency, day, kind, name, closed, legal_basis)
     SELECT ?, day, kind, name, closed, "legalBasis" FROM jsonb_to_recordset(CAST(? AS jsonb))
       AS new (day date, kind text, name text, closed text, "legalBasis" text)`,
    [agency, JSON.stringify(set)],
  );
  return changed;
}

async function changeHours(
  trx: Transaction,
  agency: string,
  wanted: NonNullable<Wanted['hours']>,
): Promise<CalendarChange['hours']> {
  const { rows } = await trx.raw<{ rows: (HoursFacts & { validFrom: string })[] }>(
    `SELECT valid_from::text AS "validFrom", work, intake, legal_basis AS "legalBasis" FROM office_hours
      WHERE agency = ? AND valid_from = ANY(CAST(? AS date[]))`,
    [agency, wanted.map(({ validFrom }) => validFrom)],
  );
  const known = new Map(rows.map(({ validFrom, ...facts }) => [validFrom, facts]));
  const changed = changesOf(wanted, ({ validFrom }) => known.get(validFrom) ?? null);
  await trx.raw(`DELETE FROM office_hours WHERE agency = ? AND valid_from = ANY(CAST(? AS date[]))`, [
    agency,
    changed.map(({ validFrom }) => validFrom),
  ]);
  const set = changed.flatMap(({ validFrom, after }) => (after ? [{ validFrom, ...after }] : []));
  await trx.raw(
    `INSERT INTO office_hours (agency, valid_from, work, intake, legal_basis)
     SELECT ?, "validFrom", work, intake, "legalBasis" FROM jsonb_to_recordset(CAST(? AS jsonb))
       AS new ("validFrom" date, work jsonb, intake jsonb, "legalBasis" text)`,
    [agency, JSON.stringify(set)],
  );
  return changed;
}

/** Keeps of what is wanted what differs from what is known, with how it was. */
function changesOf<Row extends { after: Facts | null }, Facts>(
  wanted: Row[],
  known: (row: Row) => Facts | null,
): (Row & { before: Facts | null })[] {
  return wanted
    .map((row) => ({ ...row, before: known(row) }))
    .filter(({ before, after }) => digest(before) !== digest(after));
}

/** A change that was made to a calendar. */
export interface KeptChange {
  id: number;
  agency: string;
  at: string;
  actor: { sub: string; name: string };
  change: CalendarChange;
  reason: Text;
  legalBasis: string;
}

/** Reads a page of the changes that concern an agency's calendar, the latest first: its own and those above it. */
export async function calendarHistory(
  db: Database,
  agency: string,
  { limit, before }: { limit: number; before?: number | undefined },
): Promise<KeptChange[]> {
  const { rows } = await db.raw<{ rows: (Omit<KeptChange, 'at'> & { at: Date })[] }>(
    /* sql */ `
    WITH ${lineOf('CAST(:agency AS text)')}
    SELECT id, agency, at, actor, change, reason, legal_basis AS "legalBasis"
      FROM calendar_changes JOIN line USING (agency)
     WHERE id < coalesce(:before, 9223372036854775807) ORDER BY id DESC LIMIT :limit`,
    { agency, limit, before: before ?? null },
  );
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}
