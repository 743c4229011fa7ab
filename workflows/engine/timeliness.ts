import type { CaseState } from './states.ts';

/** How a case stands against the date that was promised. */
export type Timeliness =
  'early' | 'on-time' | 'overdue' | 'returned' | 'paused' | 'running' | 'due-soon' | 'running-late';

const zoneMs = 7 * 3_600_000;
const dayMs = 86_400_000;
const localDay = (at: Date) => Math.floor((at.getTime() + zoneMs) / dayMs);

/** What a classification depends on. */
export interface Progress {
  state: CaseState;
  dueAt: Date | null;
  closedAt: Date | null;
  now: Date;
}

/**
 * Classifies a case by the days in Vietnam, not by the minute, as the National Portal counts: what is done on the promised
 * day is on time. What waits for the applicant or was ended without a decision does not count as late.
 */
export function timelinessOf({ state, dueAt, closedAt, now }: Progress): Timeliness {
  if (state === 3 || state === 7) return 'returned';
  if (closedAt) {
    if (!dueAt || localDay(closedAt) === localDay(dueAt)) return 'on-time';
    return localDay(closedAt) < localDay(dueAt) ? 'early' : 'overdue';
  }
  if (state === 5 || state === 6) return 'paused';
  if (!dueAt) return 'running';
  if (localDay(now) > localDay(dueAt)) return 'running-late';
  return dueAt.getTime() - now.getTime() <= dayMs ? 'due-soon' : 'running';
}
