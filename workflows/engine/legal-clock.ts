/**
 * The legal clock: arithmetic of working hours, working days, days and months over a calendar.
 *
 * Pure functions. The start day is not counted (Civil Code 2015 Art. 147.2); a period that ends on a day off
 * ends with the next working day (Art. 148.5). Vietnam keeps +07:00 all year, so local time is an offset.
 */

/** A limit of law: working hours, working days, calendar days or months, for example `8wh`, `3wd`, `15d`, `12m`. */
export type Limit = `${number}${'wh' | 'wd' | 'd' | 'm'}`;

/** Thrown when a text is no {@link Limit}. */
export class LimitError extends Error {}

/** Which days and hours an agency works. */
export interface Calendar {
  /** Minutes that local time is ahead of UTC. */
  zoneMinutes: number;
  /** Office hours as minutes after local midnight, in order. */
  hours: readonly { start: number; end: number }[];
  /** Days that differ from Monday to Friday, by ISO date. */
  exceptions: ReadonlyMap<string, { working: boolean; name: string }>;
}

/** Office hours of state agencies where an agency has none of its own: 07:30–11:30 and 13:00–17:00, 8 hours. */
export const officeHours = [
  { start: 450, end: 690 },
  { start: 780, end: 1020 },
] as const;

/** How a due instant came about, for people: counted from when, and which named days off were passed over. */
export interface Derivation {
  limit: Limit;
  /** The first working instant at or after the start (ISO 8601). */
  countedFrom: string;
  daysOff: { day: string; name: string }[];
}

const minute = 60_000;
const dayMinutes = 1440;

type Parsed = { count: number; unit: 'wh' | 'wd' | 'd' | 'm' };

/**
 * Reads a limit.
 *
 * @throws LimitError
 */
export function parseLimit(limit: string): Parsed {
  const match = /^(\d{1,4})(wh|wd|d|m)$/.exec(limit);
  if (!match) throw new LimitError(`"${limit}" is no limit; write for example 8wh, 3wd, 15d or 12m`);
  return { count: Number(match[1]), unit: match[2] as Parsed['unit'] };
}

const isoDay = (day: number) => new Date(day * dayMinutes * minute).toISOString().slice(0, 10);
const localMinutes = (at: Date, calendar: Calendar) =>
  Math.floor(at.getTime() / minute) + calendar.zoneMinutes;
const instant = (local: number, calendar: Calendar) => new Date((local - calendar.zoneMinutes) * minute);
const dayOf = (local: number) => Math.floor(local / dayMinutes);

/** Says whether a day, counted from 1970-01-01 in local time, is worked. */
function isWorkingDay(day: number, calendar: Calendar): boolean {
  const exception = calendar.exceptions.get(isoDay(day));
  if (exception) return exception.working;
  const weekday = (day + 4) % 7; // 1970-01-01 was a Thursday
  return weekday >= 1 && weekday <= 5;
}

function nextWorkingDay(day: number, calendar: Calendar): number {
  let next = day + 1;
  while (!isWorkingDay(next, calendar)) next++;
  return next;
}

const closing = (calendar: Calendar) => calendar.hours.at(-1)?.end ?? dayMinutes;
const opening = (calendar: Calendar) => calendar.hours[0]?.start ?? 0;

/** Moves local minutes forward to the first minute that is worked. */
function toWorking(local: number, calendar: Calendar): number {
  const day = dayOf(local);
  const time = local - day * dayMinutes;
  if (isWorkingDay(day, calendar)) {
    for (const span of calendar.hours)
      if (time < span.end) return day * dayMinutes + Math.max(time, span.start);
  }
  return nextWorkingDay(day, calendar) * dayMinutes + opening(calendar);
}

/** Gives the first working instant at or after an instant: what comes in at night counts from the morning. */
export function normalise(at: Date, calendar: Calendar): Date {
  return instant(toWorking(localMinutes(at, calendar), calendar), calendar);
}

