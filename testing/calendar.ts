import { sampleCity } from '../embedded/samples.ts';
import { cityCalendarRows } from '../records/calendar-file.ts';
import { localDay } from '../records/local-day.ts';
import { nationalDays } from '../records/national-calendar.ts';
import { calendarOf, type Calendar, type CalendarRows } from '../workflows/engine/legal-clock-calendar.ts';

/** The rows of the calendar that the sample city's agencies share; `days` are further ones that differ. */
export function sampleRows(days: CalendarRows['days'] = []): CalendarRows {
  const rows = cityCalendarRows(sampleCity());
  return { ...rows, days: [...rows.days, ...days] };
}

/** The calendar that the sample city's agencies share. */
export const sampleCalendar = (days?: CalendarRows['days']): Calendar => calendarOf(sampleRows(days));

const dayMs = 86_400_000;
/** As many days as a story lives through that counts in days without naming dates. */
const plainDays = 21;

/** Gives 09:00 of the next Monday after which no holiday comes for three weeks: stories do not rest on the day they are told. */
export function nextPlainMonday(now: Date): Date {
  const local = new Date(now.getTime() + 7 * 3_600_000);
  const ahead = (8 - local.getUTCDay()) % 7 || 7;
  let monday = Date.UTC(local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate() + ahead, 2);
  const year = local.getUTCFullYear();
  const special = new Set(nationalDays({ from: year, to: year + 2 }).map(({ day }) => day));
  const isPlain = () =>
    Array.from({ length: plainDays }, (_, days) => localDay(new Date(monday + days * dayMs))).every(
      (day) => !special.has(day),
    );
  while (!isPlain()) monday += 7 * dayMs;
  return new Date(monday);
}
