import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { Hours, type Day } from './calendar-rows.ts';

const monthAndDay = z.string().regex(/^\d{2}-\d{2}$/);
const year = z.string().regex(/^\d{4}$/);

/** What the Prime Minister decided for a year: where holidays of several days begin, and which days are exchanged. */
export const Announced = z.record(
  year,
  z.object({
    /** By holiday, the days from its date to its first day off: -1 for a holiday that begins the day before. */
    first: z.record(z.string(), z.int().min(-6).max(6)).default({}),
    swaps: z
      .array(z.object({ off: z.iso.date(), work: z.iso.date(), legalBasis: z.string().optional() }))
      .default([]),
  }),
);
type Announced = z.infer<typeof Announced>;

const National = z.object({
  version: z.iso.date(),
  hours: Hours.omit({ agency: true }),
  holidays: z.array(
    z
      .object({
        id: z.string(),
        name: z.string(),
        date: monthAndDay.optional(),
        lunar: z.enum(['tet', 'hungKings']).optional(),
        first: z.int().default(0),
        days: z.int().min(1).default(1),
        since: z.int().optional(),
        legalBasis: z.string(),
      })
      .refine(({ date, lunar }) => (date === undefined) !== (lunar === undefined)),
  ),
  lunar: z.record(year, z.object({ tet: monthAndDay, hungKings: monthAndDay })),
  announced: Announced,
});

/** Public holidays by the rules of the Labour Code, lunar dates, and what was announced for single years. */
export const national = National.parse(
  JSON.parse(readFileSync(new URL('./national-calendar.json', import.meta.url), 'utf8')),
);

const dayMs = 86_400_000;
const weekday = (day: string) => new Date(day).getUTCDay();
const isWeekend = (day: string) => weekday(day) === 0 || weekday(day) === 6;
const after = (day: string, days: number) =>
  new Date(Date.parse(day) + days * dayMs).toISOString().slice(0, 10);

/**
 * Gives the days of some years that differ for all agencies: holidays, the working days off in lieu of those that fall
 * on a weekend (Labour Code 2019 Art. 111.3), and exchanged days.
 *
 * @param announced what a city adds to, or says otherwise than, the announcements that are known here
 * @throws Error when the lunar dates of a year are not known
 */
export function nationalDays(years: { from: number; to: number }, announced: Announced = {}): Day[] {
  const days: Day[] = [];
  for (let number = years.from; number <= years.to; number++) {
    const { first = {}, swaps = [] } = { ...national.announced, ...announced }[number] ?? {};
    const holidays = holidaysOf(number, first);
    days.push(...holidays, ...inLieuOf(holidays), ...swaps.flatMap(swappedDays));
  }
  return days.sort((a, b) => a.day.localeCompare(b.day));
}

function holidaysOf(number: number, announced: Record<string, number>): Day[] {
  const lunar = national.lunar[number];
  if (!lunar)
    throw new Error(
      `the lunar dates of ${number} are not known; the national calendar has ${Object.keys(national.lunar).join(', ')}`,
    );
  return national.holidays
    .filter(({ since }) => since === undefined || number >= since)
    .flatMap(({ id, name, date, lunar: of, first, days, legalBasis }) => {
      const day = `${number}-${date ?? lunar[of!]}`;
      return Array.from({ length: days }, (_, index) => ({
        agency: '',
        day: after(day, (announced[id] ?? first) + index),
        kind: 'holiday' as const,
        name,
        legalBasis,
      }));
    });
}

function inLieuOf(holidays: Day[]): Day[] {
  const off = new Set(holidays.map(({ day }) => day));
  return holidays
    .filter(({ day }) => isWeekend(day))
    .map(({ day, name }) => {
      let free = after(day, 1);
      while (isWeekend(free) || off.has(free)) free = after(free, 1);
      off.add(free);
      const legalBasis = 'Bộ luật Lao động 2019 Điều 111.3';
      return { agency: '', day: free, kind: 'compensatory-off', name: `Nghỉ bù ${name}`, legalBasis };
    });
}

function swappedDays({
  off,
  work,
  legalBasis = 'Quyết định của Thủ tướng Chính phủ về hoán đổi ngày làm việc',
}: Announced[string]['swaps'][number]): Day[] {
  const short = (day: string) => `${day.slice(8)}/${day.slice(5, 7)}`;
  return [
    { agency: '', day: off, kind: 'swapped-off', name: `Hoán đổi với ${short(work)}`, legalBasis },
    { agency: '', day: work, kind: 'swapped-working', name: `Làm bù cho ${short(off)}`, legalBasis },
  ];
}
