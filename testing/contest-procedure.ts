import { z } from 'zod';
import { defineProcedure, personal } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });
const vote = z.object({ approve: z.boolean().meta(label('Đồng ý', 'In favour')) });

/** An entry to a contest, for tests: its applicant may change it until the day it is shown, and a jury of three votes. */
export const contest = defineProcedure(
  {
    code: '9.000041',
    title: { vi: 'Dự thi', en: 'Enter a contest' },
    effectiveFrom: '2025-01-01',
    legalBasis: ['Quy định thử nghiệm'],
    application: z.object({
      theme: z.string().min(1).max(100).meta(label('Chủ đề', 'Theme')),
      shownAt: z.iso.datetime().meta(label('Trưng bày lúc', 'Shown at')),
      author: personal(z.string().min(1).meta(label('Tác giả', 'Author'))),
    }),
    papers: { picture: { title: { vi: 'Ảnh', en: 'Picture' }, required: false } },
    limit: '3m',
    outcomes: { won: { vi: 'đạt giải', en: 'won' } },
    tasks: {
      check: {
        title: { vi: 'Kiểm tra', en: 'Check' },
        by: 'specialist',
        due: '1wd',
        amendable: true,
        form: z.object({ fits: z.boolean().meta(label('Đúng thể lệ', 'Fits the rules')) }),
      },
      showing: {
        title: { vi: 'Chờ trưng bày', en: 'Wait for the day' },
        by: 'engine',
        expires: 'told',
        silence: 'acceptance',
        amendable: true,
        form: z.object({}),
      },
      question: {
        title: { vi: 'Hỏi ban tổ chức', en: 'Ask the organisers' },
        by: 'citizen',
        expires: 'told',
        silence: 'acceptance',
        form: z.object({ text: z.string().min(1).max(200).meta(label('Câu hỏi', 'Question')) }),
      },
      reply: {
        title: { vi: 'Trả lời', en: 'Reply' },
        by: 'head',
        due: '1wd',
        form: z.object({ text: z.string().max(200).meta(label('Trả lời', 'Reply')) }),
      },
      jury: {
        title: { vi: 'Chấm', en: 'Judge' },
        by: 'committee',
        due: '2wd',
        panel: 3,
        notBy: ['check'],
        form: vote,
      },
    },
    documents: {},
  },
  async (story) => {
    const { accept, tasks, beside } = story;
    await accept();
    beside(async () => {
      const question = await tasks.question({}, { until: story.application.shownAt });
      if (question) await tasks.reply({ question: question.text });
    });
    for (;;) {
      const { theme, shownAt } = story.application;
      const checked = await tasks.check({ theme });
      if (checked === 'amended') continue;
      if (!checked.fits) return 'unfit';
      if ((await tasks.showing({}, { until: shownAt })) !== 'amended') break;
    }
    const votes = await tasks.jury({ theme: story.application.theme });
    return votes.filter(({ approve }) => approve).length > 1 ? 'won' : 'lost';
  },
);
