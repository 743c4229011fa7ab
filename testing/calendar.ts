import { sampleCity } from '../embedded/samples.ts';
import { cityCalendarRows } from '../records/calendar-file.ts';
import { calendarOf, type Calendar, type CalendarRows } from '../workflows/engine/legal-clock-calendar.ts';

/** The rows of the calendar that the sample city's agencies share; `days` are further ones that differ. */
export function sampleRows(days: CalendarRows['days'] = []): CalendarRows {
  const rows = cityCalendarRows(sampleCity());
  return { ...rows, days: [...rows.days, ...days] };
}

/** The calendar that the sample city's agencies share. */
export const sampleCalendar = (days?: CalendarRows['days']): Calendar => calendarOf(sampleRows(days));
