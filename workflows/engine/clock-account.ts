/**
 * The legal clock of one case: what it counts, when it stood still and for whom, and the one new date.
 *
 * Pure functions over a calendar. An account is plain JSON that is kept with the case, so that its due instant can be
 * counted again whenever the calendar changes, and the time that was consumed stays consumed.
 */
import { countingOf, dueAt, normalise, type Calendar, type Derivation, type Limit } from './legal-clock.ts';

/** Whom a case waits for while its clock stands still: the time is theirs, not the agency's. */
export type WaitsFor = 'applicant' | 'agency' | 'tax-office';

/** A time in which the clock stood still (ISO 8601); without `to` it still does. */
export interface Pause {
  from: string;
  to: string | null;
  waitsFor: WaitsFor;
}

/** What the clock of a case counts. */
export interface ClockAccount {
  limit: Limit;
  /** When the counting began: with the complete file (Decree 118/2025 Art. 17.3), or anew after a supplement (Art. 19.5). */
  from: string;
  pauses: Pause[];
  /** The one new date that the applicant was given with an apology (Decree 118/2025 Art. 19.6), and when. */
  extended: { at: string; to: string } | null;
  /** How often the counting began anew. */
  restarts: number;
  /** When what was promised had been done (ISO 8601): with the decision, unless the procedure says otherwise. */
  stopped?: string;
}

/** Begins to count a limit. */
export function startClock(at: Date, limit: Limit): ClockAccount {
  return { limit, from: at.toISOString(), pauses: [], extended: null, restarts: 0 };
}

/** Counts the limit from zero, as if nothing had been consumed; the new date that was given falls away. */
export function restartClock(account: ClockAccount, at: Date, limit: Limit): ClockAccount {
  return { ...startClock(at, limit), restarts: account.restarts + 1 };
}

/** Lets the clock stand still; a clock that does already goes on doing so. */
export function pauseClock(account: ClockAccount, at: Date, waitsFor: WaitsFor): ClockAccount {
  if (isPaused(account)) return account;
  return { ...account, pauses: [...account.pauses, { from: at.toISOString(), to: null, waitsFor }] };
}

/** Lets the clock go on; what was worked while it stood still is not counted, what was while it had stopped is. */
export function resumeClock({ stopped: _stopped, ...account }: ClockAccount, at: Date): ClockAccount {
  const pauses = account.pauses.map((pause) =>
    pause.to === null ? { ...pause, to: at.toISOString() } : pause,
  );
  return { ...account, pauses };
}

/** Notes when the promise was kept; a clock that has stopped stays so. */
export const stopClock = (account: ClockAccount, at: Date): ClockAccount => ({
  ...account,
  stopped: account.stopped ?? at.toISOString(),
});

/** Sets the one new date. */
export function extendClock(account: ClockAccount, at: Date, to: Date): ClockAccount {
  return { ...account, extended: { at: at.toISOString(), to: to.toISOString() } };
}

/** Says whether the clock stands still. */
export const isPaused = ({ pauses }: ClockAccount) => pauses.at(-1)?.to === null;

/** How the due instant of a case came about: its limit, and what the pauses and the new date made of it. */
export interface CaseDerivation extends Derivation {
  /** Minutes worked (or, where the limit runs day and night, that passed) while the clock stood still, by whom the case waited for. */
  paused?: Partial<Record<WaitsFor, number>>;
  /** The new date was given; it replaces what the limit gives. */
  extended?: true;
}

/** Computes the due instant of a case: the limit, or the new date, moved by what was worked in the pauses that count. */
export function dueOf(account: ClockAccount, calendar: Calendar): { at: Date; derivation: CaseDerivation } {
  const { extended } = account;
  const counted = dueAt(new Date(account.from), account.limit, calendar);
  const counting = countingOf(account.limit, calendar);
  const pauses = account.pauses.filter(({ from, to }) => to !== null && (!extended || from >= extended.at));
  const paused: Partial<Record<WaitsFor, number>> = {};
  let minutes = 0;
  for (const { from, to, waitsFor } of pauses) {
    const worked = counting.between(new Date(from), new Date(to!));
    if (worked > 0) paused[waitsFor] = (paused[waitsFor] ?? 0) + worked;
    minutes += worked;
  }
  const promised = extended ? promisedInstant(new Date(extended.to), calendar) : counted.at;
  const at = minutes === 0 ? promised : counting.add(promised, minutes);
  const derivation: CaseDerivation = {
    ...counted.derivation,
    ...(minutes > 0 ? { paused } : {}),
    ...(extended ? { extended: true } : {}),
  };
  return { at, derivation };
}

/** A promised day that a later change of the calendar made a day off is the next working one. */
function promisedInstant(at: Date, calendar: Calendar): Date {
  const justBefore = new Date(at.getTime() - 60_000);
  return normalise(justBefore, calendar).getTime() === justBefore.getTime()
    ? at
    : dueAt(startOfDay(at, calendar), '0wd', calendar).at;
}

const dayMs = 86_400_000;

/** Gives the closing hour of the so-manieth working day before the day of an instant. */
export function workingDaysBefore(at: Date, days: number, calendar: Calendar): Date {
  let day = startOfDay(at, calendar);
  for (let left = days; left > 0;) {
    day = new Date(day.getTime() - dayMs);
    if (startOfDay(normalise(day, calendar), calendar).getTime() === day.getTime()) left--;
  }
  return dueAt(day, '0wd', calendar).at;
}

function startOfDay(at: Date, { zoneMinutes }: Calendar): Date {
  const zone = zoneMinutes * 60_000;
  return new Date(Math.floor((at.getTime() + zone) / dayMs) * dayMs - zone);
}

/** When the applicant must be told that the result will be late, and from when that can be foreseen. */
export interface Foresight {
  /** Two working days before the due day: whoever still has the case will hardly make it. */
  from: string;
  /** At least a day before the due instant (Decree 118/2025 Art. 19.6). */
  by: string;
  /** Which apology this is; a count that began anew may have another one. */
  number: number;
}

/** Says when an apology with the new date can and must be sent; undefined when it is too late for that, or was done. */
export function foresight(account: ClockAccount, now: Date, calendar: Calendar): Foresight | undefined {
  if (account.extended || isPaused(account)) return undefined;
  const due = dueOf(account, calendar).at;
  const by = workingDaysBefore(due, 1, calendar);
  if (by <= now) return undefined;
  const from = workingDaysBefore(due, 2, calendar);
  return {
    from: (from > now ? from : now).toISOString(),
    by: by.toISOString(),
    number: account.restarts + 1,
  };
}
