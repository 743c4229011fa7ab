import { describe, expect, it } from 'vitest';
import * as bids from '../bid-procedure.ts';
import * as cards from '../card-procedure.ts';
import * as contests from '../contest-procedure.ts';
import * as linked from '../linked-procedures.ts';
import { ownProcedures } from '../own-procedures.ts';
import { halfTimeout, liveHalf, seed } from './catalogue.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';

describe('whatever happens, in whatever order', () => {
  it('every case of every procedure keeps the rules', () => liveHalf(0), halfTimeout);

  it.each([
    ['that opens cases at other agencies', 'linked-procedures.ts', linked, 'newHouse'],
    ['of years, which goes on from run to run', 'card-procedure.ts', cards, 'card'],
    ['whose withdrawal somebody has to approve', 'bid-procedure.ts', bids, 'bid'],
    ['that its applicant changes meanwhile', 'contest-procedure.ts', contests, 'contest'],
  ])(
    'so does a case %s',
    async (_what, file, exported, id) => {
      const { bundle, procedures } = await ownProcedures({ file, exported });
      const own = await openGround(bundle, procedures);
      const explored = await explore(own.ground, { lives: 40, seed, procedures: [id] });
      expect(explored.lives).toBe(40);
      await own.close();
    },
    180_000,
  );
});