/** Gives the instant when so many minutes have been worked since an instant. */
export function addWorkingMinutes(from: Date, minutes: number, calendar: Calendar): Date {
  let local = toWorking(localMinutes(from, calendar), calendar);
  let left = minutes;
  for (;;) {
    const time = local % dayMinutes;
    const span = calendar.hours.find((hours) => time >= hours.start && time < hours.end);
    const end = local - time + (span?.end ?? 0);
    // Ends are inclusive: eight hours from 07:30 are over at 17:00 of the same day, not at 07:30 of the next.
    if (left <= end - local) return instant(local + left, calendar);
    left -= end - local;
    local = toWorking(end, calendar);
  }
}

/** Counts the minutes worked between two instants; 0 when they are in the wrong order. */
export function workingMinutesBetween(from: Date, to: Date, calendar: Calendar): number {
  const start = localMinutes(from, calendar);
  const end = localMinutes(to, calendar);
  let total = 0;
  for (let day = dayOf(start); day <= dayOf(end); day++) {
    if (!isWorkingDay(day, calendar)) continue;
    for (const span of calendar.hours) {
      const opens = Math.max(start, day * dayMinutes + span.start);
      const closes = Math.min(end, day * dayMinutes + span.end);
      total += Math.max(0, closes - opens);
    }
  }
  return total;
}

function addMonths(day: number, months: number): number {
  const date = new Date(day * dayMinutes * minute);
  const wanted = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  return Math.floor(date.setUTCDate(Math.min(wanted, last)) / (dayMinutes * minute));
}

function lastDay(start: number, { count, unit }: Parsed, calendar: Calendar): number {
  if (unit === 'wd') {
    let day = start;
    for (let counted = 0; counted < count; counted++) day = nextWorkingDay(day, calendar);
    return day;
  }
  const end = unit === 'm' ? addMonths(start, count) : start + count;
  return isWorkingDay(end, calendar) ? end : nextWorkingDay(end, calendar);
}

/** Lists the named days off of the calendar that lie in a period, for the derivation. */
function daysOffBetween(from: number, to: number, calendar: Calendar): Derivation['daysOff'] {
  const daysOff = [];
  for (let day = from; day <= to; day++) {
    const exception = calendar.exceptions.get(isoDay(day));
    if (exception && !exception.working) daysOff.push({ day: isoDay(day), name: exception.name });
  }
  return daysOff;
}

/**
 * Computes when a limit that starts at an instant is over, to the minute, and how it was derived.
 *
 * Working hours end inside office hours; working days, days and months end with the office's closing hour.
 *
 * @throws LimitError
 */
export function dueAt(from: Date, limit: Limit, calendar: Calendar): { at: Date; derivation: Derivation } {
  const parsed = parseLimit(limit);
  const counted = normalise(from, calendar);
  const startDay = dayOf(localMinutes(counted, calendar));
  const at =
    parsed.unit === 'wh'
      ? addWorkingMinutes(counted, parsed.count * 60, calendar)
      : instant(lastDay(startDay, parsed, calendar) * dayMinutes + closing(calendar), calendar);
  const firstDay = dayOf(localMinutes(from, calendar));
  const daysOff = daysOffBetween(firstDay, dayOf(localMinutes(at, calendar)), calendar);
  return { at, derivation: { limit, countedFrom: counted.toISOString(), daysOff } };
}

/** Moves a due instant by the minutes that were worked while the clock was paused. */
export function extendByPause(due: Date, pausedAt: Date, resumedAt: Date, calendar: Calendar): Date {
  const minutes = workingMinutesBetween(pausedAt, resumedAt, calendar);
  return minutes === 0 ? due : addWorkingMinutes(due, minutes, calendar);
}

/** Writes an instant (ISO 8601) as Vietnamese officers read it, for example `25/11/2026 07:45`. */
export function localTime(at: string): string {
  const local = new Date(Date.parse(at) + 7 * 60 * minute).toISOString();
  return `${local.slice(8, 10)}/${local.slice(5, 7)}/${local.slice(0, 4)} ${local.slice(11, 16)}`;
}
