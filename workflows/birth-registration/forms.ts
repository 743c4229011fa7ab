import { z } from 'zod';
import { choice, personal, PersonalNumber } from '../engine/index.ts';
import { child, father } from '../forms/birth.ts';
import { reasoned } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { Missing } from '../forms/missing.ts';

type Correction = ReturnType<typeof personal<z.ZodOptional<z.ZodType>>>;

/** Each field of the draft as a correction: it replaces what was applied for, or is left out. */
const corrections = Object.fromEntries(
  Object.entries({ ...child, father }).map(([field, schema]: [string, z.ZodType]) => [
    field,
    personal(schema.optional().meta(schema.meta() ?? {})),
  ]),
) as unknown as Record<keyof typeof child | 'father', Correction>;

/** The civil-status officer's finding, with what is corrected in the draft; a refusal gives its grounds. */
export const Verification = z
  .object({
    conclusion: choice('Kết luận', 'Conclusion', {
      eligible: ['Đủ điều kiện', 'Eligible'],
      'not-eligible': ['Không đủ điều kiện', 'Not eligible'],
    }),
    reasons: note('Nhận xét, lý do', 'Findings, reasons').default(''),
    missing: z.array(Missing).max(30).default([]).meta(label('Cần bổ sung', 'Missing')),
    ...corrections,
  })
  .refine(({ conclusion, reasons }) => conclusion === 'eligible' || reasons !== '', reasoned('reasons'));

/** What the requester says to the draft; what is wrong in it is about people. */
export const Confirmation = z
  .object({
    decision: choice('Ý kiến về bản nháp', 'About the draft', {
      confirm: ['Đúng', 'It is right'],
      correct: ['Cần sửa', 'Something is wrong'],
    }),
    corrections: personal(note('Nội dung cần sửa', 'What is to be corrected').optional()),
  })
  .refine(({ decision, corrections }) => decision === 'confirm' || Boolean(corrections), {
    path: ['corrections'],
    message: 'Phải nêu nội dung cần sửa · Say what is to be corrected',
  });

/** What the resident registry answers: a number, or why there is none. */
export const Allocation = z
  .object({
    result: choice('Kết quả', 'Result', {
      allocated: ['Đã cấp số', 'Allocated'],
      duplicate: ['Trùng', 'Duplicate'],
      impossible: ['Không cấp được', 'Impossible'],
    }),
    childPersonalNumber: personal(
      PersonalNumber.optional().meta(label('Số định danh cá nhân của trẻ', 'Personal number of the child')),
    ),
    reason: note('Lý do', 'Reason').default(''),
  })
  .refine(({ result, childPersonalNumber }) => result !== 'allocated' || childPersonalNumber !== undefined, {
    path: ['childPersonalNumber'],
    message: 'Phải có số định danh · The number must be given',
  });

/** How an officer settles what the resident registry could not do. */
export const Settlement = z
  .object({
    decision: choice('Cách xử lý', 'What to do', {
      'ask-again': ['Yêu cầu lại', 'Ask again'],
      'number-given': ['Đã có số', 'The number is known'],
    }),
    childPersonalNumber: personal(
      PersonalNumber.optional().meta(label('Số định danh cá nhân của trẻ', 'Personal number of the child')),
    ),
    reasons: z.string().trim().min(1).max(2000).meta(label('Căn cứ', 'Grounds')),
  })
  .refine(
    ({ decision, childPersonalNumber }) => decision === 'ask-again' || childPersonalNumber !== undefined,
    {
      path: ['childPersonalNumber'],
      message: 'Phải có số định danh · The number must be given',
    },
  );
