/**
 * The legal clock: arithmetic of working hours, working days, days and months over a calendar, and of minutes and hours that
 * run day and night.
 *
 * Pure functions, to the minute. The day on which something is received is not counted (Civil Code 2015 Art. 147.2);
 * a period that ends on a day off ends with the next working day (Art. 148.5).
 */
import {
  hoursOn,
  isoDay,
  sayHours,
  type Calendar,
  type DayKind,
  type SpecialDay,
} from './legal-clock-calendar.ts';

export type { Calendar } from './legal-clock-calendar.ts';

/**
 * A limit of law: working hours, working days, calendar days or months, for example `8wh`, `3wd`, `15d`, `12m`; or, for what does
 * not wait for an office to open, minutes and hours by day and night: `15min`, `4h`.
 */
export type Limit = `${number}${Unit}`;
type Unit = 'wh' | 'wd' | 'd' | 'm' | 'min' | 'h';

/** Thrown when a text is no {@link Limit}. */
export class LimitError extends Error {}

/** A day of the calendar that differs from its weekday. */
export interface NamedDay {
  day: string;
  kind: DayKind;
  name: string;
}

/** How a due instant came about, for people; instants in ISO 8601. Plain JSON, as it is kept with the case. */
export interface Derivation {
  limit: Limit;
  /** The instant from which the limit was asked for. */
  from: string;
  /** When the file counts as received: that instant, or the next opening after it; the limit is counted from here. */
  countedFrom: string;
  /** Named days off that were passed over. */
  daysOff: NamedDay[];
  /** Days that were worked otherwise than their weekday is: in exchange for another, or for a part only. */
  worked?: (NamedDay & { hours: string[] })[];
  /** What came in after the cut-off counts for the next working day (Decree 118/2025 Art. 18.2). */
  afterCutOff?: true;
  /** The last day as the limit counts it, where it is a day off and the period ends with the next working day. */
  lastDay?: string;
}

const minute = 60_000;
const dayMinutes = 1440;
/** Files that are received after 15:00 are passed on the next working day (Decree 118/2025 Art. 18.2). */
const cutOff = 15 * 60;
/** Longer than any period in which nobody works; beyond it the calendar is wrong. */
const longestRest = 400;

type Parsed = { count: number; unit: Unit };

/**
 * Reads a limit.
 *
 * @throws LimitError
 */
export function parseLimit(limit: string): Parsed {
  const match = /^(\d{1,4})(wh|wd|d|min|m|h)$/.exec(limit);
  if (!match)
    throw new LimitError(`"${limit}" is no limit; write for example 8wh, 3wd, 15d, 12m, 4h or 15min`);
  return { count: Number(match[1]), unit: match[2] as Unit };
}

/** The units that run day and night, in minutes. */
const realMinutes: Partial<Record<Unit, number>> = { min: 1, h: 60 };

/** Says whether a limit runs day and night, whatever the calendar says. */
export const runsAlways = (limit: Limit): boolean => realMinutes[parseLimit(limit).unit] !== undefined;

/** How a limit counts time: minutes that are worked over a calendar, or every minute. */
export interface Counting {
  /** Gives the instant when so many minutes have been counted since an instant. */
  add(from: Date, minutes: number): Date;
  /** Counts the minutes between two instants; 0 when they are in the wrong order. */
  between(from: Date, to: Date): number;
}

/** Gives the way in which a limit counts. */
export function countingOf(limit: Limit, calendar: Calendar): Counting {
  if (!runsAlways(limit))
    return {
      add: (from, minutes) => addWorkingMinutes(from, minutes, calendar),
      between: (from, to) => workingMinutesBetween(from, to, calendar),
    };
  return {
    add: (from, minutes) => new Date(from.getTime() + minutes * minute),
    between: (from, to) => Math.max(0, Math.floor((to.getTime() - from.getTime()) / minute)),
  };
}

const localMinutes = (at: Date, calendar: Calendar) =>
  Math.floor(at.getTime() / minute) + calendar.zoneMinutes;
const instant = (local: number, calendar: Calendar) => new Date((local - calendar.zoneMinutes) * minute);
const dayOf = (local: number) => Math.floor(local / dayMinutes);

const isWorkingDay = (day: number, calendar: Calendar) => hoursOn(day, calendar).work.length > 0;

