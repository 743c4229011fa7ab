import type { NewProcedure } from './scaffold.ts';

const document = '0b0f5a52-6f7e-4c0e-9d3a-2f1f6f0c1a01';

/** The data of an invented case: shows what the decision's template may use and renders its preview. */
export function sampleDocument({ title, code }: NewProcedure): Record<string, unknown> {
  return {
    case: {
      code: 'H29.16-261122-0001',
      filedAt: '2026-11-23T01:30:00.000Z',
      acceptedAt: '2026-11-23T03:05:00.000Z',
      dueAt: '2026-11-27T10:00:00.000Z',
      limit: '03 ngày làm việc',
      procedureTitle: title.vi,
      procedureCode: code,
    },
    agency: {
      code: 'H29.16',
      name: 'Ủy ban nhân dân phường Vũng Tàu',
      place: 'Phường Vũng Tàu',
      parentName: 'Ủy ban nhân dân Thành phố Hồ Chí Minh',
      phone: '02543000016',
    },
    applicant: {
      fullName: 'Nguyễn Văn An',
      personalNumber: '077090990001',
      dateOfBirth: '1990-05-12',
      gender: 'male',
      address: { street: '12 đường Hoàng Diệu', ward: 'phường Vũng Tàu', province: 'Thành phố Hồ Chí Minh' },
      phone: '0912345678',
      email: 'an@example.vn',
      receiveBy: 'online',
    },
    answers: { request: 'Đề nghị giải quyết theo quy định.' },
    document: {
      id: document,
      number: '01/QĐ-UBND',
      date: '2026-11-26T02:20:00.000Z',
      verifyUrl: `https://motcua.example.vn/verify/${document}`,
    },
    signatory: { name: 'Vũ Thanh Sơn', title: 'Chủ tịch' },
    seal: { agencyName: 'Ủy ban nhân dân phường Vũng Tàu' },
    data: { legalBasis: [], draft: { outcome: 'grant', reasons: 'Hồ sơ đủ điều kiện.' } },
  };
}
