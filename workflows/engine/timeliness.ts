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
  /** When the promise was kept, where the case ended only later. */
  keptAt?: Date | null;
  /** Whether its limit runs day and night, so that minutes count and not days. */
  toTheMinute?: boolean;
  now: Date;
}

/**
 * Classifies a case by the days in Vietnam, not by the minute, as the National Portal counts: what is done on the promised
 * day is on time. What waits for the applicant or was ended without a decision does not count as late.
 */
export function timelinessOf({
  state,
  dueAt,
  closedAt,
  keptAt = null,
  toTheMinute = false,
  now,
}: Progress): Timeliness {
  if (state === 3 || state === 7) return 'returned';
  const done = keptAt ?? closedAt;
  if (toTheMinute && dueAt && (done ?? now) > dueAt) return done ? 'overdue' : 'running-late';
  if (done) {
    if (!dueAt || localDay(done) === localDay(dueAt)) return 'on-time';
    return localDay(done) < localDay(dueAt) ? 'early' : 'overdue';
  }
  if (state === 5 || state === 6) return 'paused';
  if (!dueAt) return 'running';
  if (localDay(now) > localDay(dueAt)) return 'running-late';
  return dueAt.getTime() - now.getTime() <= dayMs ? 'due-soon' : 'running';
}
