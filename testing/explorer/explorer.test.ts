import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { procedures } from '../../workflows/catalogue.ts';
import { bundleWorkflows } from '../../bundle.ts';
import * as linked from '../linked-procedures.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';

const lives = Number(process.env['EXPLORER_LIVES'] ?? 2000);
const seed = Number(process.env['EXPLORER_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

let opened: Awaited<ReturnType<typeof openGround>>;
beforeAll(async () => {
  opened = await openGround(readFileSync(inject('bundlePath'), 'utf8'), procedures);
});
afterAll(() => opened.close());

describe('whatever happens, in whatever order', () => {
  it('every case of every procedure keeps the rules', async () => {
    console.log(`explorer: ${lives} lives; the same again with EXPLORER_SEED=${seed}`);
    const cpu = process.cpuUsage();
    const { seconds, outcomes, ...explored } = await explore(opened.ground, { lives, seed });
    const { user, system } = process.cpuUsage(cpu);
    const ms = Math.round((user + system) / 1000 / lives);
    console.log(
      `explorer: ${(lives / seconds).toFixed(1)} lives a second, ${ms} ms CPU of Node each`,
      outcomes,
    );
    expect(explored.lives).toBe(lives);
    expect(Object.keys(outcomes).sort()).toEqual([...procedures.keys()].sort());
  }, 900_000);

  it('so do cases that open cases at other agencies', async () => {
    const module = fileURLToPath(new URL('../linked-procedures.ts', import.meta.url));
    const editions = new Map(Object.entries(linked).map(([id, { procedure }]) => [id, procedure]));
    const own = await openGround(await bundleWorkflows(module, [module]), editions);
    const explored = await explore(own.ground, { lives: 60, seed, procedures: ['newHouse'] });
    expect(Object.keys(explored.outcomes)).toEqual(expect.arrayContaining(['newHouse', 'water', 'power']));
    await own.close();
  }, 120_000);
});
