import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

/** A survey that may ask for a supplement more than once, for tests. */
export const survey = defineProcedure(
  {
    code: '9.000031',
    title: { vi: 'Đo đạc', en: 'Survey' },
    effectiveFrom: '2025-01-01',
    legalBasis: ['Quy định thử nghiệm'],
    application: z.object({ plot: z.string().min(1).meta(label('Thửa đất', 'Plot')) }),
    papers: { sketch: { title: { vi: 'Sơ đồ', en: 'Sketch' }, required: false } },
    limit: '5wd',
    supplement: { within: '15d', clock: 'restart', silence: 'closing' },
    tasks: {
      acceptance: {
        title: { vi: 'Tiếp nhận', en: 'Accept' },
        by: 'reception',
        due: '8wh',
        form: z.object({}),
      },
      measure: {
        title: { vi: 'Đo', en: 'Measure' },
        by: 'specialist',
        due: '3wd',
        form: z.object({ lacking: z.string().default('').meta(label('Còn thiếu', 'Lacking')) }),
      },
    },
    documents: {},
  },
  async ({ accept, tasks, supplement }) => {
    await tasks.acceptance();
    await accept();
    for (;;) {
      const { lacking } = await tasks.measure();
      if (!lacking) return 'measured';
      if (!(await supplement([{ what: 'sketch', reason: lacking }]))) return 'incomplete';
    }
  },
);
