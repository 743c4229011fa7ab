import { z } from 'zod';
import { choice } from '../engine/index.ts';
import { label, note } from './fields.ts';

export const reasoned = (field: string) => ({
  path: [field],
  message: 'Phải nêu rõ lý do · The reasons must be given',
});

/** What reception decides; whoever is refused is told why (Decree 118/2025 Art. 19.3). */
export const Acceptance = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      accept: ['Tiếp nhận', 'Accept'],
      reject: ['Từ chối tiếp nhận', 'Do not accept'],
    }),
    reasons: note('Lý do', 'Reasons').default(''),
  })
  .refine(({ decision, reasons }) => decision === 'accept' || reasons !== '', reasoned('reasons'));

/** What the leader says to the draft; who sends it back says what is to be changed. */
export const Review = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      approve: ['Đồng ý', 'Approve'],
      return: ['Trả lại để sửa', 'Send back'],
    }),
    comment: note('Ý kiến', 'Comment').default(''),
  })
  .refine(({ decision, comment }) => decision === 'approve' || comment !== '', reasoned('comment'));

export const Registration = z.object({
  registered: z.literal(true).meta(label('Ghi sổ hộ tịch và đóng dấu', 'Enter in the register and seal')),
});

/** An officer's finding; a refusal gives its grounds (Decree 118/2025 Art. 19.3). */
export const Finding = z
  .object({
    conclusion: choice('Kết luận', 'Conclusion', {
      eligible: ['Đủ điều kiện', 'Eligible'],
      'not-eligible': ['Không đủ điều kiện', 'Not eligible'],
    }),
    reasons: note('Nhận xét, lý do', 'Findings, reasons').default(''),
  })
  .refine(({ conclusion, reasons }) => conclusion === 'eligible' || reasons !== '', reasoned('reasons'));
