import { z } from 'zod';
import { choice, GeoPoint, PaperReference, personal } from '../engine/index.ts';
import { reasoned } from '../forms/decision.ts';
import { label, note } from '../forms/fields.ts';
import { Missing } from '../forms/missing.ts';

/** What is reported. Which services there are and what each asks is data of the city. */
export const Report = z.object({
  category: z
    .string()
    .regex(/^[a-z0-9-]{1,40}$/, 'Chọn lĩnh vực · Choose what it is about')
    .meta({ ...label('Lĩnh vực', 'What it is about'), widget: 'service' }),
  place: personal(GeoPoint.meta({ ...GeoPoint.meta(), ...label('Vị trí', 'Place') })),
  address: personal(
    z
      .string()
      .trim()
      .max(300)
      .default('')
      .meta(label('Địa chỉ hoặc mô tả vị trí', 'Address, or the place in words')),
  ),
  description: personal(
    z.string().trim().min(10).max(1000).meta(label('Nội dung phản ánh', 'What you report')),
  ),
  details: personal(
    z
      .record(z.string(), z.union([z.string().max(1000), z.array(z.string().max(1000)).max(50)]))
      .default({})
      .meta(label('Thông tin theo lĩnh vực', 'What the service asks')),
  ),
  occurredAt: personal(
    z.iso.datetime({ offset: true }).optional().meta(label('Thời điểm xảy ra', 'When it happened')),
  ),
  urgent: z.boolean().default(false).meta(label('Khẩn cấp', 'Urgent')),
});

const agency = z
  .string()
  .max(20)
  .default('')
  .meta({ ...label('Cơ quan', 'Agency'), widget: 'agency' });
const team = z
  .string()
  .max(20)
  .default('')
  .meta({ ...label('Giao đội hiện trường', 'Send a team'), widget: 'team' });
const into = z
  .string()
  .max(40)
  .default('')
  .meta({ ...label('Trùng với phản ánh', 'The report that it repeats'), widget: 'report' });
const papers = z
  .array(PaperReference)
  .max(10)
  .default([])
  .meta(label('Ảnh sau xử lý, giấy tờ', 'Photos after the work, papers'));

/** What the operator finds; words become public only as the operator leaves them. */
export const Verification = z
  .object({
    decision: choice('Kết quả xác minh', 'What you have found', {
      accept: ['Tiếp nhận', 'Take it up'],
      ask: ['Yêu cầu bổ sung', 'Ask for more'],
      duplicate: ['Trùng với phản ánh khác', 'It repeats another report'],
      reject: ['Không tiếp nhận', 'Do not take it up'],
    }),
    category: z
      .string()
      .max(40)
      .default('')
      .meta({
        ...label('Lĩnh vực đúng (nếu khác)', 'The right service, if it is another'),
        widget: 'service',
      }),
    publicText: z
      .string()
      .trim()
      .max(1000)
      .default('')
      .meta(label('Nội dung công khai (bỏ tên, số điện thoại)', 'Words to be public (no names, no numbers)')),
    missing: z.array(Missing).max(10).default([]).meta(label('Cần bổ sung', 'Missing')),
    into,
    reasons: note('Lý do', 'Reasons').default(''),
  })
  .refine(({ decision, publicText }) => decision !== 'accept' || publicText !== '', {
    path: ['publicText'],
    message: 'Ghi nội dung sẽ công khai · Write what will be public',
  })
  .refine(({ decision, missing }) => decision !== 'ask' || missing.length > 0, {
    path: ['missing'],
    message: 'Nêu ít nhất một mục cần bổ sung · Say what is missing',
  })
  .refine(({ decision, into: other }) => decision !== 'duplicate' || other !== '', {
    path: ['into'],
    message: 'Chọn phản ánh gốc · Choose the first report',
  })
  .refine(({ decision, reasons }) => decision !== 'reject' || reasons !== '', reasoned('reasons'));

/** To whom it goes; the city's services have proposed somebody. */
export const Dispatch = z.object({
  lead: agency.meta({
    ...agency.meta(),
    ...label('Cơ quan chủ trì (để trống: theo đề xuất)', 'Lead agency (empty: as proposed)'),
  }),
  instructions: note('Lưu ý khi chuyển', 'Instructions').default(''),
});

