import { z } from 'zod';

/** A text in the two languages of every page and paper. */
export interface Text {
  vi: string;
  en: string;
}

/** A text in both languages, as admins read it. */
export const both = (text: Text) => `${text.vi} · ${text.en}`;

declare const personalMark: unique symbol;
/** A schema whose value is about a person and therefore never enters Temporal. */
export type Personal<S extends z.ZodType> = S & { readonly [personalMark]: true };

/**
 * Marks a field of an application as personal data: it is kept in PostgreSQL, and the story does not see it.
 *
 * @example coOwners: personal(z.array(Person))
 */
export function personal<S extends z.ZodType>(schema: S): Personal<S> {
  return schema.meta({ ...schema.meta(), personal: true }) as unknown as Personal<S>;
}

/** The shape of a form without its personal fields. */
export type WithoutPersonal<Shape extends z.ZodRawShape> = {
  [K in keyof Shape as Shape[K] extends { readonly [personalMark]: true } ? never : K]: z.infer<Shape[K]>;
};

/** Lists the fields of a form that are personal. */
export const personalFields = (form: z.ZodObject): string[] =>
  Object.entries(form.shape).flatMap(([name, field]) =>
    (field as z.ZodType).meta()?.['personal'] ? [name] : [],
  );

/** Takes the personal fields out of the answers, for what travels through Temporal. */
export function withoutPersonal<Shape extends z.ZodRawShape>(
  form: z.ZodObject<Shape>,
  answers: Record<string, unknown>,
): WithoutPersonal<Shape> {
  const personal = personalFields(form);
  const visible = Object.keys(form.shape).filter((name) => name in answers && !personal.includes(name));
  return Object.fromEntries(visible.map((name) => [name, answers[name]])) as WithoutPersonal<Shape>;
}

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });

/** Codes with the Vietnamese and the English name of each. */
type Named = Readonly<Record<string, readonly [vi: string, en: string]>>;

/**
 * One of several codes, each with the name that people choose it by.
 *
 * @example choice('Đề xuất', 'Proposal', { grant: ['Cấp', 'Grant'], refuse: ['Từ chối', 'Refuse'] })
 */
export function choice<const Codes extends Named>(vi: string, en: string, codes: Codes) {
  const choices = Object.fromEntries(
    Object.entries(codes).map(([code, [vi, en]]) => [code, { vi, en } satisfies Text]),
  );
  const names = Object.keys(codes) as (keyof Codes & string)[];
  return z.enum(names).meta({ ...label(vi, en), choices });
}

/** Marks a question that is asked only where another one of the same form was answered so; elsewhere it has no answer. */
export function askedWhen<S extends z.ZodType>(field: string, is: readonly unknown[], schema: S): S {
  return schema.meta({ ...schema.meta(), askedWhen: { field, is } });
}

/** A place on the map: degrees of latitude and longitude (WGS 84), within Vietnam and its waters. */
export const GeoPoint = z
  .object({
    lat: z.number().min(6).max(24).meta(label('Vĩ độ', 'Latitude')),
    lng: z.number().min(101).max(118).meta(label('Kinh độ', 'Longitude')),
  })
  .meta({ widget: 'point' });

/** A place of residence or building; the ward is an official place name, as places merge and are renamed. */
export const Address = z.object({
  street: z.string().trim().min(1).max(200).meta(label('Số nhà, đường', 'House number and street')),
  ward: z.string().trim().min(1).max(100).meta(label('Phường, xã', 'Ward')),
  province: z.string().trim().min(1).max(100).meta(label('Tỉnh, thành phố', 'Province')),
});

/** A Vietnamese personal identification number: 12 digits, no check digit. */
export const PersonalNumber = z.string().regex(/^\d{12}$/, 'Nhập đủ 12 chữ số · Enter 12 digits');