function nextWorkingDay(day: number, calendar: Calendar): number {
  for (let next = day + 1; next <= day + longestRest; next++) if (isWorkingDay(next, calendar)) return next;
  throw new Error(`nobody works in the ${longestRest} days after ${isoDay(day)}`);
}

const closing = (day: number, calendar: Calendar) =>
  day * dayMinutes + (hoursOn(day, calendar).work.at(-1)?.end ?? 0);
const opening = (day: number, calendar: Calendar) =>
  day * dayMinutes + (hoursOn(day, calendar).work[0]?.start ?? 0);

/** Moves local minutes forward to the first minute that is worked, or in which files are taken. */
function toOpening(local: number, calendar: Calendar, kind: 'work' | 'open'): number {
  const first = dayOf(local);
  for (let day = first; day <= first + longestRest; day++)
    for (const { start, end } of hoursOn(day, calendar)[kind])
      if (local < day * dayMinutes + end) return Math.max(local, day * dayMinutes + start);
  throw new Error(`nobody works in the ${longestRest} days after ${isoDay(first)}`);
}

/** Gives the first working instant at or after an instant: what comes in at night counts from the morning. */
export function normalise(at: Date, calendar: Calendar): Date {
  return instant(toOpening(localMinutes(at, calendar), calendar, 'work'), calendar);
}

/** Gives the instant when so many minutes have been worked since an instant. */
export function addWorkingMinutes(from: Date, minutes: number, calendar: Calendar): Date {
  const start = toOpening(localMinutes(from, calendar), calendar, 'work');
  let left = minutes;
  for (let day = dayOf(start); ; day = nextWorkingDay(day, calendar))
    for (const span of hoursOn(day, calendar).work) {
      const begin = Math.max(start, day * dayMinutes + span.start);
      const worked = day * dayMinutes + span.end - begin;
      if (worked <= 0) continue;
      // Ends are inclusive: eight hours from 07:30 are over at 17:00 of the same day, not at 07:30 of the next.
      if (left <= worked) return instant(begin + left, calendar);
      left -= worked;
    }
}

/** Counts the minutes worked between two instants; 0 when they are in the wrong order. */
export function workingMinutesBetween(from: Date, to: Date, calendar: Calendar): number {
  const start = localMinutes(from, calendar);
  const end = localMinutes(to, calendar);
  let total = 0;
  for (let day = dayOf(start); day <= dayOf(end); day++)
    for (const span of hoursOn(day, calendar).work) {
      const opens = Math.max(start, day * dayMinutes + span.start);
      const closes = Math.min(end, day * dayMinutes + span.end);
      if (closes > opens) total += closes - opens;
    }
  return total;
}

/** The same day of a later month, or its last day where it has no such day (Civil Code 2015 Art. 148.3). */
function addMonths(day: number, months: number): number {
  const date = new Date(day * dayMinutes * minute);
  const year = date.getUTCFullYear();
  const month = date.getUTCMonth() + months;
  const last = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  return Date.UTC(year, month, Math.min(date.getUTCDate(), last)) / (dayMinutes * minute);
}

/** The last day of a period as it is counted, be it worked or not; `0wd` is the day itself, before the cut-off. */
function countDays(received: number, { count, unit }: Parsed, calendar: Calendar): number {
  const start = dayOf(received);
  if (unit === 'm') return addMonths(start, count);
  if (unit === 'd') return start + count;
  if (count === 0 && isAfterCutOff(received, calendar)) return nextWorkingDay(start, calendar);
  let day = start;
  for (let counted = 0; counted < count; counted++) day = nextWorkingDay(day, calendar);
  return day;
}

const isAfterCutOff = (local: number, calendar: Calendar) =>
  local % dayMinutes > cutOff && isWorkingDay(dayOf(local), calendar);

/**
 * Computes when a limit that starts at an instant is over, to the minute, and how it was derived.
 *
 * Working hours end inside office hours; working days, days and months end with the office's closing hour of the last
 * day. `0wd` ends with the day of receipt, or with the next working day for what is received after 15:00. Minutes and hours
 * run on from the instant itself, by night and on days off.
 *
 * @throws LimitError
 */
