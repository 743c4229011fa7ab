import { sampleCity } from '../embedded/samples.ts';
import { cityCalendarRows } from '../records/calendar-file.ts';
import { calendarOf } from '../workflows/engine/legal-clock-calendar.ts';
import {
  addWorkingMinutes,
  dueAt,
  workingMinutesBetween,
  type Limit,
} from '../workflows/engine/legal-clock.ts';
import { round, type Figures } from './figures.ts';

const years = { from: 2026, to: 2035 };
const limits: Limit[] = ['8wh', '0wd', '1wd', '3wd', '7wd', '15wd', '60wd', '15d', '30d', '12m'];
const dates = 200_000;

/** Microseconds of CPU for each due date, with its derivation, over a calendar of ten years, from instants all over it. */
export function clock(): Figures {
  const rows = cityCalendarRows({ ...sampleCity(), years });
  const calendar = calendarOf(rows);
  const first = Date.UTC(years.from, 0, 5);
  const span = Date.UTC(years.to, 0, 1) - first;
  // The golden ratio spreads the instants evenly, the same ones in every run.
  const from = (index: number) => new Date(first + Math.floor(((index * 0.618_033_988_75) % 1) * span));

  const microseconds = (count: number, work: (index: number) => unknown) => {
    for (let index = 0; index < count / 10; index++) work(index);
    const start = process.cpuUsage();
    for (let index = 0; index < count; index++) work(index);
    const { user, system } = process.cpuUsage(start);
    return round((user + system) / count, 2);
  };
  const due = (limit: Limit) => microseconds(dates / 10, (index) => dueAt(from(index), limit, calendar));
  return {
    microsecondsADueDate: microseconds(dates, (index) =>
      dueAt(from(index), limits[index % limits.length]!, calendar),
    ),
    byLimit: Object.fromEntries(limits.map((limit) => [limit, due(limit)])),
    microsecondsAPause: microseconds(dates, (index) => {
      const begin = from(index);
      const end = new Date(begin.getTime() + 15 * 86_400_000);
      return addWorkingMinutes(end, workingMinutesBetween(begin, end, calendar), calendar);
    }),
    microsecondsACalendar: microseconds(2_000, () => calendarOf(rows)),
    daysThatDiffer: rows.days.length,
  };
}
