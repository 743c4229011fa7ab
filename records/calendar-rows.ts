import { z } from 'zod';

/** The code of an agency. */
export const agencyCode = z.string().regex(/^[A-Z]\d{2}(\.\d{2,3}){0,3}$/, 'an agency code such as H29.16');

/** A part of a day, `07:30-11:30`; ends of spans may be `24:00`. */
export const Span = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/, '07:30-11:30')
  .refine((span) => span.slice(0, 5) < span.slice(6), '07:30-11:30')
  .meta({ example: '07:30-11:30' });

const spans = z
  .array(Span)
  .max(8)
  .refine(
    (all) => all.every((span, index) => index === 0 || span.slice(0, 5) >= all[index - 1]!.slice(6)),
    'Các khoảng giờ phải theo thứ tự và không chồng nhau · Spans must be in order and must not overlap',
  )
  .readonly()
  .optional();
const week = z.strictObject({
  mon: spans,
  tue: spans,
  wed: spans,
  thu: spans,
  fri: spans,
  sat: spans,
  sun: spans,
});

/** Working hours of a week, by weekday; at least one has some. */
export const WorkingWeek = week.refine(
  (days) => Object.values(days).some((hours) => hours !== undefined && hours.length > 0),
  'Phải có ít nhất một ngày làm việc · There must be at least one working day',
);

/** When files are taken although nobody works by the clock, by weekday. */
export const IntakeWeek = week;

/** Why a day differs from its weekday. */
export const DayKind = z.enum([
  'holiday',
  'compensatory-off',
  'swapped-off',
  'swapped-working',
  'emergency-closing',
]);

/** Office hours of an agency, or of all (`''`), that hold from a day on. */
export const Hours = z.object({
  agency: z.union([agencyCode, z.literal('')]).default(''),
  validFrom: z.iso.date(),
  work: WorkingWeek,
  intake: IntakeWeek.default({}),
  legalBasis: z.string().default(''),
});
export type Hours = z.infer<typeof Hours>;

/** A day that differs, for an agency and those below it, or for all (`''`). */
export const Day = z.object({
  agency: z.union([agencyCode, z.literal('')]).default(''),
  day: z.iso.date(),
  kind: DayKind,
  name: z.string().min(1),
  closed: Span.optional(),
  legalBasis: z.string().default(''),
});
export type Day = z.infer<typeof Day>;

/** Office hours and differing days of an agency and of those above it, as the legal clock takes them. */
export interface CalendarRows {
  hours: readonly (Omit<Hours, 'agency' | 'legalBasis'> & { distance: number })[];
  days: readonly { day: string; kind: Day['kind']; name: string; closed: string | null }[];
}