export function dueAt(from: Date, limit: Limit, calendar: Calendar): { at: Date; derivation: Derivation } {
  const parsed = parseLimit(limit);
  const each = realMinutes[parsed.unit];
  if (each !== undefined) {
    const iso = from.toISOString();
    const at = new Date(from.getTime() + parsed.count * each * minute);
    return { at, derivation: { limit, from: iso, countedFrom: iso, daysOff: [] } };
  }
  const asked = localMinutes(from, calendar);
  const received = toOpening(asked, calendar, 'open');
  const derivation: Derivation = {
    limit,
    from: from.toISOString(),
    countedFrom: instant(received, calendar).toISOString(),
    daysOff: [],
  };
  if (parsed.unit === 'wh') {
    const at = addWorkingMinutes(instant(received, calendar), parsed.count * 60, calendar);
    tellDays(derivation, dayOf(asked), dayOf(localMinutes(at, calendar)), calendar);
    return { at, derivation };
  }
  const counted = countDays(received, parsed, calendar);
  const isWorked = isWorkingDay(counted, calendar) && closing(counted, calendar) >= received;
  const last = isWorked ? counted : nextWorkingDay(counted, calendar);
  if (parsed.unit === 'wd') {
    if (parsed.count === 0 && isAfterCutOff(received, calendar)) derivation.afterCutOff = true;
    tellDays(derivation, dayOf(asked), last, calendar);
  } else {
    // Days off in the middle of calendar days and months are counted like others.
    if (last !== counted) derivation.lastDay = isoDay(counted);
    tellDays(derivation, dayOf(asked), dayOf(received), calendar);
    tellDays(derivation, Math.max(counted, dayOf(received) + 1), last, calendar);
  }
  return { at: instant(closing(last, calendar), calendar), derivation };
}

/** Writes into a derivation which days of a period differ from their weekday. */
function tellDays(derivation: Derivation, from: number, to: number, calendar: Calendar): void {
  for (let number = from; number <= to; number++) {
    const special = calendar.days.get(number);
    if (!special) continue;
    const { day, kind, name } = special;
    if (special.work.length === 0) derivation.daysOff.push({ day, kind, name });
    else (derivation.worked ??= []).push({ day, kind, name, hours: worked(special) });
  }
}

const worked = ({ work }: SpecialDay) => work.map(sayHours);

/**
 * Computes when a file that comes in at an instant must have been passed on to the competent authority (Decree 118/2025
 * Art. 18.2): before the office closes that day; when it comes in after 15:00, as the next working day begins.
 */
export function transferDue(from: Date, calendar: Calendar): Date {
  const asked = localMinutes(from, calendar);
  const received = toOpening(asked, calendar, 'open');
  const day = dayOf(received);
  // Whatever comes on a working day when its hours are over goes on as the next one begins, also when they ended early.
  const hoursWereOver = isWorkingDay(dayOf(asked), calendar) && day > dayOf(asked);
  const late = isAfterCutOff(asked, calendar) || hoursWereOver || closing(day, calendar) < received;
  const by = late ? opening(nextWorkingDay(dayOf(asked), calendar), calendar) : closing(day, calendar);
  return instant(by, calendar);
}

/** Moves a due instant by the minutes that were worked while the clock was paused. */
export function extendByPause(due: Date, pausedAt: Date, resumedAt: Date, calendar: Calendar): Date {
  const minutes = workingMinutesBetween(pausedAt, resumedAt, calendar);
  return minutes === 0 ? due : addWorkingMinutes(due, minutes, calendar);
}

/** The instant (ISO 8601) when a local day (ISO date) is over. */
export const endOfDay = (day: string): string =>
  new Date(Date.parse(`${day}T00:00:00+07:00`) + dayMinutes * minute).toISOString();

/** Writes an instant in Vietnam's time as ISO 8601, for example `2026-11-26T17:00:00+07:00`. */
export function localIso(at: string | Date): string {
  const local = new Date(new Date(at).getTime() + 7 * 60 * minute).toISOString();
  return `${local.slice(0, 19)}+07:00`;
}

/** Writes an instant (ISO 8601) as Vietnamese officers read it, for example `25/11/2026 07:45`. */
export function localTime(at: string): string {
  const local = localIso(at);
  return `${local.slice(8, 10)}/${local.slice(5, 7)}/${local.slice(0, 4)} ${local.slice(11, 16)}`;
}
