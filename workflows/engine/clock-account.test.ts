import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  dueOf,
  extendClock,
  foresight,
  pauseClock,
  restartClock,
  resumeClock,
  startClock,
  workingDaysBefore,
  type ClockAccount,
} from './clock-account.ts';
import { addWorkingMinutes, workingMinutesBetween } from './legal-clock.ts';
import { sampleCalendar } from '../../testing/calendar.ts';

const calendar = sampleCalendar();
const local = (text: string) => new Date(`${text}:00+07:00`);
const shown = (at: Date) => new Date(at.getTime() + 420 * 60_000).toISOString().slice(0, 16);
const due = (account: ClockAccount) => shown(dueOf(account, calendar).at);

const accepted = startClock(local('2026-07-01T10:00'), '7wd');

describe('the clock of a case', () => {
  it('starts from zero after the supplement (Decree 118/2025 Art. 19.5)', () => {
    const asked = pauseClock(accepted, local('2026-07-03T09:00'), 'applicant');
    const supplied = restartClock(
      resumeClock(asked, local('2026-07-07T09:00')),
      local('2026-07-07T09:00'),
      '7wd',
    );
    expect(due(accepted)).toBe('2026-07-10T17:00');
    expect(due(supplied)).toBe('2026-07-16T17:00');
    expect(supplied.restarts).toBe(1);
  });

  it('goes on after the supplement under the law before (Decree 61/2018), and says whose the time was', () => {
    const asked = pauseClock(accepted, local('2026-07-03T09:00'), 'applicant');
    const supplied = resumeClock(asked, local('2026-07-06T09:00'));
    const { at, derivation } = dueOf(supplied, calendar);
    expect(shown(at)).toBe('2026-07-13T17:00');
    expect(derivation.paused).toEqual({ applicant: 480 });
  });

  it('keeps the new date, unless the calendar makes it a day off', () => {
    const extended = extendClock(accepted, local('2026-07-08T10:00'), local('2026-11-23T17:00'));
    expect(due(extended)).toBe('2026-11-23T17:00');
    expect(dueOf(extended, calendar).derivation.extended).toBe(true);
    const storm = sampleCalendar([
      { day: '2026-11-23', kind: 'emergency-closing', name: 'Bão', closed: null },
    ]);
    expect(shown(dueOf(extended, storm).at)).toBe('2026-11-25T17:00');
  });

  it('can tell a day before that the result will be late, and not later (Decree 118/2025 Art. 19.6)', () => {
    const told = foresight(accepted, local('2026-07-02T10:00'), calendar);
    expect(told && [shown(new Date(told.from)), shown(new Date(told.by))]).toEqual([
      '2026-07-08T17:00',
      '2026-07-09T17:00',
    ]);
    expect(foresight(accepted, local('2026-07-09T17:00'), calendar)).toBeUndefined();
    expect(
      foresight(startClock(local('2026-07-01T10:00'), '8wh'), local('2026-07-01T18:00'), calendar),
    ).toBeUndefined();
    const extended = extendClock(accepted, local('2026-07-08T10:00'), local('2026-07-20T17:00'));
    expect(foresight(extended, local('2026-07-09T10:00'), calendar)).toBeUndefined();
    const paused = pauseClock(accepted, local('2026-07-03T09:00'), 'applicant');
    expect(foresight(paused, local('2026-07-03T10:00'), calendar)).toBeUndefined();
  });

  it('counts working days backwards over days off', () => {
    expect(shown(workingDaysBefore(local('2026-11-25T17:00'), 1, calendar))).toBe('2026-11-23T17:00');
    expect(shown(workingDaysBefore(local('2026-11-25T17:00'), 2, calendar))).toBe('2026-11-20T17:00');
  });
});

const instants = fc
  .integer({ min: 0, max: 180 * 1440 })
  .map((minutes) => new Date(local('2026-01-05T00:00').getTime() + minutes * 60_000));

describe('a pause', () => {
  it('moves the due instant by exactly what was worked in it, whoever it waited for', () => {
    fc.assert(
      fc.property(
        instants,
        fc.array(fc.integer({ min: 1, max: 4000 }), { maxLength: 5 }),
        (from, lengths) => {
          const start = startClock(from, '10wd');
          let account = start;
          let at = from;
          let worked = 0;
          for (const minutes of lengths) {
            const end = addWorkingMinutes(at, minutes, calendar);
            account = resumeClock(pauseClock(account, at, 'applicant'), end);
            worked += workingMinutesBetween(at, end, calendar);
            at = end;
          }
          const moved = workingMinutesBetween(
            dueOf(start, calendar).at,
            dueOf(account, calendar).at,
            calendar,
          );
          expect(moved).toBe(worked);
        },
      ),
    );
  });

  it('gives the same due instant in whatever order pauses are told', () => {
    fc.assert(
      fc.property(instants, fc.shuffledSubarray([1, 2, 3, 4], { minLength: 4 }), (from, order) => {
        const pauses = order.map((day) => ({
          from: new Date(from.getTime() + day * 86_400_000).toISOString(),
          to: new Date(from.getTime() + day * 86_400_000 + day * 3_600_000).toISOString(),
          waitsFor: 'agency' as const,
        }));
        const start = startClock(from, '15wd');
        const sorted = [...pauses].sort((a, b) => (a.from < b.from ? -1 : 1));
        expect(dueOf({ ...start, pauses }, calendar).at).toEqual(
          dueOf({ ...start, pauses: sorted }, calendar).at,
        );
      }),
    );
  });
});
