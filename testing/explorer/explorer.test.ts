import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../bundle.ts';
import type { ProcedureWorkflow } from '../../workflows/engine/procedure.ts';
import { halfTimeout, liveHalf, seed } from './catalogue.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';

describe('whatever happens, in whatever order', () => {
  it(
    'every case of every procedure keeps the rules',
    async () => {
      await expect(liveHalf(0)).resolves.toBeUndefined();
    },
    halfTimeout,
  );

  it.each([
    ['that opens cases at other agencies', 'linked-procedures.ts', 'newHouse'],
    ['of years, which goes on from run to run', 'card-procedure.ts', 'card'],
    ['whose withdrawal somebody has to approve', 'bid-procedure.ts', 'bid'],
    ['that its applicant changes meanwhile', 'contest-procedure.ts', 'contest'],
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
