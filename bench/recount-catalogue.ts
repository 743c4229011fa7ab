import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

export { recountCases } from '../workflows/jobs/recount.ts';

/** A case that is accepted at once and then waits for its officer, for the benchmark `recount`. */
export const waitingCase = defineProcedure(
  {
    code: '9.000003',
    title: { vi: 'Hồ sơ chờ giải quyết', en: 'A case that waits' },
    effectiveFrom: '2020-01-01',
    legalBasis: [],
    application: z.object({ text: z.string() }),
    papers: {},
    limit: '20wd',
    tasks: {
      decision: {
        title: { vi: 'Quyết định', en: 'Decide' },
        by: 'specialist',
        form: z.object({ reasons: z.string() }),
        due: '20wd',
      },
    },
    documents: {},
  },
  async ({ accept, tasks }) => {
    await accept();
    await tasks.decision();
    return 'decided';
  },
);
