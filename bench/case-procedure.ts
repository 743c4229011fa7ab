import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

/**
 * The smallest whole case, for the benchmark `case`: two agencies are asked, one officer decides within 30 days,
 * one row is written for the decision.
 */
export const benchCase = defineProcedure(
  {
    code: '9.000002',
    title: { vi: 'Hồ sơ đo hiệu năng', en: 'Benchmark case' },
    effectiveFrom: '2020-01-01',
    legalBasis: [],
    application: z.object({
      parcel: z.object({ sheet: z.int(), number: z.int(), certificate: z.string() }),
      text: z.string(),
    }),
    papers: {},
    limit: '7wd',
    tasks: {
      decision: {
        title: { vi: 'Quyết định', en: 'Decide' },
        by: 'specialist',
        form: z.object({ reasons: z.string() }),
        expires: '30d',
        silence: 'closing',
      },
    },
    documents: {},
  },
  async ({ application, ask, tasks, reject }) => {
    await ask('identity', {});
    await ask('parcel', { parcel: application.parcel });
    const decision = await tasks.decision();
    return reject(decision?.reasons ?? 'nobody decided');
  },
);
