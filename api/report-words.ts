import type { Stage } from '../records/public-reports.ts';

const stages: Readonly<Record<Stage, { vi: string; en: string }>> = {
  new: { vi: 'Đang xác minh', en: 'Being verified' },
  'in-process': { vi: 'Đang xử lý', en: 'Being dealt with' },
  answered: { vi: 'Đã trả lời', en: 'Answered' },
  ended: { vi: 'Đã dừng', en: 'Ended' },
};

/** How far a report has come, in plain words. */
export const sayStage = (stage: Stage): { vi: string; en: string } => stages[stage];
