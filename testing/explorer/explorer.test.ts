import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { procedures } from '../../workflows/catalogue.ts';
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
    const { seconds, outcomes, ...explored } = await explore(opened.ground, { lives, seed });
    console.log(`explorer: ${(lives / seconds).toFixed(1)} lives a second`, outcomes);
    expect(explored.lives).toBe(lives);
    expect(Object.keys(outcomes).sort()).toEqual([...procedures.keys()].sort());
  }, 900_000);
});
