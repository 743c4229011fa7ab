import { setTimeout as sleep } from 'node:timers/promises';
import type { Figures } from './figures.ts';
import { openInstallation } from './installation.ts';
import { memoryOf } from './processes.ts';

const restMs = 15_000;

/** Memory of each process of a started installation after a quarter of a minute without work, in MB. */
export async function memory(): Promise<Figures> {
  const installation = await openInstallation();
  try {
    await sleep(restMs);
    const memoryMb = memoryOf(installation.pids);
    return { memoryMb, totalMb: Object.values(memoryMb).reduce((sum, mb) => sum + mb, 0) };
  } finally {
    await installation.stop();
  }
}
