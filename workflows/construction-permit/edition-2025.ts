import { defineProcedure } from '../engine/index.ts';
import { facts as since2026, permit } from './procedure.ts';

const facts = {
  ...since2026,
  effectiveFrom: '2025-07-01',
  effectiveTo: '2026-06-30',
  legalBasis: ['Luật Xây dựng số 50/2014/QH13, sửa đổi năm 2020', 'Nghị định số 175/2024/NĐ-CP'],
  limit: '15wd',
  supplement: { within: '15d', clock: 'resume', silence: 'refusal' },
  consultations: { ...since2026.consultations, within: '12d' },
} as const;

/**
 * House construction permit under the law until 30 June 2026: 15 working days instead of 7, and the clock goes on after a
 * supplement instead of starting from zero. Who filed until then keeps it, however long the case takes.
 */
export const constructionPermit2025 = defineProcedure<typeof facts>(facts, permit);
