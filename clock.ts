/**
 * The one source of legal instants outside the Temporal sandbox.
 *
 * API, activities, records and signatures ask it; nothing legal comes from `new Date()` or SQL `now()`,
 * so that tests, the demo and a training space can live through months in seconds.
 */
export interface Clock {
  now(): Date;
}

/** The clock of a running installation. */
export const systemClock: Clock = { now: () => new Date() };
