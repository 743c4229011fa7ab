import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, inject } from 'vitest';
import { procedures } from '../../workflows/catalogue.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';

const lives = Number(process.env['EXPLORER_LIVES'] ?? 2000);

/** What the lives of this run are drawn from; told in the output, and set by EXPLORER_SEED to live them again. */
export const seed = Number(
  process.env['EXPLORER_SEED'] ?? seedOfCommit() ?? Math.floor(Math.random() * 2 ** 31),
);

/** Other lives for each commit, and the same ones for the same commit, so that what is red stays red wherever it is tried. */
function seedOfCommit(): number | undefined {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return stdout ? Number.parseInt(stdout.slice(0, 7), 16) : undefined;
}

/** Seeds of the halves are so far apart that their streams of lives are others. */
const apart = 1000;

/**
 * Lives one half of the random lives of the catalogue and expects that every rule holds: each half is a file of its own, as a file
 * has one processor.
 */
export async function liveHalf(half: 0 | 1): Promise<void> {
  const opened = await openGround(readFileSync(inject('bundlePath'), 'utf8'), procedures);
  try {
    const wanted = Math.ceil(lives / 2);
    console.log(`explorer: ${wanted} lives; the same again with EXPLORER_SEED=${seed}`);
    const cpu = process.cpuUsage();
    const { seconds, outcomes, ...explored } = await explore(opened.ground, {
      lives: wanted,
      seed: seed + half * apart,
    });
    const { user, system } = process.cpuUsage(cpu);
    const ms = Math.round((user + system) / 1000 / wanted);
    const speed = (wanted / seconds).toFixed(1);
    console.log(`explorer: ${speed} lives a second, ${ms} ms CPU of Node each`, outcomes);
    expect(explored.lives).toBe(wanted);
    expect(Object.keys(outcomes).sort()).toEqual([...procedures.keys()].sort());
  } finally {
    await opened.close();
  }
}

/** Long enough for half of the lives on a machine with other work, in milliseconds. */
export const halfTimeout = 1_800_000;
