import { setTimeout as sleep } from 'node:timers/promises';
import { round } from './figures.ts';
import { cpuOf } from './processes.ts';
import type { Stores } from './stores.ts';

const warmUp = 150;
const rounds = 4;
const casesARound = 100;
const inFlight = 50;
const patienceMs = 60_000;
const lookEveryMs = 100;

/** What a pattern of cases can do, for {@link measureTogether}. */
export interface Pattern {
  /** Files one case. */
  file(): Promise<void>;
  /** Looks at the officer's queue and decides what is in it. */
  decide(): Promise<void>;
  /** How many cases have ended so far. */
  closed(): Promise<number>;
}

/** What cases of one pattern cost. */
export interface Cost {
  cpuMsPerCase: number;
  casesPerSecond: number;
  cpuMsNode: number;
  cpuMsTemporal: number;
  cpuMsPostgres: number;
}

/**
 * Lets cases of each pattern pass, never more than 50 open at once, and measures what 400 of them cost after 150 for
 * warming up. The patterns take turns, so that a machine that gets busier is as unkind to each.
 */
export async function measureTogether(stores: Stores, patterns: readonly Pattern[]): Promise<Cost[]> {
  for (const pattern of patterns) await run(pattern, warmUp);
  const totals = patterns.map(() => ({ seconds: 0, node: 0, temporal: 0, postgres: 0 }));
  for (let turn = 0; turn < rounds; turn++)
    for (const [index, pattern] of patterns.entries()) {
      const total = totals[index]!;
      const started = performance.now();
      const used = await cpuOf(stores.pids, () => run(pattern, casesARound));
      total.seconds += (performance.now() - started) / 1000;
      for (const name of ['node', 'temporal', 'postgres'] as const) total[name] += used[name];
    }
  return totals.map(costOf);
}

function costOf(total: { seconds: number; node: number; temporal: number; postgres: number }): Cost {
  const cases = rounds * casesARound;
  return {
    cpuMsPerCase: round((total.node + total.temporal + total.postgres) / cases),
    casesPerSecond: round(cases / total.seconds),
    cpuMsNode: round(total.node / cases),
    cpuMsTemporal: round(total.temporal / cases),
    cpuMsPostgres: round(total.postgres / cases),
  };
}

async function run(pattern: Pattern, cases: number): Promise<void> {
  const end = performance.now() + patienceMs;
  const already = await pattern.closed();
  let filed = 0;
  let closed = 0;
  const filing = async () => {
    while (filed < cases)
      if (filed - closed < inFlight) {
        filed += 1;
        await pattern.file();
      } else await sleep(5);
  };
  const deciding = async () => {
    while (closed < cases) {
      if (performance.now() > end) throw new Error(`only ${closed} of ${cases} cases ended in time`);
      await pattern.decide();
      await sleep(lookEveryMs);
      closed = (await pattern.closed()) - already;
    }
  };
  await Promise.all([filing(), filing(), deciding()]);
}
