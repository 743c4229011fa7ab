import { z } from 'zod';
import { personal, PersonalNumber } from '../engine/index.ts';
import { child, father } from '../forms/birth.ts';
import { reasoned } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';

const Missing = z.object({
  what: z.string().min(1).max(200).meta(label('Giấy tờ hoặc mục', 'Paper or field')),
  reason: z.string().trim().min(1).max(2000).meta(label('Lý do', 'Reason')),
});

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
    conclusion: z.enum(['eligible', 'not-eligible']).meta(label('Kết luận', 'Conclusion')),
    reasons: note('Nhận xét, lý do', 'Findings, reasons').default(''),
    missing: z.array(Missing).max(30).default([]).meta(label('Cần bổ sung', 'Missing')),
    ...corrections,
  })
  .refine(({ conclusion, reasons }) => conclusion === 'eligible' || reasons !== '', reasoned('reasons'));

/** What the requester says to the draft; what is wrong in it is about people. */
export const Confirmation = z
  .object({
    decision: z.enum(['confirm', 'correct']).meta(label('Ý kiến về bản nháp', 'About the draft')),
    corrections: personal(note('Nội dung cần sửa', 'What is to be corrected').optional()),
  })
  .refine(({ decision, corrections }) => decision === 'confirm' || Boolean(corrections), {
    path: ['corrections'],
    message: 'Phải nêu nội dung cần sửa · Say what is to be corrected',
  });

/** What the resident registry answers: a number, or why there is none. */
export const Allocation = z
  .object({
    result: z.enum(['allocated', 'duplicate', 'impossible']).meta(label('Kết quả', 'Result')),
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
    decision: z.enum(['ask-again', 'number-given']).meta(label('Cách xử lý', 'What to do')),
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
