import { z } from 'zod';
import { Address, askedWhen, choice, personal, PersonalNumber, type WrongField } from '../engine/index.ts';
import { label, name, text } from './fields.ts';
import { ethnicities } from './ethnicities.ts';

const ethnicity = z.enum(ethnicities).meta(label('Dân tộc', 'Ethnic group'));
const nationality = z
  .string()
  .regex(/^[A-Z]{2}$/, 'Mã hai chữ, ví dụ VN · A code of two letters such as VN')
  .meta(label('Quốc tịch', 'Nationality'));

/** Where somebody's family comes from; a ward in its official name. */
const Hometown = z.object({
  ward: text('Phường, xã', 'Ward', 100),
  province: text('Tỉnh, thành phố', 'Province', 100),
});

const Parent = z.object({
  fullName: name('Họ, chữ đệm, tên', 'Full name'),
  dateOfBirth: z
    .string()
    .regex(
      /^(19|20)\d{2}(-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))?$/,
      'Năm sinh hoặc ngày sinh, ví dụ 1992 hoặc 1992-08-20 · Year or day of birth, such as 1992 or 1992-08-20',
    )
    .meta(label('Ngày hoặc năm sinh', 'Day or year of birth')),
  personalNumber: PersonalNumber.optional().meta(
    label('Số định danh cá nhân', 'Personal identification number'),
  ),
  idNumber: text('Số giấy tờ tùy thân', 'Number of the identity paper', 30).optional(),
  ethnicity,
  nationality: nationality.default('VN'),
  residence: Address.meta(label('Nơi cư trú', 'Residence')),
  hometown: Hometown.optional().meta(label('Quê quán', 'Hometown')),
});

const IdentityPaper = z.object({
  type: choice('Loại giấy tờ', 'Kind of paper', {
    canCuoc: ['Thẻ căn cước', 'Identity card'],
    cccd: ['Thẻ căn cước công dân', 'Citizen identity card'],
    passport: ['Hộ chiếu', 'Passport'],
  }),
  number: text('Số', 'Number', 30),
  date: z.iso.date().optional().meta(label('Ngày cấp', 'Date of issue')),
  issuer: text('Nơi cấp', 'Issued by').optional(),
});

const Marriage = z.object({
  certificate: text('Số giấy chứng nhận kết hôn', 'Marriage certificate', 50),
  date: z.iso.date().meta(label('Ngày đăng ký', 'Date of registration')),
  place: text('Nơi đăng ký', 'Place of registration'),
});

/** What the certificate will say of the child; an officer may correct it at the requester's word. */
export const child = {
  childName: personal(name('Họ, chữ đệm, tên của trẻ', 'Name of the child')),
  childDob: personal(z.iso.date().meta(label('Ngày sinh', 'Date of birth'))),
  childGender: personal(choice('Giới tính', 'Gender', { male: ['Nam', 'Male'], female: ['Nữ', 'Female'] })),
  ethnicity: personal(ethnicity),
  nationality: personal(nationality),
  birthPlace: personal(
    z
      .object({
        place: text('Cơ sở y tế hoặc địa chỉ', 'Health facility or address'),
        ward: text('Phường, xã', 'Ward', 100),
        province: text('Tỉnh, thành phố', 'Province', 100),
      })
      .meta(label('Nơi sinh', 'Place of birth')),
  ),
  hometown: personal(Hometown.meta(label('Quê quán', 'Hometown'))),
  mother: personal(Parent.meta(label('Người mẹ', 'Mother'))),
};

export const father = personal(Parent.optional().meta(label('Người cha', 'Father')));

