import { sampleCity } from '../embedded/samples.ts';
import { officeHours, type Calendar } from '../workflows/engine/legal-clock.ts';

/** The calendar of the sample city's wards. */
export function sampleCalendar(): Calendar {
  const days = sampleCity().calendar.map(
    ({ day, kind, name }) => [day, { working: kind === 'swapped-working', name }] as const,
  );
  return { zoneMinutes: 420, hours: officeHours, exceptions: new Map(days) };
}
