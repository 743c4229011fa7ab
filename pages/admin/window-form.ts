import { z } from 'zod';
import type { Language } from '../../api/language.ts';
import { titled } from '../../api/schemas.ts';
import { NewWindow, WhyChanged } from '../../api/windows.ts';
import type { FilingWindow } from '../../records/filing-state.ts';
import { filledFrom, type Filled } from '../form/answers.ts';
import { fieldsOf } from '../form/fields.ts';

const Day = z.iso.date().meta(titled('Ngày', 'Day'));
const timeOf = (preset: string) =>
  z
    .string()
    .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'Giờ theo dạng 08:00 · A time such as 08:00')
    .default(preset)
    .meta({ ...titled('Giờ', 'Time'), format: 'time' });
const From = z.strictObject({ day: Day, time: timeOf('08:00') }).meta(titled('Từ', 'From'));
const To = z.strictObject({ day: Day, time: timeOf('17:00') }).meta(titled('Đến', 'Until'));
export const MaybeTo = z
  .strictObject({ day: Day.optional(), time: timeOf('17:00') })
  .meta(titled('Đến (để trống ngày: đến khi có người mở lại)', 'Until (without a day: until it is ended)'));
const counterToo = z.boolean().default(false).meta(titled('Áp dụng cả tại quầy', 'It binds the counter too'));
const { vi, en } = NewWindow.shape.message.unwrap().unwrap().shape;
const Agency = z
  .string()
  .optional()
  .meta({ ...titled('Chỉ một cơ quan', 'Only one agency'), widget: 'agency' });
const Procedure = z
  .string()
  .min(1)
  .meta({ ...titled('Thủ tục', 'Procedure'), widget: 'procedure' });

const opening = {
  from: From,
  to: To,
  cap: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .meta(titled('Nhận nhiều nhất (số hồ sơ)', 'Takes at most (applications)')),
  prepareBefore: z
    .boolean()
    .default(true)
    .meta(titled('Cho chuẩn bị hồ sơ trước khi mở', 'May be prepared before it opens')),
  counterToo,
  reason: WhyChanged,
};
const closing = {
  from: From,
  to: MaybeTo,
  message: z
    .strictObject({
      vi: vi.meta(titled('Tiếng Việt', 'In Vietnamese')),
      en: en.meta(titled('Tiếng Anh', 'In English')),
    })
    .meta(titled('Lời nhắn cho người dân', 'What people are told')),
  counterToo,
  reason: WhyChanged,
};
const schemas = {
  opening: z.strictObject(opening),
  closing: z.strictObject(closing),
  'new-opening': z.strictObject({ procedureCode: Procedure, agency: Agency, ...opening }),
  'new-closing': z.strictObject({ procedureCode: Procedure.optional(), agency: Agency, ...closing }),
};

/** Which form of a window: a new one also asks what it is for. */
export type FormKind = keyof typeof schemas;

/** The form with its questions. */
export const formOf = (kind: FormKind) => ({ schema: schemas[kind], fields: fieldsOf(schemas[kind], '') });

/** What was filled in as the API takes it: instants instead of local days and times. */
export function givenIn(filled: z.output<(typeof schemas)[FormKind]>): Record<string, unknown> {
  return {
    procedureCode: null,
    agency: null,
    ...filled,
    from: instantOf(filled.from),
    to: instantOf(filled.to),
  };
}

/** An instant of Vietnam, which keeps +07:00 all year. */
export const instantOf = ({ day, time }: { day?: string | undefined; time: string }) =>
  day === undefined ? null : `${day}T${time}:00+07:00`;

/** A window as it would have been filled in. */
export function filledFromWindow({ kind, from, to, cap, ...window }: FilingWindow): Filled {
  const parts = { from: local(from), to: to === null ? {} : local(to) };
  return filledFrom(formOf(kind).fields, { ...window, ...parts, ...(cap === null ? {} : { cap }) });
}

function local(instant: string): { day: string; time: string } {
  const there = new Date(Date.parse(instant) + 7 * 3_600_000).toISOString();
  return { day: there.slice(0, 10), time: there.slice(11, 16) };
}

/** What the history calls the facts of a window. */
export const windowTitles = {
  from: { vi: 'Từ', en: 'From' },
  to: { vi: 'Đến', en: 'Until' },
  cap: { vi: 'Nhận nhiều nhất', en: 'Takes at most' },
  prepareBefore: { vi: 'Cho chuẩn bị trước', en: 'May be prepared before' },
  counterToo: { vi: 'Cả tại quầy', en: 'The counter too' },
  message: { vi: 'Lời nhắn', en: 'What people are told' },
};

/** How the history tells a fact of a window. */
export const tellFact =
  (language: Language) =>
  (name: string, value: unknown): string => {
    if (value === null || value === undefined) return '';
    if (typeof value === 'boolean')
      return value ? (language === 'vi' ? 'có' : 'yes') : language === 'vi' ? 'không' : 'no';
    if (name === 'message') return (value as { vi: string; en: string })[language];
    if (typeof value !== 'string') return JSON.stringify(value);
    const { day, time } = local(value);
    return `${time} ${day.split('-').reverse().join('/')}`;
  };
