import { setTimeout as sleep } from 'node:timers/promises';
import { reasonOf } from './trouble.ts';

/** One life of a process: it lasts until `exited` resolves. */
export interface Life {
  pid: number;
  exited: Promise<void>;
  stop(): Promise<void>;
}

/** A process that lives again whenever it dies, until it is stopped. */
export interface Supervised<L extends Life = Life> {
  /** Its present life; between two lives the last one. */
  life(): L;
  /** How often it came up again. */
  restarts(): number;
  stop(): Promise<void>;
}

const firstPause = 200;
const longestPause = 10_000;
/** Who lived so long has recovered: the next death is a new trouble, not the same one again. */
const healthy = 60_000;

/**
 * Starts a process and keeps it alive: when it dies it is started again, at once the first time, later with
 * pauses that double from 200 milliseconds to 10 seconds.
 *
 * @param name for the reports
 * @param start starts one life and resolves when it answers; rejects when it does not come up
 * @param report told in one line of every death and every failed restart
 * @throws what `start` throws the first time
 */
export async function supervise<L extends Life>(
  name: string,
  start: () => Promise<L>,
  report: (line: string) => void,
): Promise<Supervised<L>> {
  const stopping = new AbortController();
  let life = await start();
  let restarts = 0;

  const liveAgain = async () => {
    for (let pause = 0; !stopping.signal.aborted; pause = Math.min(longestPause, pause * 2 || firstPause)) {
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      if (stopping.signal.aborted) return;
      try {
        life = await start();
        restarts += 1;
        return;
      } catch (error) {
        report(`${name} does not come up again, trying on: ${reasonOf(error)}`);
      }
    }
  };

  const watch = async () => {
    let quickDeaths = 0;
    while (!stopping.signal.aborted) {
      const born = performance.now();
      await life.exited;
      if (stopping.signal.aborted) return;
      report(`${name} died and is started again`);
      quickDeaths = performance.now() - born < healthy ? quickDeaths + 1 : 0;
      const pause = quickDeaths < 2 ? 0 : Math.min(longestPause, firstPause * 2 ** (quickDeaths - 2));
      await sleep(pause, undefined, { signal: stopping.signal }).catch(() => undefined);
      await liveAgain();
    }
  };
  const watching = watch();

  return {
    life: () => life,
    restarts: () => restarts,
    stop: async () => {
      stopping.abort();
      await life.stop();
      await watching;
      await life.stop(); // a life that began while the first line of this function ran
    },
  };
}
