import type { Coding } from 'fhir/r4.js';

/** Code systems and namespaces that resources here refer to. */
export const systems = {
  /** The national personal number; no address for it is published yet, so this one is ours. */
  personalNumber: 'urn:motcua:vn:personal-number',
  insuranceNumber: 'urn:motcua:vn:health-insurance-number',
  /** Codes of the organisational tree: facilities, insurers, authorities. */
  agency: 'urn:motcua:vn:agency',
  /** Purposes for which FHIR has no code. */
  purpose: 'urn:motcua:purpose',
  /** Classes of data that a consent names. */
  dataClass: 'urn:motcua:data-class',
  icd10: 'http://hl7.org/fhir/sid/icd-10',
  cvx: 'http://hl7.org/fhir/sid/cvx',
  atc: 'http://www.whocc.no/atc',
  loinc: 'http://loinc.org',
  actCode: 'http://terminology.hl7.org/CodeSystem/v3-ActCode',
  purposeOfUse: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
  /** How certain what is in a record is. */
  conditionStatus: 'http://terminology.hl7.org/CodeSystem/condition-clinical',
  allergyStatus: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical',
} as const;

type Text = { vi: string; en: string };

/** Classes of data by which a citizen says what a consent covers. */
export const dataClasses = {
  summary: {
    vi: 'Tóm tắt, tiền sử, dị ứng, tiêm chủng, lần khám',
    en: 'Summary, history, allergies, immunisations, visits',
  },
  laboratory: { vi: 'Xét nghiệm, đo lường', en: 'Laboratory and measurements' },
  imaging: { vi: 'Chẩn đoán hình ảnh', en: 'Imaging' },
  medication: { vi: 'Thuốc', en: 'Medication' },
} as const satisfies Record<string, Text>;
export type DataClass = keyof typeof dataClasses;

/** Classes that a consent must name besides, with the label that such data bear (HL7 v3 ActCode). */
export const sensitiveClasses = {
  mentalHealth: { vi: 'Sức khỏe tâm thần', en: 'Mental health', label: 'PSY' },
  hiv: { vi: 'HIV/AIDS', en: 'HIV/AIDS', label: 'HIV' },
} as const satisfies Record<string, Text & { label: string }>;
export type SensitiveClass = keyof typeof sensitiveClasses;

/** What data are wanted for, with the code that says so in FHIR. */
export const purposes = {
  treatment: { vi: 'khám bệnh, chữa bệnh', en: 'treatment', code: 'TREAT' },
  emergency: { vi: 'cấp cứu', en: 'emergency treatment', code: 'ETREAT' },
  research: { vi: 'nghiên cứu', en: 'research', code: 'HRESCH' },
  insurance: { vi: 'bảo hiểm', en: 'insurance', code: 'COVERAGE' },
  education: { vi: 'giáo dục', en: 'education', code: 'education' },
  employment: { vi: 'tuyển dụng', en: 'employment', code: 'employment' },
} as const satisfies Record<string, Text & { code: string }>;
export type Purpose = keyof typeof purposes;

/** A purpose as a FHIR coding; those of schools and employers have none in FHIR. */
export const purposeCoding = (purpose: Purpose): Coding => ({
  system: purpose === 'education' || purpose === 'employment' ? systems.purpose : systems.purposeOfUse,
  code: purposes[purpose].code,
});

/** Finds a purpose by its name here or its code in FHIR. */
export const purposeCalled = (said: string): Purpose | undefined =>
  (Object.keys(purposes) as Purpose[]).find((name) => name === said || purposes[name].code === said);
