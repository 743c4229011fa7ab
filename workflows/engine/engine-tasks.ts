import { z } from 'zod';
import { choice, PaperReference, personal } from './form.ts';
import type { Facts } from './procedure.ts';
import type { TaskFacts } from './task-facts.ts';

/** The fee's receipt, as the treasury reports it. */
export const Receipt = z.object({
  amount: z.int().min(0).meta({ title: 'Số tiền', 'title.en': 'Amount' }),
  paidAt: z.iso.datetime({ offset: true }).meta({ title: 'Thời điểm nộp', 'title.en': 'Paid at' }),
  receipt: z.string().trim().min(1).max(100).meta({ title: 'Số biên lai', 'title.en': 'Receipt number' }),
  where: z
    .literal('counter')
    .optional()
    .meta({ title: 'Nộp tại quầy', 'title.en': 'Paid at the counter', unused: 'the engine reads it' }),
});

/** A consulted agency's answer. */
export const Opinion = z.object({
  opinion: choice('Ý kiến', 'Opinion', { agree: ['Đồng ý', 'Agree'], object: ['Không đồng ý', 'Object'] }),
  reason: z.string().trim().max(2000).default('').meta({ title: 'Lý do', 'title.en': 'Reason' }),
});

/** How a sub-case ended. */
export const SubCaseEnd = z.object({
  code: z.string().meta({ title: 'Mã hồ sơ', 'title.en': 'Case code' }),
  outcome: z.string().meta({ title: 'Kết quả', 'title.en': 'Outcome' }),
});

/** What a campaign has decided of one of its members. */
export const Placed = z.object({
  result: choice('Kết quả', 'Result', {
    offered: ['Có chỗ', 'A place'],
    waiting: ['Chờ', 'Waiting'],
    none: ['Không có chỗ', 'No place'],
  }),
  offer: z.string().optional().meta({ title: 'Nơi nhận', 'title.en': 'Where' }),
  /** Until when the place is kept, and until when one may appeal. */
  confirmBy: z.iso.datetime().optional().meta({ title: 'Xác nhận trước', 'title.en': 'Confirm by' }),
  appealBy: z.iso.datetime().optional().meta({ title: 'Khiếu nại trước', 'title.en': 'Appeal by' }),
  placeName: personal(z.string().optional().meta({ title: 'Nơi nhận', 'title.en': 'Where' })),
  placeWhy: personal(z.string().optional().meta({ title: 'Lý do', 'title.en': 'Why' })),
});
export type Placed = Omit<z.infer<typeof Placed>, 'placeName' | 'placeWhy'>;

const Supply = z.object({
  papers: z.array(PaperReference).max(30).default([]).meta({ title: 'Giấy tờ', 'title.en': 'Papers' }),
  note: z.string().trim().max(2000).default('').meta({ title: 'Ghi chú', 'title.en': 'Note' }),
});

const Withdrawal = z.object({
  reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
});

/** Whether an applicant may withdraw, where sector law does not leave it to the applicant alone. */
const WithdrawalDecision = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      approve: ['Đồng ý', 'Approve'],
      refuse: ['Từ chối', 'Refuse'],
    }),
    reason: z.string().trim().max(2000).default('').meta({ title: 'Lý do', 'title.en': 'Reason' }),
  })
  .refine(({ decision, reason }) => decision === 'approve' || reason !== '', {
    path: ['reason'],
    message: 'Ghi rõ lý do từ chối · Say why it is refused',
  });
export type WithdrawalDecision = z.infer<typeof WithdrawalDecision>;

/** The head's apology to an applicant whose result will be late, with the one new date (Form 04). */
export const Extension = z.object({
  reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
  workingDays: z
    .int()
    .min(1)
    .max(60)
    .meta({ title: 'Gia hạn (ngày làm việc)', 'title.en': 'Working days after the promised date' }),
});

/** Whether the head allows another request for a supplement (the law allows one: Decree 118/2025 Art. 11.2c, 16.3). */
export const SecondSupplement = z.object({
  decision: choice('Quyết định', 'Decision', {
    allow: ['Cho phép', 'Allow'],
    refuse: ['Không cho phép', 'Do not allow'],
  }),
  reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
});

/** An officer's question to an agency, beside what the procedure asks; its silence escalates (Art. 19.4c). */
export const adHocConsultation = {
  title: { vi: 'Cho ý kiến theo đề nghị', en: 'Give an opinion on request' },
  by: 'consulted',
  form: Opinion,
  due: '3wd',
} as const satisfies TaskFacts;

/** Handing a result over on paper; an error that is found then is told. */
const HandOver = z
  .object({
    result: choice('Kết quả', 'Result', {
      delivered: ['Đã trả', 'Handed over'],
      error: ['Có sai sót', 'There is a mistake'],
    }),
    wrong: z.string().trim().max(2000).default('').meta({ title: 'Sai ở đâu', 'title.en': 'What is wrong' }),
  })
  .refine(({ result, wrong }) => result === 'delivered' || wrong !== '', {
    path: ['wrong'],
    message: 'Ghi rõ chỗ sai · Say what is wrong',
  });
