import { z } from 'zod';
import { defineProcedure } from '../workflows/engine/index.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

const facts = {
  code: '9.000032',
  title: { vi: 'Đăng ký đấu giá', en: 'Register for an auction' },
  effectiveFrom: '2025-01-01',
  legalBasis: ['Quy định thử nghiệm'],
  application: z.object({ lot: z.string().min(1).meta(label('Lô đất', 'Lot')) }),
  papers: {},
  limit: '5wd',
  withdrawal: { approvedBy: 'head', due: '1wd' },
  tasks: {
    check: {
      title: { vi: 'Kiểm tra', en: 'Check' },
      by: 'specialist',
      due: '1wd',
      form: z.object({ wrong: z.string().trim().default('').meta(label('Sai ở đâu', 'What is wrong')) }),
    },
    auction: {
      title: { vi: 'Tổ chức đấu giá', en: 'Hold the auction' },
      by: 'specialist',
      due: '3wd',
      form: z.object({}),
    },
  },
  documents: {},
} as const;

/** A bid, which only the head of the agency may let its bidder withdraw; for tests. */
export const bid = defineProcedure(facts, async ({ accept, reject, tasks }) => {
  const { wrong } = await tasks.check();
  if (wrong) return reject(wrong);
  await accept();
  await tasks.auction();
  return 'held';
});
