import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

/** A case whose story turns to its second run as soon as it is accepted, for tests. */
export const chainedLight = defineProcedure(
  {
    code: '9.000032',
    title: { vi: 'Báo hỏng đèn đường', en: 'Report a street light' },
    effectiveFrom: '2025-01-01',
    legalBasis: ['Quy định thử nghiệm'],
    application: z.object({ pole: z.string() }),
    papers: {},
    limit: '3wd',
    tasks: {
      repair: {
        title: { vi: 'Sửa đèn', en: 'Repair the light' },
        by: 'specialist',
        form: z.object({ repaired: z.boolean() }),
        due: '3wd',
      },
    },
    documents: {},
  },
  async ({ accept, turnTo }) => {
    await accept();
    return turnTo('repair', {});
  },
  {
    async repair({ tasks }) {
      await tasks.repair();
      return 'repaired';
    },
  },
);
