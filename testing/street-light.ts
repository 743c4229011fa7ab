import { z } from 'zod';
import { personal, type Procedure } from '../workflows/engine/index.ts';

/** The facts of a tiny procedure for tests: somebody reports a street light that is out, and it is repaired. */
export const streetLight: Procedure = {
  code: '9.000001',
  title: { vi: 'Báo hỏng đèn đường', en: 'Report a street light' },
  effectiveFrom: '2025-01-01',
  legalBasis: ['Quy định thử nghiệm'],
  application: z.object({
    pole: z.string().min(1).max(20),
    'seen/at': z.iso.date().optional(),
    witnesses: personal(z.array(z.object({ fullName: z.string().min(1) })).default([])),
  }),
  papers: {
    photo: { title: { vi: 'Ảnh', en: 'Photo' }, required: true },
    sketch: { title: { vi: 'Sơ đồ', en: 'Sketch' }, required: false },
  },
  names: {},
  limit: '3wd',
  tasks: {
    repair: {
      title: { vi: 'Sửa đèn', en: 'Repair the light' },
      by: 'specialist',
      form: z.object({
        repaired: z.boolean(),
        parts: z.array(z.object({ name: z.string().min(1) })).default([]),
      }),
      due: '3wd',
    },
  },
  documents: {
    report: {
      title: { vi: 'Biên bản', en: 'Report' },
      template: 'report',
      register: 'BB',
      signedBy: 'repair',
    },
  },
};

/** Who reports it: answers of the applicant's block that are right. */
export const applicant = {
  fullName: 'Nguyễn Văn An',
  personalNumber: '077090990001',
  dateOfBirth: '1990-05-17',
  gender: 'male',
  residence: { street: '1 Lê Lợi', ward: 'Phường Vũng Tàu', province: 'Thành phố Hồ Chí Minh' },
  phone: '0901234567',
};

/** A smallest real PDF, JPEG and PNG, by their first bytes. */
export const files = {
  pdf: Buffer.from('%PDF-1.7\n%âãÏÓ\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n', 'latin1'),
  jpeg: Buffer.from('ffd8ffe000104a46494600010100000100010000ffd9', 'hex'),
  png: Buffer.from(
    '89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c626001000000ffff03000006000557bfabd40000000049454e44ae426082',
    'hex',
  ),
};
