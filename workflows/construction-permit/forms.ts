import { z } from 'zod';
import { Address, choice, GeoPoint, personal, PersonalNumber } from '../engine/index.ts';
import { Missing } from '../forms/missing.ts';

const label = (vi: string, en: string) => ({ title: vi, 'title.en': en });
const metres = (vi: string, en: string, max = 1000) => z.number().min(0).max(max).meta(label(vi, en));
const whole = (vi: string, en: string, min: number, max: number) =>
  z.int().min(min).max(max).meta(label(vi, en));
const yesNo = (vi: string, en: string) => z.boolean().meta(label(vi, en));
const words = (vi: string, en: string) => z.string().trim().max(2000).meta(label(vi, en));

const Parcel = z.object({
  sheet: whole('Tờ bản đồ số', 'Map sheet', 1, 999),
  number: whole('Thửa đất số', 'Parcel number', 1, 9999),
  areaM2: z.number().positive().max(1_000_000).meta(label('Diện tích (m²)', 'Area (m²)')),
  landUse: choice('Loại đất', 'Land use', {
    ODT: ['Đất ở tại đô thị (ODT)', 'Urban residential land (ODT)'],
    ONT: ['Đất ở tại nông thôn (ONT)', 'Rural residential land (ONT)'],
  }),
  certificate: z
    .string()
    .regex(/^[A-Z]{2} ?\d{6,8}$/, 'Hai chữ cái và 6 đến 8 chữ số · Two letters and 6 to 8 digits')
    .meta(label('Số giấy chứng nhận', 'Land certificate')),
});

const Designer = z.object({
  name: z.string().trim().min(1).max(200).meta(label('Tên', 'Name')),
  certificate: z.string().trim().min(1).max(50).meta(label('Số chứng chỉ', 'Certificate number')),
  validTo: z.iso.date().meta(label('Có giá trị đến', 'Valid until')),
});

/** Application for a house construction permit (đơn Mẫu 01), after the applicant's block. */
export const Application = z
  .object({
    coOwners: personal(
      z
        .array(
          z.object({
            fullName: z.string().trim().min(1).max(100).meta(label('Họ và tên', 'Full name')),
            personalNumber: PersonalNumber.meta(label('Số định danh cá nhân', 'Personal number')),
          }),
        )
        .max(20)
        .default([])
        .meta(label('Đồng chủ đầu tư', 'Co-owners')),
    ),
    parcel: Parcel.meta(label('Thửa đất', 'Parcel')),
    houseAddress: personal(Address.meta(label('Địa điểm xây dựng', 'Place of construction'))),
    site: personal(GeoPoint.optional().meta(label('Vị trí trên bản đồ', 'Place on the map'))).meta({
      unused: 'shown to officers on the map of the case',
    }),
    buildType: choice('Loại hình', 'Kind of work', {
      new: ['Xây dựng mới', 'New building'],
      repair: ['Sửa chữa, cải tạo', 'Repair or renovation'],
      move: ['Di dời', 'Relocation'],
      temporary: ['Có thời hạn', 'Temporary building'],
    }),
    grade: choice('Cấp công trình', 'Grade of the building', {
      III: ['Cấp III', 'Grade III'],
      IV: ['Cấp IV', 'Grade IV'],
    }),
    floorsAbove: whole('Số tầng nổi', 'Floors above ground', 1, 60),
    floorsBasement: whole('Số tầng hầm', 'Basement floors', 0, 5),
    hasAttic: yesNo('Tầng lửng', 'Mezzanine'),
    hasRoofHouse: yesNo('Tum', 'Roof house'),
    hasTechnicalFloor: yesNo('Tầng kỹ thuật', 'Technical floor'),
    groundFloorElevationM: z
      .number()
      .min(-5)
      .max(20)
      .meta(label('Cốt nền tầng 1 (m)', 'Ground floor level (m)')),
    heightM: metres('Chiều cao (m)', 'Height (m)', 200),
    groundFloorAreaM2: metres('Diện tích tầng 1 (m²)', 'Ground floor area (m²)', 100_000),
    totalFloorAreaM2: metres('Tổng diện tích sàn (m²)', 'Total floor area (m²)', 1_000_000),
    densityPercent: z.number().min(0).max(100).meta(label('Mật độ xây dựng (%)', 'Site coverage (%)')),
    floorAreaRatio: z.number().min(0).max(50).meta(label('Hệ số sử dụng đất', 'Floor area ratio')),
    setbackFrontM: metres('Khoảng lùi trước (m)', 'Front setback (m)'),
    setbackSideM: metres('Khoảng lùi bên (m)', 'Side setback (m)'),
    setbackRearM: metres('Khoảng lùi sau (m)', 'Rear setback (m)'),
    redLine: words('Chỉ giới đường đỏ', 'Red line'),
    buildingLine: words('Chỉ giới xây dựng', 'Building line'),
    designer: personal(Designer.optional().meta(label('Người thiết kế', 'Designer'))),
    contractor: personal(words('Nhà thầu', 'Contractor').optional()),
    startWithinMonths: z
      .int()
      .min(1)
      .max(12)
      .default(12)
      .meta(label('Khởi công trong (tháng)', 'Starts within (months)')),
    fireSafetyRequired: yesNo('Thuộc diện thẩm duyệt PCCC', 'Needs fire-safety approval').meta({
      unused: 'the applicant declares it; the paper fireApproval proves it',
    }),
    adjacentSafety: z
      .literal(
        true,
        'Phải cam kết an toàn công trình liền kề · The safety of adjacent buildings must be committed to',
      )
      .meta(label('Cam kết an toàn công trình liền kề', 'Commitment to the safety of adjacent buildings'))
      .meta({ unused: 'a commitment: an application without it is not filed' }),
  })
  .refine((form) => form.groundFloorAreaM2 <= form.totalFloorAreaM2, {
    path: ['totalFloorAreaM2'],
    message: 'Tổng diện tích sàn không nhỏ hơn tầng 1 · The total is not less than the ground floor',
  })
  .refine((form) => Math.abs(form.totalFloorAreaM2 / form.parcel.areaM2 - form.floorAreaRatio) <= 0.05, {
    path: ['floorAreaRatio'],
    message:
      'Hệ số sử dụng đất là tổng sàn chia diện tích thửa · The ratio is total floor area by parcel area',
  });

