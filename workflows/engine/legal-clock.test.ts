import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { sampleCalendar } from '../../testing/calendar.ts';
import { calendarOf, type Calendar, type CalendarRows } from './legal-clock-calendar.ts';
import {
  addWorkingMinutes,
  countingOf,
  dueAt,
  extendByPause,
  LimitError,
  localIso,
  normalise,
  parseLimit,
  transferDue,
  workingMinutesBetween,
  type Limit,
} from './legal-clock.ts';

interface Vectors {
  days: CalendarRows['days'];
  due: { from: string; limit: Limit; due: string; lastDay?: string; why: string }[];
  transfer: { from: string; transfer: string; why: string }[];
}
const vectors = JSON.parse(
  readFileSync(new URL('legal-clock.vectors.json', import.meta.url), 'utf8'),
) as Vectors;
const calendar = sampleCalendar(vectors.days);
const local = (text: string) => new Date(`${text}:00+07:00`);
const shown = (at: Date) => localIso(at).slice(0, 16);

describe('the legal clock', () => {
  // Counted by hand from Civil Code 2015 Art. 147 and 148, Labour Code 2019 Art. 111 and 112, and Decree 118/2025 Art. 18.2.
  it.each(vectors.due)('counts $from + $limit to $due: $why', ({ from, limit, due, lastDay }) => {
    const { at, derivation } = dueAt(local(from), limit, calendar);
    expect({ due: shown(at), lastDay: derivation.lastDay }).toEqual({ due, lastDay });
  });

  it.each(vectors.transfer)(
    'has what comes in at $from passed on by $transfer: $why (Decree 118/2025 Art. 18.2)',
    ({ from, transfer }) => {
      expect(shown(transferDue(local(from), calendar))).toBe(transfer);
    },
  );

  it('tells which holiday was passed over', () => {
    expect(dueAt(local('2026-11-20T10:00'), '3wd', calendar).derivation.daysOff).toEqual([
      { day: '2026-11-24', kind: 'holiday', name: 'Ngày Văn hóa Việt Nam' },
    ]);
  });

  it('refuses a text that is no limit', () => {
    expect(() => parseLimit('3 weeks')).toThrow(LimitError);
    expect(() => parseLimit('3mi')).toThrow(LimitError);
  });

  it('passes over no holiday where minutes and hours run day and night', () => {
    const { derivation } = dueAt(local('2026-11-23T16:00'), '24h', calendar);
    expect(derivation).toMatchObject({ daysOff: [], countedFrom: derivation.from });
  });

  it('does not search for ever where nobody ever works', () => {
    const idle = calendarOf({
      hours: [{ validFrom: '2020-01-01', work: {}, intake: {}, distance: 0 }],
      days: [],
    });
    expect(() => dueAt(local('2026-11-20T10:00'), '1wd', idle)).toThrow('nobody works');
    expect(() => normalise(local('2026-11-20T10:00'), calendarOf({ hours: [], days: [] }))).toThrow(
      'no office hours',
    );
  });
});

const daySpans = [
  [],
  ['07:30-11:30'],
  ['07:30-11:30', '13:00-17:00'],
  ['08:00-12:00', '13:30-17:30'],
  ['00:00-24:00'],
  ['07:00-08:00', '09:00-09:01', '22:00-24:00'],
];
const weeks = fc
  .array(fc.constantFrom(...daySpans), { minLength: 7, maxLength: 7 })
  .filter((days) => days.some((spans) => spans.length > 0))
  .map(([mon = [], tue = [], wed = [], thu = [], fri = [], sat = [], sun = []]) => ({
    mon,
    tue,
    wed,
    thu,
    fri,
    sat,
    sun,
  }));
const isoDays = fc
  .integer({ min: 0, max: 700 })
  .map((day) => new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10));
const calendars: fc.Arbitrary<Calendar> = fc
  .record({
    hours: fc.array(
      fc.record({
        validFrom: isoDays,
        work: weeks,
        intake: fc.constantFrom({}, { sat: ['05:00-05:30'] }, { sun: ['01:00-02:00'], mon: ['17:45-18:00'] }),
        distance: fc.integer({ min: 0, max: 3 }),
      }),
      { minLength: 1, maxLength: 4 },
    ),
    days: fc.array(
      fc.record({
        day: isoDays,
        kind: fc.constantFrom(
          'holiday' as const,
          'compensatory-off' as const,
          'swapped-off' as const,
          'swapped-working' as const,
          'emergency-closing' as const,
        ),
        name: fc.constant('x'),
        closed: fc.constantFrom(null, '00:00-10:00', '13:00-24:00', '08:00-08:01'),
      }),
      { maxLength: 60 },
    ),
  })
  .map(calendarOf);

