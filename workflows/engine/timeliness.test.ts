import { describe, expect, it } from 'vitest';
import type { CaseState } from './states.ts';
import { timelinessOf } from './timeliness.ts';

const at = (text: string | null) => (text === null ? null : new Date(`${text}:00+07:00`));
const due = '2026-11-26T17:00';

describe('a case is', () => {
  it.each<[string, CaseState, string | null, string | null, string]>([
    ['early', 10, due, '2026-11-25T23:59', '2026-12-01T08:00'],
    ['on-time', 10, due, '2026-11-26T23:59', '2026-12-01T08:00'],
    ['overdue', 10, due, '2026-11-27T00:00', '2026-12-01T08:00'],
    ['on-time', 10, null, '2026-11-27T00:00', '2026-12-01T08:00'],
    ['returned', 3, null, '2026-11-27T00:00', '2026-12-01T08:00'],
    ['returned', 7, due, '2026-11-30T00:00', '2026-12-01T08:00'],
    ['paused', 5, due, null, '2026-12-01T08:00'],
    ['paused', 6, due, null, '2026-12-01T08:00'],
    ['running', 1, null, null, '2026-11-20T08:00'],
    ['running', 4, due, null, '2026-11-25T16:59'],
    ['due-soon', 4, due, null, '2026-11-25T17:00'],
    ['due-soon', 4, due, null, '2026-11-26T23:59'],
    ['running-late', 4, due, null, '2026-11-27T00:00'],
  ])('%s in state %s, due %s, closed %s, at %s', (expected, state, dueAt, closedAt, now) => {
    expect(timelinessOf({ state, dueAt: at(dueAt), closedAt: at(closedAt), now: at(now)! })).toBe(expected);
  });
});
