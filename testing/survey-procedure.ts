import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

const facts = {
  code: '9.000031',
  title: { vi: 'Đo đạc', en: 'Survey' },
  effectiveFrom: '2025-01-01',
  legalBasis: ['Quy định thử nghiệm'],
  application: z.object({ plot: z.string().min(1).meta(label('Thửa đất', 'Plot')) }),
  papers: { sketch: { title: { vi: 'Sơ đồ', en: 'Sketch' }, required: false } },
  limit: '5wd',
  limits: { atOnce: '0wd' },
  supplement: { within: '15d', clock: 'restart', silence: 'closing' },
  tasks: {
    acceptance: {
      title: { vi: 'Tiếp nhận', en: 'Accept' },
      by: 'reception',
      due: '8wh',
      form: z.object({
        lacking: z.string().default('').meta(label('Còn thiếu', 'Lacking')),
        atOnce: z.boolean().default(false).meta(label('Trả ngay', 'At once')),
      }),
    },
    measure: {
      title: { vi: 'Đo', en: 'Measure' },
      by: 'specialist',
      due: '3wd',
      form: z.object({ lacking: z.string().default('').meta(label('Còn thiếu', 'Lacking')) }),
    },
  },
  documents: {},
} as const;

/** A survey whose reception and specialist may each ask for a supplement, as often as the head allows; for tests. */
export const survey = defineProcedure(facts, async ({ accept, tasks, supplement }) => {
  const { lacking, atOnce } = await tasks.acceptance();
  if (lacking && !(await supplement([{ what: 'sketch', reason: lacking }]))) return 'incomplete';
  await accept(atOnce ? 'atOnce' : undefined);
  for (;;) {
    const found = await tasks.measure();
    if (!found.lacking) return 'measured';
    if (!(await supplement([{ what: 'sketch', reason: found.lacking }]))) return 'incomplete';
  }
});
