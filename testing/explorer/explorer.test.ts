import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { procedures } from '../../workflows/catalogue.ts';
import { bundleWorkflows } from '../../bundle.ts';
import type { ProcedureWorkflow } from '../../workflows/engine/procedure.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';

const lives = Number(process.env['EXPLORER_LIVES'] ?? 2000);
const seed = Number(process.env['EXPLORER_SEED'] ?? seedOfCommit() ?? Math.floor(Math.random() * 2 ** 31));

/** Other lives for each commit, and the same ones for the same commit, so that what is red stays red wherever it is tried. */
function seedOfCommit(): number | undefined {
  const { stdout } = spawnSync('git', ['rev-parse', 'HEAD'], { encoding: 'utf8' });
  return stdout ? Number.parseInt(stdout.slice(0, 7), 16) : undefined;
}

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

  it.each([
    ['that opens cases at other agencies', 'linked-procedures.ts', 'newHouse'],
    ['of years, which goes on from run to run', 'card-procedure.ts', 'card'],
    ['whose withdrawal somebody has to approve', 'bid-procedure.ts', 'bid'],
  ])(
    'so does a case %s',
    async (_what, file, id) => {
      const module = fileURLToPath(new URL(`../${file}`, import.meta.url));
      const editions = Object.entries((await import(module)) as Record<string, ProcedureWorkflow>);
      const procedures = new Map(editions.map(([name, { procedure }]) => [name, procedure]));
      const own = await openGround(await bundleWorkflows(module, [module]), procedures);
      const explored = await explore(own.ground, { lives: 40, seed, procedures: [id] });
      expect(explored.lives).toBe(40);
      await own.close();
    },
    180_000,
  );
});
