/** When an agency works: office hours by weekday and effective date, and the days that differ. */

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Hours of a week: for each weekday its spans in order, such as `07:30-11:30`; a weekday that is missing has none. */
export type WeekHours = Partial<Record<(typeof weekdays)[number], readonly string[]>>;

/** Why a day differs from its weekday. */
export type DayKind =
  'holiday' | 'compensatory-off' | 'swapped-off' | 'swapped-working' | 'emergency-closing';

/** An agency's calendar as it is kept: its own rows, and those of the agencies above it up to the whole country. */
export interface CalendarRows {
  /** Office hours that hold from a day on; of those in force, the ones of the nearest agency count. */
  hours: readonly {
    validFrom: string;
    work: WeekHours;
    /** When files are taken although the time does not count, as on Saturday mornings. */
    intake: WeekHours;
    /** Steps up the tree from the agency to the one whose hours these are. */
    distance: number;
  }[];
  /** Days that differ; rows of nearer agencies come later and decide. */
  days: readonly {
    day: string;
    kind: DayKind;
    name: string;
    /** The part of the day that is closed, such as `13:00-24:00`; none: what the kind says holds all day. */
    closed: string | null;
  }[];
}

/** A time of a day, in minutes after local midnight; its end is not in it. */
export interface Span {
  start: number;
  end: number;
}

interface Hours {
  work: readonly Span[];
  /** Worked or not, files are received then. */
  open: readonly Span[];
}

/** A day that differs, as it ends up for one agency. */
export interface SpecialDay extends Hours {
  day: string;
  kind: DayKind;
  name: string;
}

interface Week {
  from: number;
  /** By weekday, Sunday first. */
  days: readonly Hours[];
  /** What is worked on an ordinary day, for days that are worked in exchange. */
  ordinary: readonly Span[];
}

/** Which hours an agency works, ready to be counted over. Days are numbered from 1970-01-01 in local time. */
export interface Calendar {
  /** Minutes that local time is ahead of UTC; Vietnam keeps +07:00 all year. */
  zoneMinutes: number;
  /** Office hours in the order in which they came into force. */
  weeks: readonly Week[];
  days: ReadonlyMap<number, SpecialDay>;
}

const dayMs = 86_400_000;

/** Writes the number of a day as ISO date. */
export const isoDay = (day: number) => new Date(day * dayMs).toISOString().slice(0, 10);

/** Numbers an ISO date. */
export const dayNumber = (iso: string) => Date.parse(iso) / dayMs;

/** 0 for Sunday to 6 for Saturday; 1970-01-01 was a Thursday. */
export const weekdayOf = (day: number) => (day + 4) % 7;

/** Says when an agency works on a day, and when it takes files. */
export const hoursOn = (day: number, calendar: Calendar): Hours =>
  calendar.days.get(day) ?? weekOf(day, calendar.weeks).days[weekdayOf(day)]!;

/** Makes a calendar of its rows: each agency's rows change what the agencies above it say of a day. */
export function calendarOf({ hours, days }: CalendarRows): Calendar {
  const weeks = weeksOf(hours);
  const special = new Map<number, SpecialDay>();
  for (const row of days) {
    const number = dayNumber(row.day);
    const week = weekOf(number, weeks);
    const before = special.get(number) ?? week.days[weekdayOf(number)]!;
    const { work, open } = hoursOf(row, before, week.ordinary);
    special.set(number, { day: row.day, kind: row.kind, name: row.name, work, open });
  }
  return { zoneMinutes: 420, weeks, days: special };
}

const none: Hours = { work: [], open: [] };

function hoursOf(
  { kind, closed }: CalendarRows['days'][number],
  before: Hours,
  ordinary: readonly Span[],
): Hours {
  if (kind === 'swapped-working') {
    const work = before.work.length > 0 ? before.work : ordinary;
    return closed ? without(spanOf(closed), { work, open: work }) : { work, open: work };
  }
  return kind === 'emergency-closing' && closed ? without(spanOf(closed), before) : none;
}

function without(closed: Span, { work, open }: Hours): Hours {
  const cut = (spans: readonly Span[]) =>
    spans
      .flatMap(({ start, end }) => [
        { start, end: Math.min(end, closed.start) },
        { start: Math.max(start, closed.end), end },
      ])
      .filter(({ start, end }) => start < end);
  return { work: cut(work), open: cut(open) };
}

/**
 * Puts rows of office hours in the order in which they come into force; once a nearer agency has its own, those of
 * farther ones do not count.
 */
export function hoursInForce<Row extends { validFrom: string; distance: number }>(
  rows: readonly Row[],
): Row[] {
  let nearest = Infinity;
  return [...rows]
    .sort((a, b) => dayNumber(a.validFrom) - dayNumber(b.validFrom) || b.distance - a.distance)
    .filter(({ distance }) => {
      nearest = Math.min(nearest, distance);
      return distance === nearest;
    });
}

const weeksOf = (rows: CalendarRows['hours']): Week[] =>
  hoursInForce(rows).map(({ validFrom, work, intake }) => {
    const days = weekdays.map((weekday) => {
      const worked = spansOf(work[weekday]);
      const open = [...worked, ...spansOf(intake[weekday])].sort((a, b) => a.start - b.start);
      return { work: worked, open };
    });
    const ordinary = [...days.slice(1), ...days].find((day) => day.work.length > 0)?.work ?? [];
    return { from: dayNumber(validFrom), days, ordinary };
  });

/** The hours in force on a day; before the first ones began, those. */
function weekOf(day: number, weeks: readonly Week[]): Week {
  let index = weeks.length - 1;
  while (index > 0 && weeks[index]!.from > day) index--;
  const week = weeks[index];
  if (!week) throw new Error('the calendar has no office hours; load the city with `npm run city`');
  return week;
}

const spansOf = (spans: readonly string[] = []) => spans.map(spanOf);

function spanOf(text: string): Span {
  const [start = '', end = ''] = text.split('-');
  return { start: minuteOf(start), end: minuteOf(end) };
}

const minuteOf = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

/** Writes what is worked on a day (ISO date), `07:30-11:30` for each span. */
export const hoursOfDay = (day: string, calendar: Calendar) =>
  hoursOn(dayNumber(day), calendar).work.map(sayHours);

/** Writes a span as it is read, `07:30-11:30`. */
export const sayHours = ({ start, end }: Span) => `${timeOf(start)}-${timeOf(end)}`;

const timeOf = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
