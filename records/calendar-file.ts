import { z } from 'zod';
import { engine } from './actor.ts';
import { changeCalendar, lockCalendars, type Wanted } from './calendar.ts';
import { Day, Hours, type CalendarRows } from './calendar-rows.ts';
import type { Transaction } from './db.ts';
import { Announced, national, nationalDays } from './national-calendar.ts';
import { digest } from './record.ts';

/** The part of a city's file that is about time: for which years the national calendar is made, and what differs here. */
export const CityCalendar = z.object({
  /** Years for which public holidays are computed. */
  years: z.object({ from: z.int(), to: z.int() }).default({ from: 2024, to: 2036 }),
  /** What was announced for single years, where it differs from what Motcua knows. */
  announced: Announced.default({}),
  officeHours: z.array(Hours).default([]),
  calendar: z.array(Day).default([]),
});
export type CityCalendar = z.infer<typeof CityCalendar>;

const everywhere = { agency: '', distance: 100 };

/** Everything that a city's file says about time, the national calendar included; its own rows replace national ones. */
function rowsOf({ years, announced, officeHours, calendar }: CityCalendar): { hours: Hours[]; days: Day[] } {
  const last = <Row>(rows: Row[], key: (row: Row) => string) => [
    ...new Map(rows.map((row) => [key(row), row])).values(),
  ];
  return {
    hours: last(
      [{ ...national.hours, agency: '' }, ...officeHours],
      ({ agency, validFrom }) => `${agency} ${validFrom}`,
    ),
    days: last([...nationalDays(years, announced), ...calendar], ({ agency, day }) => `${agency} ${day}`),
  };
}

/** The calendar that a city's file gives to all agencies, without a database. */
export function cityCalendarRows(city: CityCalendar): CalendarRows {
  const { hours, days } = rowsOf(city);
  return {
    hours: hours
      .filter(({ agency }) => agency === '')
      .map(({ validFrom, work, intake }) => ({ validFrom, work, intake, distance: everywhere.distance })),
    days: days
      .filter(({ agency }) => agency === '')
      .map(({ day, kind, name, closed }) => ({ day, kind, name, closed: closed ?? null })),
  };
}

type Loaded = ReturnType<typeof rowsOf>;

/**
 * Writes what a city's file says about time, as far as the file has changed since it was loaded last: what people have
 * changed meanwhile stays.
 *
 * @throws Error when the lunar dates of a year are not known
 */
export async function loadCalendar(trx: Transaction, city: CityCalendar, at: Date): Promise<void> {
  await lockCalendars(trx);
  const now = rowsOf(city);
  const loaded = await trx('loaded_calendar').first<{ calendar: Loaded } | undefined>('calendar');
  const before = loaded?.calendar ?? { hours: [], days: [] };
  const wanted = new Map<string, Required<Wanted>>();
  const of = (agency: string) => {
    const rows = wanted.get(agency) ?? { days: [], hours: [] };
    wanted.set(agency, rows);
    return rows;
  };
  for (const [row, kept] of changedRows(before.days, now.days, ({ agency, day }) => `${agency} ${day}`)) {
    const { agency, day, closed = null, ...facts } = row;
    of(agency).days.push({ day, after: kept ? { ...facts, closed } : null });
  }
  for (const [row, kept] of changedRows(before.hours, now.hours, (row) => `${row.agency} ${row.validFrom}`)) {
    const { agency, validFrom, ...facts } = row;
    of(agency).hours.push({ validFrom, after: kept ? facts : null });
  }
  if (wanted.size === 0) return;
  const reason = {
    vi: `Lịch làm việc được cập nhật (lịch quốc gia bản ${national.version}).`,
    en: `The calendar was updated (national calendar of ${national.version}).`,
  };
  for (const [agency, rows] of wanted)
    await changeCalendar(trx, agency, rows, { actor: engine, at, reason, legalBasis: '' });
  await trx('loaded_calendar')
    .insert({ one: true, version: national.version, calendar: JSON.stringify(now), at })
    .onConflict('one')
    .merge();
}

/** Rows that a file has now and had not before, and, marked `false`, those that it no longer has. */
function changedRows<Row>(before: Row[], now: Row[], key: (row: Row) => string): [Row, boolean][] {
  const known = new Map(before.map((row) => [key(row), digest(row)]));
  const keys = new Set(now.map(key));
  return [
    ...now.filter((row) => known.get(key(row)) !== digest(row)).map((row): [Row, boolean] => [row, true]),
    ...before.filter((row) => !keys.has(key(row))).map((row): [Row, boolean] => [row, false]),
  ];
}
