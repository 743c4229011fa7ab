import type { Questions } from './questions.ts';

/** The systems that are asked, by the name under which admins see them and switch them off. */
export const connectors = {
  residents: { vi: 'Cơ sở dữ liệu quốc gia về dân cư', en: 'Resident registry' },
  land: { vi: 'Cơ quan đăng ký đất đai', en: 'Land registry' },
  planning: { vi: 'Cơ quan quy hoạch', en: 'Planning authority' },
  consultations: { vi: 'Cơ quan được lấy ý kiến', en: 'Consulted agency' },
  treasury: { vi: 'Kho bạc Nhà nước', en: 'State treasury' },
  births: {
    vi: 'Hệ thống giấy chứng sinh điện tử của Bộ Y tế',
    en: 'Electronic birth certificates, Ministry of Health',
  },
  civilStatus: { vi: 'Cơ sở dữ liệu hộ tịch điện tử', en: 'Civil-status records' },
  residence: { vi: 'Cơ sở dữ liệu về cư trú', en: 'Residence system' },
  socialInsurance: { vi: 'Bảo hiểm xã hội Việt Nam', en: 'Social insurance' },
  immunisations: { vi: 'Hệ thống thông tin tiêm chủng quốc gia', en: 'National immunisation registry' },
  insuranceClaims: { vi: 'Giám định bảo hiểm y tế', en: 'Health-insurance claims' },
  education: { vi: 'Cơ sở dữ liệu ngành giáo dục', en: 'Education registry' },
} as const;
export type Connector = keyof typeof connectors;

/** Which system answers which question; the others are answered by our own records. */
export const connectorOf: Readonly<Partial<Record<keyof Questions, Connector>>> = {
  identity: 'residents',
  parcel: 'land',
  planning: 'planning',
  opinion: 'consultations',
  payment: 'treasury',
  cancelPayment: 'treasury',
  birth: 'births',
  marriage: 'civilStatus',
  personalNumber: 'residents',
  householdConsent: 'residence',
  healthCard: 'socialInsurance',
  vaccinations: 'immunisations',
  insuranceClaims: 'insuranceClaims',
  recordHandOver: 'residents',
  registeredHome: 'residents',
  schooling: 'education',
  classLists: 'education',
};

const receiving = { vi: 'Cơ quan tiếp nhận', en: 'Receiving agency' };

/** Whose wait it is when a question is not answered. */
export function askedAgency(question: keyof Questions): { vi: string; en: string } {
  const connector = connectorOf[question];
  return connector ? connectors[connector] : receiving;
}

/**
 * What a story is told when an admin lets it go on without an answer: nothing is confirmed, and whoever decides looks at the papers. A
 * question that hands work over to a system has none, as nobody would do that work.
 */
export const standIns: { readonly [Q in keyof Questions]?: Questions[Q]['answer'] } = {
  identity: { match: false, mismatches: [], unanswered: true },
  parcel: { found: false, unanswered: true },
  planning: { zone: null, checks: [], unanswered: true },
  // Its officers answer the task by themselves, as those of an agency without a system.
  opinion: { asked: false },
  birth: { certificate: 'none', mismatches: [], motherAgeUnusual: false, unanswered: true },
  marriage: { known: false, unanswered: true },
  vaccinations: { entries: 0, unanswered: true },
  insuranceClaims: { entries: 0, unanswered: true },
  registeredHome: { match: false, mismatches: [], unanswered: true },
  schooling: { preschool: false, enrolled: false, sibling: null, unanswered: true },
};

/** An admin has switched a connector off: nobody is asked until it is on again. */
export class ConnectorOff extends Error {
  readonly reason: { vi: string; en: string };
  /** When it goes on by itself. */
  readonly until: Date | undefined;

  constructor(connector: Connector, why: string, until: Date | undefined) {
    super(`${connector} is switched off`);
    this.name = 'ConnectorOff';
    this.reason = { vi: `đang tạm ngừng kết nối: ${why}`, en: `is switched off: ${why}` };
    this.until = until;
  }
}