/** The application, page by page. */
export const pages = [
  { title: { vi: 'Thửa đất', en: 'The parcel' }, fields: ['parcel', 'houseAddress', 'site'] },
  { title: { vi: 'Chủ đầu tư', en: 'The owners' }, fields: ['coOwners'] },
  {
    title: { vi: 'Công trình', en: 'The building' },
    fields: [
      'buildType',
      'grade',
      'floorsAbove',
      'floorsBasement',
      'hasAttic',
      'hasRoofHouse',
      'hasTechnicalFloor',
      'startWithinMonths',
    ],
  },
  {
    title: { vi: 'Kích thước', en: 'Its measures' },
    fields: [
      'groundFloorElevationM',
      'heightM',
      'groundFloorAreaM2',
      'totalFloorAreaM2',
      'densityPercent',
      'floorAreaRatio',
    ],
  },
  {
    title: { vi: 'Khoảng lùi, chỉ giới', en: 'Setbacks and lines' },
    fields: ['setbackFrontM', 'setbackSideM', 'setbackRearM', 'redLine', 'buildingLine'],
  },
  {
    title: { vi: 'Thiết kế, thi công, an toàn', en: 'Design, construction, safety' },
    fields: ['designer', 'contractor', 'fireSafetyRequired', 'adjacentSafety'],
  },
] as const;

/** Agencies that may be asked when information is incomplete or inconsistent (NĐ 217/2026). */
export const consultations = {
  land: { vi: 'Lấy ý kiến cơ quan đất đai', en: 'Consult the land office' },
  power: { vi: 'Lấy ý kiến đơn vị điện lực', en: 'Consult the power company' },
  water: { vi: 'Lấy ý kiến đơn vị cấp nước', en: 'Consult the water company' },
  culture: { vi: 'Lấy ý kiến cơ quan văn hóa', en: 'Consult the culture department' },
  fire: { vi: 'Lấy ý kiến cơ quan PCCC', en: 'Consult the fire service' },
} as const;

const reasoned = (field: string) => ({
  path: [field],
  message: 'Phải nêu rõ lý do · The reasons must be given',
});

/** What reception decides; whoever is refused is told why (Decree 118/2025 Art. 19.3). */
export const Acceptance = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      accept: ['Tiếp nhận', 'Accept'],
      reject: ['Từ chối tiếp nhận', 'Do not accept'],
    }),
    reasons: words('Lý do', 'Reasons').default(''),
  })
  .refine(({ decision, reasons }) => decision === 'accept' || reasons !== '', reasoned('reasons'));

export const Appraisal = z.object({
  conclusion: choice('Kết luận', 'Conclusion', {
    eligible: ['Đủ điều kiện', 'Eligible'],
    'not-eligible': ['Không đủ điều kiện', 'Not eligible'],
  }),
  reasons: words('Nhận xét', 'Findings').default(''),
  missing: z.array(Missing).max(30).default([]).meta(label('Cần bổ sung', 'Missing')),
  consult: z
    .array(
      choice('Cơ quan', 'Agency', {
        land: ['Cơ quan đất đai', 'Land office'],
        power: ['Đơn vị điện lực', 'Power company'],
        water: ['Đơn vị cấp nước', 'Water company'],
        culture: ['Cơ quan văn hóa', 'Culture department'],
        fire: ['Cơ quan PCCC', 'Fire service'],
      }),
    )
    .max(5)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'Mỗi cơ quan một lần · Each agency once')
    .default([])
    .meta(label('Cần lấy ý kiến', 'Agencies to consult')),
});

/** The proposal; a refusal gives its grounds (Decree 118/2025 Art. 19.3). */
export const Draft = z
  .object({
    outcome: choice('Đề xuất', 'Proposal', { grant: ['Cấp', 'Grant'], refuse: ['Từ chối', 'Refuse'] }),
    reasons: words('Căn cứ, lý do', 'Grounds').default(''),
    conditions: words('Điều kiện kèm theo', 'Conditions').default(''),
  })
  .refine(({ outcome, reasons }) => outcome === 'grant' || reasons !== '', reasoned('reasons'));

/** What a superior says to a draft; who sends it back says what is to be changed. */
export const Review = z
  .object({
    decision: choice('Quyết định', 'Decision', {
      approve: ['Đồng ý', 'Approve'],
      return: ['Trả lại để sửa', 'Send back'],
    }),
    comment: words('Ý kiến', 'Comment').default(''),
  })
  .refine(({ decision, comment }) => decision === 'approve' || comment !== '', reasoned('comment'));

export const Registration = z.object({
  registered: z
    .literal(true)
    .meta(label('Vào sổ và đóng dấu', 'Enter in the register and seal'))
    .meta({ unused: 'the clerk confirms that it was done' }),
});