export type HandOver = z.infer<typeof HandOver>;

/** Whether a result is wrong, with the answers of the application as they should have been. */
const correctionOf = (application: z.ZodObject) =>
  z.object({
    ...Object.fromEntries(
      Object.entries(application.shape).map(([name, field]) => [
        name,
        personal(withoutDefault(field as z.ZodType).optional()),
      ]),
    ),
    decision: choice('Quyết định', 'Decision', {
      correct: ['Đính chính', 'Correct'],
      refuse: ['Không đính chính', 'Do not correct'],
    }),
    reason: z.string().trim().min(1).max(2000).meta({ title: 'Lý do', 'title.en': 'Reason' }),
  });
export type Correction = { decision: 'correct' | 'refuse'; reason: string };

/** A field that is not given stays as it was. */
const withoutDefault = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodDefault || field instanceof z.ZodOptional
    ? withoutDefault(field.unwrap() as z.ZodType).meta({ ...field.meta() })
    : field;

const SignCorrection = z.object({
  decision: choice('Quyết định', 'Decision', {
    approve: ['Đồng ý', 'Approve'],
    return: ['Trả lại để sửa', 'Send back'],
  }),
});

/** The tasks by which a result is handed over and corrected (Decree 118/2025 Art. 22, 23). */
const resultTasks = (facts: Facts): Record<string, TaskFacts> => ({
  handOver: {
    title: { vi: 'Trả kết quả cho người nộp', en: 'Hand the result over' },
    by: 'reception',
    form: HandOver,
    due: '30d',
  },
  correction: {
    title: { vi: 'Kiểm tra, đính chính kết quả', en: 'Check and correct the result' },
    by: 'specialist',
    form: correctionOf(facts.application),
    due: '1wd',
  },
  signCorrection: {
    title: { vi: 'Ký kết quả đã đính chính', en: 'Sign the corrected result' },
    by: 'leader',
    form: SignCorrection,
    due: '1wd',
    notBy: ['correction'],
  },
});

/** What a citizen who applies may do at any time, and is owed when the result will be late. */
const citizensTasks = (facts: Facts): Record<string, TaskFacts> => ({
  withdraw: {
    title: { vi: 'Rút hồ sơ', en: 'Withdraw the application' },
    by: 'citizen',
    form: Withdrawal,
    due: facts.limit,
  },
  extend: {
    title: { vi: 'Xin lỗi và hẹn lại ngày trả kết quả', en: 'Apologise and give a new date' },
    by: 'leader',
    form: Extension,
    expires: facts.limit,
    silence: 'acceptance',
  },
});

/**
 * The tasks that the engine itself opens: withdraw and whether it is approved, extend, supply and whether to ask for it once more, pay, consult, and
 * one for each consultation and sub-case, and what a result may need after it was issued.
 */
export function engineTasks(facts: Facts): Record<string, TaskFacts> {
  const tasks: Record<string, TaskFacts> = {
    ...(facts.applicant === 'agency' ? {} : citizensTasks(facts)),
    consult: adHocConsultation,
  };
  if (Object.keys(facts.documents).length > 0) Object.assign(tasks, resultTasks(facts));
  if (facts.withdrawal)
    tasks['approveWithdrawal'] = {
      title: { vi: 'Duyệt đề nghị rút hồ sơ', en: 'Decide on the withdrawal' },
      by: facts.withdrawal.approvedBy,
      form: WithdrawalDecision,
      due: facts.withdrawal.due,
    };
  if (facts.supplement) {
    tasks['supplementAgain'] = {
      title: { vi: 'Cho phép yêu cầu bổ sung lần nữa', en: 'Allow another request for a supplement' },
      by: 'head',
      form: SecondSupplement,
      due: '1wd',
    };
    tasks['supply'] = {
      title: { vi: 'Bổ sung hồ sơ', en: 'Supply what is missing' },
      by: 'citizen',
      form: Supply,
      expires: facts.supplement.within,
      silence: facts.supplement.silence,
    };
  }
  if (facts.membership)
    tasks['placement'] = {
      title: { vi: 'Chờ kết quả xét của đợt', en: 'Wait for the result of the campaign' },
      by: 'engine',
      form: Placed,
      due: facts.membership.due,
      amendable: true,
    };
  if (facts.fee)
    tasks['pay'] = {
      title: facts.fee.title,
      by: 'treasury',
      told: 'payment',
      form: Receipt,
      expires: facts.fee.expires,
      silence: facts.fee.silence,
    };
  for (const [name, { title, due }] of Object.entries(facts.subCases ?? {}))
    tasks[`case.${name}`] = { title, by: 'engine', form: SubCaseEnd, due };
  for (const [name, title] of Object.entries(facts.consultations?.of ?? {}))
    tasks[`consult.${name}`] = {
      title,
      by: 'consulted',
      told: 'opinion',
      form: Opinion,
      ...waitOf(facts.consultations!),
    };
  return tasks;
}

function waitOf({ within, silence }: NonNullable<Facts['consultations']>) {
  return silence === 'escalation' ? { due: within } : { expires: within, silence };
}
