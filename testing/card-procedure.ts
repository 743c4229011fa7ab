import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

/** A card that is valid for some periods, for tests: each half-year its holder may report its loss, in a run of its own. */
export const card = defineProcedure(
  {
    code: '9.000021',
    title: { vi: 'Cấp thẻ', en: 'Issue a card' },
    effectiveFrom: '2025-01-01',
    legalBasis: ['Quy định thử nghiệm'],
    application: z.object({ periods: z.int().min(1).max(10).meta(label('Số kỳ', 'Periods')) }),
    papers: {},
    limit: '3wd',
    tasks: {
      check: {
        title: { vi: 'Kiểm tra', en: 'Check' },
        by: 'specialist',
        due: '1wd',
        form: z.object({ valid: z.boolean().meta(label('Hợp lệ', 'Valid')) }),
      },
      loss: {
        title: { vi: 'Báo mất thẻ', en: 'Report the loss' },
        by: 'citizen',
        expires: '6m',
        silence: 'acceptance',
        form: z.object({ where: z.string().min(1).meta(label('Nơi mất', 'Where')) }),
      },
    },
    documents: {},
  },
  async ({ accept, tasks, application, turnTo }) => {
    await accept();
    await tasks.check();
    return turnTo('valid', { periodsLeft: application.periods });
  },
  {
    async valid({ tasks, turnTo }, { periodsLeft }: { periodsLeft: number }) {
      const loss = await tasks.loss();
      if (loss) return 'lost';
      return periodsLeft > 1 ? turnTo('valid', { periodsLeft: periodsLeft - 1 }) : 'expired';
    },
  },
);