/** Whether the agency that was asked takes it on. */
export const Acknowledgement = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      take: ['Nhận xử lý', 'Take it on'],
      'pass-on': ['Chuyển cơ quan khác', 'Pass it on to another agency'],
      duplicate: ['Trùng với phản ánh khác', 'It repeats another report'],
    }),
    team,
    instructions: note('Chỉ dẫn cho đội', 'Instructions for the team').default(''),
    agency,
    reason: note('Lý do chuyển', 'Why it is passed on').default(''),
    into,
  })
  .refine(({ decision, agency: to }) => decision !== 'pass-on' || to !== '', {
    path: ['agency'],
    message: 'Chọn cơ quan · Choose the agency',
  })
  .refine(({ decision, reason }) => decision !== 'pass-on' || reason !== '', reasoned('reason'))
  .refine(({ decision, into: other }) => decision !== 'duplicate' || other !== '', {
    path: ['into'],
    message: 'Chọn phản ánh gốc · Choose the first report',
  });

/** Whether a team goes. */
export const CrewAnswer = z
  .object({
    decision: choice('Nhận lệnh', 'The order', {
      accept: ['Nhận', 'Accept'],
      decline: ['Không nhận được', 'Cannot go'],
    }),
    reason: note('Lý do', 'Reason').default(''),
  })
  .refine(({ decision, reason }) => decision === 'accept' || reason !== '', reasoned('reason'));

/** What a team has done, as it writes it in the field. */
export const Work = z.object({
  result: choice('Kết quả', 'Result', {
    done: ['Đã xong', 'Done'],
    'not-done': ['Chưa xong', 'Not done'],
  }),
  findings: note('Việc đã làm, hiện trạng', 'What was done and found').min(1),
  // Text: a list would need the server for each row, and teams write this where there is no network.
  materials: note('Vật tư đã dùng, mỗi dòng một loại', 'Materials used, one kind on each line').default(''),
  cost: z.int().min(0).max(2_000_000_000).optional().meta(label('Chi phí (đồng)', 'Cost in đồng')),
  papers,
});

/** What a look at one work in ten has found. */
export const Inspection = z
  .object({
    passed: z.boolean().meta(label('Đạt yêu cầu', 'The work is good')),
    comment: note('Nhận xét', 'Comment').default(''),
  })
  .refine(({ passed, comment }) => passed || comment !== '', reasoned('comment'));

/** How the matter stands, in words that will be public. */
export const Resolution = z
  .object({
    decision: choice('Kết quả xử lý', 'How it stands', {
      resolved: ['Đã xử lý xong', 'It is dealt with'],
      unresolved: ['Không xử lý được, nêu lý do', 'It cannot be dealt with, for a reason'],
      interim: ['Đang xử lý, thông báo tạm', 'It goes on: tell so in public'],
      team: ['Giao đội hiện trường', 'Send a team'],
      'pass-on': ['Chuyển cơ quan khác', 'Pass it on to another agency'],
    }),
    text: note('Nội dung trả lời công khai', 'What is answered in public').default(''),
    cause: note('Nguyên nhân', 'Cause').default(''),
    papers,
    team,
    agency,
    reason: note('Lý do chuyển', 'Why it is passed on').default(''),
  })
  .refine(({ decision, text }) => !['resolved', 'unresolved', 'interim'].includes(decision) || text !== '', {
    path: ['text'],
    message: 'Ghi nội dung trả lời · Write the answer',
  })
  .refine(({ decision, team: sent }) => decision !== 'team' || sent !== '', {
    path: ['team'],
    message: 'Chọn đội · Choose the team',
  })
  .refine(({ decision, agency: to }) => decision !== 'pass-on' || to !== '', {
    path: ['agency'],
    message: 'Chọn cơ quan · Choose the agency',
  })
  .refine(({ decision, reason }) => decision !== 'pass-on' || reason !== '', reasoned('reason'));

/** An agency that supports has heard of it. */
export const Support = z.object({
  acknowledged: z.literal(true).meta({
    ...label('Đã nhận thông tin', 'We have heard of it'),
    unused: 'whoever supports confirms that it was heard',
  }),
  comment: note('Việc phối hợp', 'What we do').default(''),
});

/** How satisfied whoever reported it is. */
export const Rating = z.object({
  score: choice('Bạn hài lòng đến mức nào?', 'How satisfied are you?', {
    '5': ['Rất hài lòng', 'Very satisfied'],
    '4': ['Hài lòng', 'Satisfied'],
    '3': ['Bình thường', 'Neither'],
    '2': ['Không hài lòng', 'Dissatisfied'],
    '1': ['Rất không hài lòng', 'Very dissatisfied'],
  }),
  comment: personal(note('Điều bạn muốn nói thêm', 'Anything to add').default('')),
});
