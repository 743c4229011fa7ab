import fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  addWorkingMinutes,
  dueAt,
  extendByPause,
  LimitError,
  normalise,
  officeHours,
  parseLimit,
  workingMinutesBetween,
  type Calendar,
  type Limit,
} from './legal-clock.ts';

const city = JSON.parse(readFileSync('samples/city.json', 'utf8')) as {
  calendar: { day: string; kind: string; name: string }[];
};
const calendar: Calendar = {
  zoneMinutes: 420,
  hours: officeHours,
  exceptions: new Map(
    city.calendar.map(({ day, kind, name }) => [day, { working: kind === 'swapped-working', name }]),
  ),
};
const local = (text: string) => new Date(`${text}:00+07:00`);
const due = (from: string, limit: Limit) =>
  new Date(dueAt(local(from), limit, calendar).at.getTime() + 420 * 60_000).toISOString().slice(0, 16);

describe('the legal clock', () => {
  // domain/vietnam.md E.1 and the calendars of 2026 and 2027
  it.each<[string, Limit, string]>([
    ['2026-07-01T10:00', '7wd', '2026-07-10T17:00'],
    ['2026-06-30T10:00', '15wd', '2026-07-21T17:00'],
    ['2026-11-20T10:00', '3wd', '2026-11-26T17:00'],
    ['2027-02-01T10:00', '5wd', '2027-02-15T17:00'],
    ['2026-11-20T10:00', '8wh', '2026-11-23T10:00'],
    ['2026-11-20T16:50', '8wh', '2026-11-23T16:50'],
    ['2026-11-22T09:00', '8wh', '2026-11-23T17:00'],
    ['2026-11-20T12:10', '1wh', '2026-11-20T14:00'],
    ['2026-11-20T11:00', '1wh', '2026-11-20T13:30'],
    ['2026-08-21T10:00', '1wd', '2026-08-22T17:00'],
    ['2026-08-28T10:00', '1wd', '2026-09-03T17:00'],
    ['2026-11-09T10:00', '15d', '2026-11-25T17:00'],
    ['2026-01-31T10:00', '1m', '2026-03-02T17:00'],
    ['2026-11-20T18:00', '1wd', '2026-11-25T17:00'],
  ])('counts %s + %s to %s', (from, limit, expected) => {
    expect(due(from, limit)).toBe(expected);
  });

  it('tells which holiday was passed over', () => {
    expect(dueAt(local('2026-11-20T10:00'), '3wd', calendar).derivation.daysOff).toEqual([
      { day: '2026-11-24', name: 'Ngày Văn hóa Việt Nam' },
    ]);
  });

  it('refuses a text that is no limit', () => {
    expect(() => parseLimit('3 weeks')).toThrow(LimitError);
  });

  const instants = fc.date({ min: new Date('2025-01-02'), max: new Date('2027-12-01'), noInvalidDate: true });
  const limits = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.constantFrom('wh', 'wd', 'd'))
    .map(([count, unit]) => `${count}${unit}` as Limit);

  it('is never due when nobody works', () => {
    fc.assert(
      fc.property(instants, limits, (from, limit) => {
        const { at } = dueAt(from, limit, calendar);
        const justBefore = new Date(at.getTime() - 60_000);
        const working = normalise(at, calendar).getTime() === at.getTime();
        const closingMinute = normalise(justBefore, calendar).getTime() === justBefore.getTime();
        expect(working || closingMinute).toBe(true);
      }),
    );
  });

  it('never grows shorter when it starts later', () => {
    fc.assert(
      fc.property(instants, instants, limits, (a, b, limit) => {
        const [early, late] = a < b ? [a, b] : [b, a];
        expect(dueAt(early, limit, calendar).at.getTime()).toBeLessThanOrEqual(
          dueAt(late, limit, calendar).at.getTime(),
        );
      }),
    );
  });

  it('moves by exactly the minutes worked during a pause', () => {
    fc.assert(
      fc.property(instants, fc.integer({ min: 0, max: 5000 }), instants, (paused, minutes, from) => {
        const pausedAt = normalise(paused, calendar);
        const resumedAt = addWorkingMinutes(pausedAt, minutes, calendar);
        const before = dueAt(from, '7wd', calendar).at;
        const after = extendByPause(before, pausedAt, resumedAt, calendar);
        expect(workingMinutesBetween(before, after, calendar)).toBe(minutes);
      }),
    );
  });
});