/** Who applies: the block that every application form begins with. Always personal, never in Temporal. */
export const Applicant = z.object({
  fullName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .meta({ ...label('Họ và tên', 'Full name'), autocomplete: 'name' }),
  personalNumber: PersonalNumber.meta(label('Số định danh cá nhân', 'Personal identification number')),
  dateOfBirth: z.iso.date().meta({ ...label('Ngày sinh', 'Date of birth'), autocomplete: 'bday' }),
  gender: choice('Giới tính', 'Gender', { male: ['Nam', 'Male'], female: ['Nữ', 'Female'] }),
  nationality: z
    .string()
    .regex(/^[A-Z]{2}$/)
    .default('VN')
    .meta(label('Quốc tịch', 'Nationality')),
  residence: Address.meta(label('Nơi cư trú', 'Residence')),
  phone: z
    .string()
    .regex(
      /^0(3[2-9]|5[25689]|7[06-9]|8[1-9]|9[0-46-9])\d{7}$/,
      'Số di động Việt Nam · A Vietnamese mobile number',
    )
    .meta({ ...label('Điện thoại', 'Phone'), autocomplete: 'tel' }),
  email: z
    .email()
    .optional()
    .meta({ ...label('Thư điện tử', 'E-mail'), autocomplete: 'email' }),
  onBehalf: choice('Tư cách nộp', 'Files as', {
    self: ['Chính mình', 'Myself'],
    authorised: ['Người được ủy quyền', 'Authorised representative'],
    legalRepresentative: ['Người đại diện theo pháp luật', 'Legal representative'],
    guardian: ['Người giám hộ', 'Guardian'],
  }).default('self'),
  receiveBy: choice('Nhận kết quả', 'Receives the result', {
    online: ['Trực tuyến', 'Online'],
    oneStop: ['Tại Bộ phận Một cửa', 'At the one-stop office'],
    post: ['Qua bưu chính', 'By post'],
  }).default('online'),
  postAddress: askedWhen(
    'receiveBy',
    ['post'],
    Address.optional().meta(label('Địa chỉ nhận', 'Postal address')),
  ),
  eStore: z.boolean().default(true).meta(label('Lưu kho dữ liệu điện tử', 'Keep in the electronic store')),
});
export type Applicant = z.infer<typeof Applicant>;

/** Who reports something and need not say who they are: every answer may be left out. */
export const Reporter = z.object({
  fullName: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .meta({ ...label('Họ và tên', 'Full name'), autocomplete: 'name' }),
  phone: Applicant.shape.phone.optional().meta({ ...label('Điện thoại', 'Phone'), autocomplete: 'tel' }),
  email: Applicant.shape.email,
  hideName: z
    .boolean()
    .default(false)
    .meta(
      label(
        'Chỉ trung tâm tiếp nhận biết tên và liên hệ',
        'Only the receiving centre knows name and contact',
      ),
    ),
});

/** The block of who files that the applications of a procedure begin with. */
export const applicantBlock = ({ applicant }: { applicant?: 'agency' | 'anybody' }): z.ZodObject =>
  applicant === 'anybody' ? Reporter : Applicant;

/** A paper handed in with an application or a supplement: its kind and the id of an upload. */
export const PaperReference = z.object({ kind: z.string().min(1), upload: z.uuid() });

const unwrapped = (field: z.ZodType): z.ZodType =>
  field instanceof z.ZodOptional || field instanceof z.ZodDefault
    ? unwrapped(field.unwrap() as z.ZodType)
    : field;

/** Lists the fields of a form by JSON Pointer with their titles, nested forms included. */
export function fieldNames(form: z.ZodObject, at = ''): Record<string, Text> {
  const names: Record<string, Text> = {};
  for (const [name, field] of Object.entries(form.shape) as [string, z.ZodType][]) {
    const inner = unwrapped(field);
    const { title, 'title.en': english } = {
      title: name,
      'title.en': name,
      ...inner.meta(),
      ...field.meta(),
    };
    const pointer = `${at}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    names[pointer] = { vi: String(title), en: String(english) };
    if (inner instanceof z.ZodObject) Object.assign(names, fieldNames(inner, pointer));
  }
  return names;
}

/** An entry of what a task was told (`entries` of its context), chosen by its id: pages offer them by name. */
export const toldEntry = (vi: string, en: string) =>
  z
    .string()
    .min(1)
    .max(100)
    .meta({ ...label(vi, en), widget: 'entry' });

/** Finds what an answer names by a widget (an entry, an agency), in its lists and beside them, with the JSON Pointer of each. */
export function namedIn(
  form: z.ZodObject,
  answer: unknown,
  widget: 'entry' | 'agency',
  at = '',
): { pointer: string; value: string }[] {
  const values = (answer ?? {}) as Record<string, unknown>;
  return Object.entries(form.shape as Record<string, z.ZodType>).flatMap(([name, field]) => {
    const [inner, value, pointer] = [unwrapped(field), values[name], `${at}/${name}`];
    if ((inner.meta() ?? field.meta())?.['widget'] === widget)
      return typeof value === 'string' ? [{ pointer, value }] : [];
    if (!(inner instanceof z.ZodArray) || !(inner.element instanceof z.ZodObject)) return [];
    const row = inner.element;
    return (Array.isArray(value) ? value : []).flatMap((each, index) =>
      namedIn(row, each, widget, `${pointer}/${index}`),
    );
  });
}
