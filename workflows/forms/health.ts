import { z } from 'zod';
import { choice, personal, toldEntry } from '../engine/index.ts';
import { label } from './fields.ts';

/** Where fields are used that no story, template or officer sees. */
const inRecord = 'it is in the record, and gathered from there into its summary';

const text = (most: number) => z.string().trim().min(1).max(most);

/** A code of ICD-10, where somebody knows it. */
const icd10 = z
  .string()
  .regex(/^[A-Z]\d{2}(\.\d{1,2})?$/, 'Ví dụ I10 hoặc E11.9 · For example I10 or E11.9')
  .optional()
  .meta(label('Mã bệnh ICD-10', 'ICD-10 code'));

/** What citizens say of their own health when they look at what registries have told; all of it is about people. */
export const ownWords = {
  wrong: personal(
    z
      .array(
        z.object({
          entry: toldEntry('Mục sai', 'What is wrong'),
          reason: text(500).meta(label('Sai ở đâu', 'Why')),
        }),
      )
      .max(100)
      .default([])
      .meta(label('Thông tin sai, không đưa vào hồ sơ', 'What is wrong and stays out')),
  ),
  allergies: personal(
    z
      .array(
        z.object({
          substance: text(200).meta(label('Dị ứng với', 'Allergic to')),
          reaction: text(200).optional().meta(label('Biểu hiện', 'Reaction')),
          severity: choice('Mức độ', 'Severity', {
            mild: ['Nhẹ', 'Mild'],
            moderate: ['Vừa', 'Moderate'],
            severe: ['Nặng', 'Severe'],
          }),
        }),
      )
      .max(30)
      .default([])
      .meta({ ...label('Dị ứng', 'Allergies'), unused: inRecord }),
  ),
  conditions: personal(
    z
      .array(
        z.object({
          name: text(200).meta(label('Tên bệnh', 'Condition')),
          icd10,
          since: z.iso.date().optional().meta(label('Từ ngày', 'Since')),
        }),
      )
      .max(30)
      .default([])
      .meta({ ...label('Bệnh mạn tính', 'Chronic conditions'), unused: inRecord }),
  ),
  medications: personal(
    z
      .array(
        z.object({
          name: text(200).meta(label('Tên thuốc', 'Medicine')),
          dosage: text(200).optional().meta(label('Cách dùng', 'Dosage')),
        }),
      )
      .max(50)
      .default([])
      .meta({ ...label('Thuốc đang dùng', 'Medication'), unused: inRecord }),
  ),
  emergencyContact: personal(
    z
      .object({
        name: text(100).meta(label('Họ và tên', 'Name')),
        relation: text(50).meta(label('Quan hệ', 'Relation')),
        phone: z
          .string()
          .regex(/^0\d{9}$/, 'Số điện thoại 10 chữ số · A phone number of 10 digits')
          .meta(label('Điện thoại', 'Phone')),
      })
      .optional()
      .meta({ ...label('Người liên hệ khi khẩn cấp', 'Whom to call in an emergency'), unused: inRecord }),
  ),
};

/** Classes of data that a consent may cover; none where nobody has chosen any. */
export const anyClasses = z
  .array(
    choice('Loại dữ liệu', 'Class of data', {
      summary: [
        'Tóm tắt, tiền sử, dị ứng, tiêm chủng, lần khám',
        'Summary, history, allergies, vaccines, visits',
      ],
      laboratory: ['Xét nghiệm, đo lường', 'Laboratory and measurements'],
      imaging: ['Chẩn đoán hình ảnh', 'Imaging'],
      medication: ['Thuốc', 'Medication'],
    }),
  )
  .max(4)
  .default([]);

/** Classes of data that a consent covers. */
export const classes = anyClasses.unwrap().min(1, 'Chọn ít nhất một · Choose at least one');

/** Classes that nobody sees unless a consent names them. */
export const sensitive = z
  .array(
    choice('Dữ liệu nhạy cảm', 'Sensitive data', {
      mentalHealth: ['Sức khỏe tâm thần', 'Mental health'],
      hiv: ['HIV/AIDS', 'HIV/AIDS'],
    }),
  )
  .max(2)
  .default([]);