const instants = fc
  .integer({ min: Date.UTC(2026, 0, 10) / 60_000, max: Date.UTC(2027, 9, 1) / 60_000 })
  .map((minutes) => new Date(minutes * 60_000));
const limits = fc
  .tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('wh', 'wd', 'd', 'm'))
  .map(([count, unit]): Limit => `${unit === 'm' ? count % 7 : count}${unit}`);

describe('over any calendar', () => {
  it('a limit is never over when nobody works; the closing minute of an office counts as work', () => {
    fc.assert(
      fc.property(calendars, instants, limits, (calendar, from, limit) => {
        const { at } = dueAt(from, limit, calendar);
        const justBefore = new Date(at.getTime() - 60_000);
        const working = normalise(at, calendar).getTime() === at.getTime();
        const closingMinute = normalise(justBefore, calendar).getTime() === justBefore.getTime();
        expect(working || closingMinute).toBe(true);
        expect(at.getTime()).toBeGreaterThanOrEqual(from.getTime());
      }),
      { numRuns: 1000 },
    );
  });

  it('a limit is never over earlier when it starts later', () => {
    fc.assert(
      fc.property(calendars, instants, instants, limits, (calendar, a, b, limit) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(dueAt(early, limit, calendar).at.getTime()).toBeLessThanOrEqual(
          dueAt(late, limit, calendar).at.getTime(),
        );
        expect(transferDue(early, calendar).getTime()).toBeLessThanOrEqual(
          transferDue(late, calendar).getTime(),
        );
      }),
      { numRuns: 1000 },
    );
  });

  it('pausing some working minutes moves the due instant by exactly as many', () => {
    fc.assert(
      fc.property(
        calendars,
        instants,
        fc.integer({ min: 0, max: 5000 }),
        instants,
        (calendar, pausedAt, k, from) => {
          const resumedAt = addWorkingMinutes(pausedAt, k, calendar);
          expect(workingMinutesBetween(pausedAt, resumedAt, calendar)).toBe(k);
          const before = dueAt(from, '7wd', calendar).at;
          const after = extendByPause(before, pausedAt, resumedAt, calendar);
          expect(workingMinutesBetween(before, after, calendar)).toBe(k);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('the order of pauses does not matter', () => {
    const pauses = fc.array(fc.tuple(instants, fc.integer({ min: 0, max: 30_000 })), { maxLength: 5 });
    const shuffled = pauses.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    );
    fc.assert(
      fc.property(calendars, instants, shuffled, (calendar, from, [inOrder, inAnother]) => {
        const extended = (all: typeof inOrder) =>
          all.reduce(
            (due, [at, minutes]) =>
              extendByPause(due, at, new Date(at.getTime() + minutes * 60_000), calendar),
            dueAt(from, '5wd', calendar).at,
          );
        expect(extended(inOrder)).toEqual(extended(inAnother));
      }),
      { numRuns: 500 },
    );
  });

  it('minutes and hours that run day and night are what the wall clock shows, whatever the calendar says', () => {
    const running = fc
      .tuple(fc.integer({ min: 0, max: 3000 }), fc.constantFrom('min' as const, 'h' as const))
      .map(([count, unit]) => ({
        limit: `${count}${unit}` as Limit,
        minutes: unit === 'h' ? count * 60 : count,
      }));
    fc.assert(
      fc.property(calendars, instants, running, (calendar, from, { limit, minutes }) => {
        const { at } = dueAt(from, limit, calendar);
        expect(at.getTime() - from.getTime()).toBe(minutes * 60_000);
        const counting = countingOf(limit, calendar);
        expect(counting.between(from, at)).toBe(minutes);
        expect(counting.add(from, minutes)).toEqual(at);
      }),
    );
  });

  it('working hours are what is worked from receipt to the end', () => {
    fc.assert(
      fc.property(calendars, instants, fc.integer({ min: 0, max: 100 }), (calendar, from, hours) => {
        const { at } = dueAt(from, `${hours}wh`, calendar);
        expect(workingMinutesBetween(from, at, calendar)).toBe(hours * 60);
      }),
    );
  });
});