/** Application for the registration of a birth, after the requester's block; by itself or interlinked with others. */
export const BirthApplication = z
  .object({
    requesterPaper: personal(IdentityPaper.meta(label('Giấy tờ của người yêu cầu', 'Requester’s paper'))),
    relation: choice('Quan hệ với trẻ', 'Relation to the child', {
      father: ['Cha', 'Father'],
      mother: ['Mẹ', 'Mother'],
      grandfather: ['Ông', 'Grandfather'],
      grandmother: ['Bà', 'Grandmother'],
      relative: ['Người thân thích', 'Relative'],
      institution: ['Cơ sở nuôi dưỡng', 'Institution'],
    }),
    ...child,
    nationality: personal(nationality.default('VN')),
    birthTime: personal(z.iso.time({ precision: -1 }).optional().meta(label('Giờ sinh', 'Time of birth'))),
    hometownBy: choice('Quê quán theo', 'Hometown taken from: father, mother or custom', {
      father: ['Theo cha', 'The father’s'],
      mother: ['Theo mẹ', 'The mother’s'],
      custom: ['Theo tập quán', 'By custom'],
    }),
    hometownAgreed: z
      .boolean()
      .default(false)
      .meta(label('Cha mẹ thống nhất quê quán theo tập quán', 'The parents agree to a hometown by custom')),
    birthCertificate: personal(text('Số giấy chứng sinh', 'Number of the birth certificate', 50).optional()),
    father,
    parentsMarried: z.boolean().meta(label('Cha mẹ có đăng ký kết hôn', 'The parents are married')),
    marriage: personal(
      askedWhen(
        'parentsMarried',
        [true],
        Marriage.optional().meta(label('Giấy chứng nhận kết hôn', 'Marriage certificate')),
      ),
    ),
    lateRegistration: z
      .boolean()
      .meta(label('Đăng ký quá 60 ngày', 'Registered later than 60 days after the birth')),
    copyCount: z.int().min(0).max(20).default(0).meta(label('Số bản sao', 'Copies')),
  })
  .refine((form) => !form.parentsMarried || form.father !== undefined, {
    path: ['father'],
    message: 'Cha mẹ có kết hôn thì phải khai người cha · Married parents are both declared',
  })
  .refine(({ hometownBy, hometownAgreed }) => hometownBy !== 'custom' || hometownAgreed, {
    path: ['hometownAgreed'],
    message:
      'Quê quán theo tập quán thì cha mẹ phải thống nhất · A hometown by custom needs the parents’ agreement',
  })
  .refine((form) => form.hometownBy === 'custom' || sameHometown(form.hometown, form[form.hometownBy]), {
    path: ['hometown'],
    message: 'Quê quán phải trùng với quê quán của người được chọn · It is the hometown of the named parent',
  });

type Hometown = z.infer<typeof Hometown>;

function sameHometown(own: Hometown, parent: { hometown?: Hometown | undefined } | undefined): boolean {
  const of = parent?.hometown;
  return of !== undefined && of.ward === own.ward && of.province === own.province;
}

const daysBetween = (from: string, to: string) => (Date.parse(to) - Date.parse(from)) / 86_400_000;
const yearsBefore = (day: string, years: number) => `${Number(day.slice(0, 4)) - years}${day.slice(4)}`;

/**
 * Rules about the day of birth: not in the future, a child under 18, and registered late when more than 60 days have
 * passed (Law on Civil Status 2014, Art. 15.1).
 */
export function checkBirthday({
  day,
  answers,
}: {
  day: string;
  answers: Readonly<Record<string, unknown>>;
}): WrongField[] {
  const { childDob, lateRegistration } = answers as { childDob: string; lateRegistration: boolean };
  const wrong = (field: string, message: string) => [{ path: [field], message }];
  if (childDob > day) return wrong('childDob', 'Ngày sinh ở tương lai · The day of birth lies in the future');
  if (childDob <= yearsBefore(day, 18))
    return wrong('childDob', 'Trẻ phải dưới 18 tuổi · The child must be younger than 18');
  const late = daysBetween(childDob, day) > 60;
  if (late === lateRegistration) return [];
  return wrong(
    'lateRegistration',
    late
      ? 'Trẻ đã sinh quá 60 ngày · The birth is more than 60 days ago'
      : 'Trẻ sinh chưa quá 60 ngày · The birth is not more than 60 days ago',
  );
}
