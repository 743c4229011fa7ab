import { z } from 'zod';
import { choice, GeoArea, GeoPoint, type Round } from '../engine/index.ts';
import { label, note, text } from '../forms/fields.ts';

/** A minute of the day where the ward is. */
const moment = (vi: string, en: string) =>
  z
    .string()
    .regex(
      /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d$/,
      'Ví dụ 2027-06-01T07:30 · For example 2027-06-01T07:30',
    )
    .refine((minute) => !Number.isNaN(Date.parse(`${minute}:00+07:00`)), {
      message: 'Không có ngày này · There is no such day',
    })
    .meta({ ...label(vi, en), widget: 'moment' });

const RoundForm = z.object({
  opens: moment('Nhận đăng ký từ', 'Applications from'),
  closes: moment('Nhận đăng ký đến', 'Applications until'),
  checkedBy: moment('Xác minh xong trước', 'Verified by'),
  confirmBy: moment('Xác nhận nhập học trước', 'Places confirmed by'),
  appealBy: moment('Nhận khiếu nại đến', 'Appeals until'),
  givenOnUntil: moment('Gọi danh sách chờ đến', 'Free places given on until'),
});
type RoundForm = z.infer<typeof RoundForm>;

/** The plan of a campaign, without its schools. */
export const Plan = z.object({
  name: text('Tên đợt tuyển sinh', 'Name of the campaign', 150),
  schoolYear: z
    .string()
    .regex(/^\d{4}-\d{4}$/, 'Ví dụ 2027-2028 · For example 2027-2028')
    .meta(label('Năm học', 'School year')),
  rounds: z
    .array(RoundForm)
    .min(1)
    .max(3)
    .meta(label('Các vòng: vòng chính và vòng bổ sung', 'Rounds: the main and the supplementary ones')),
});

/** The ward's wall clock as an instant. */
const instant = (minute: string) => new Date(`${minute}:00+07:00`).toISOString();

/** The rounds of a plan. */
export const roundsOf = (answers: Readonly<Record<string, unknown>>): Round[] =>
  (answers['rounds'] as RoundForm[]).map((round) => ({
    opens: instant(round.opens),
    closes: instant(round.closes),
    checkedBy: instant(round.checkedBy),
    confirmBy: instant(round.confirmBy),
    appealBy: instant(round.appealBy),
    givenOnUntil: instant(round.givenOnUntil),
  }));

/** The most pupils that a class of a primary school may have (Circular 15/2026/TT-BGDĐT). */
export const mostPerClass = 35;

const Neighbourhood = z.object({ name: text('Khu phố, ấp', 'Neighbourhood', 60) });

/** A school of a campaign: its places, and who belongs to it. */
export const School = z.object({
  name: text('Tên trường', 'Name of the school', 150),
  address: text('Địa chỉ', 'Address'),
  point: GeoPoint.meta(label('Vị trí trường', 'Where it is')),
  classes: z.int().min(1).max(20).meta(label('Số lớp 1', 'Classes of grade 1')),
  perClass: z
    .int()
    .min(1)
    .max(mostPerClass, `Sĩ số không quá ${mostPerClass} · At most ${mostPerClass} in a class`)
    .meta(label('Sĩ số mỗi lớp', 'Children in a class')),
  neighbourhoods: z
    .array(Neighbourhood)
    .max(60)
    .default([])
    .meta(label('Tuyến theo khu phố', 'Catchment by neighbourhoods')),
  area: GeoArea.optional().meta(label('Tuyến trên bản đồ', 'Catchment on the map')),
  programmes: note('Loại hình lớp, ghi chú', 'Kinds of classes, notes').default(''),
});
export type School = z.infer<typeof School>;

export const Ready = z.object({
  ready: z.literal(true).meta({
    ...label('Kế hoạch đã đủ trường, chỉ tiêu và tuyến', 'The plan is complete'),
    unused: 'It is what the officer vouches for.',
  }),
});

const reasoned = (decision: unknown, comment: string) => decision === 'approve' || comment !== '';
const because = { path: ['comment'], message: 'Ghi rõ lý do · Say why' };

export const PlanApproval = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      approve: ['Phê duyệt và công bố', 'Approve and announce'],
      return: ['Trả lại để sửa', 'Send back'],
      cancel: ['Không tổ chức đợt này', 'Do not hold it'],
    }),
    comment: note('Ý kiến', 'Comment').default(''),
  })
  .refine(({ decision, comment }) => reasoned(decision, comment), because);

export const Approval = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      approve: ['Đồng ý với kết quả xét', 'Approve the allocation'],
      return: ['Xét lại', 'Allocate again'],
    }),
    comment: note('Ý kiến', 'Comment').default(''),
  })
  .refine(({ decision, comment }) => reasoned(decision, comment), because);

export const Handed = z.object({
  handedOver: z
    .literal(true)
    .meta(label('Đã kiểm tra, bàn giao danh sách lớp', 'Checked, to be handed over')),
});

export const Conclusion = z.object({
  approved: z.literal(true).meta(label('Đồng ý kết thúc đợt', 'The campaign may end')),
  remarks: note('Nhận xét', 'Remarks').default(''),
});
