import type {
  AllergyIntolerance,
  Composition,
  Condition,
  FhirResource,
  MedicationStatement,
  Patient,
} from 'fhir/r4.js';
import { systems } from './codings.ts';
import { idFrom, organisationOf } from './document.ts';
import { sensitiveClassesOf } from './labels.ts';

/** What a record is made from: what its citizen said, and what registries have told. */
export interface RecordParts {
  recordId: string;
  caseCode: string;
  /** The authority that keeps it. */
  agency: { code: string; name: string };
  applicant: Applicant;
  declared: Declared;
  /** What registries have told and its citizen has not marked as wrong. */
  pulled: { id: string; resource: FhirResource }[];
  at: Date;
}

/** Who a record is about, as their application says. */
export interface Applicant {
  fullName: string;
  personalNumber: string;
  dateOfBirth: string;
  gender: 'male' | 'female';
  phone?: string;
  email?: string;
  residence?: { street: string; ward: string; province: string };
}

/** What a citizen says of their own health. */
export interface Declared {
  insuranceNumber?: string;
  bloodType?: string;
  facility?: string;
  allergies?: { substance: string; reaction?: string; severity: 'mild' | 'moderate' | 'severe' }[];
  conditions?: { icd10?: string; name: string; since?: string }[];
  medications?: { name: string; dosage?: string }[];
  emergencyContact?: { name: string; relation: string; phone: string };
}

/** A record as it is published: the patient first, the composition that summarises it last. */
export interface BuiltRecord {
  patient: Patient;
  declared: FhirResource[];
  pulled: FhirResource[];
  composition: Composition;
}

/** Builds the resources of a record; built again from the same parts they are the same. */
export function buildRecord(parts: RecordParts): BuiltRecord {
  const patient = patientOf(parts);
  const declared = declaredOf(parts);
  const kept = new Set(parts.pulled.map(({ id }) => id));
  const pulled = parts.pulled.map(({ id, resource }) => ({ ...withoutLost(resource, kept), id }));
  return { patient, declared, pulled, composition: compositionOf(parts, [...declared, ...pulled]) };
}

/** A visit that its citizen has struck out is not referred to either. */
function withoutLost(resource: FhirResource, kept: Set<string>): FhirResource {
  const lost = (reference: { reference?: string } | undefined) =>
    reference?.reference !== undefined && !kept.has(reference.reference.split('/')[1] ?? '');
  const { encounter, context, ...rest } = resource as FhirResource & {
    encounter?: { reference?: string };
    context?: { reference?: string };
  };
  return {
    ...rest,
    ...(encounter && !lost(encounter) ? { encounter } : {}),
    ...(context && !lost(context) ? { context } : {}),
  } as FhirResource;
}

function patientOf({ recordId, agency, applicant, declared }: RecordParts): Patient {
  const { residence, phone, email } = applicant;
  const { emergencyContact: contact, insuranceNumber } = declared;
  return {
    resourceType: 'Patient',
    id: recordId,
    identifier: [
      { use: 'official', system: systems.personalNumber, value: applicant.personalNumber },
      ...(insuranceNumber ? [{ system: systems.insuranceNumber, value: insuranceNumber }] : []),
    ],
    active: true,
    name: [{ use: 'official', text: applicant.fullName }],
    telecom: [
      ...(phone ? [{ system: 'phone' as const, value: phone, use: 'mobile' as const }] : []),
      ...(email ? [{ system: 'email' as const, value: email }] : []),
    ],
    gender: applicant.gender,
    birthDate: applicant.dateOfBirth,
    ...(residence
      ? {
          address: [
            {
              use: 'home' as const,
              line: [residence.street],
              district: residence.ward,
              city: residence.province,
              country: 'VN',
            },
          ],
        }
      : {}),
    ...(contact
      ? {
          contact: [
            {
              relationship: [{ text: contact.relation }],
              name: { text: contact.name },
              telecom: [{ system: 'phone' as const, value: contact.phone }],
            },
          ],
        }
      : {}),
    managingOrganization: organisationOf(agency),
  };
}

function declaredOf({ recordId, caseCode, declared, at }: RecordParts): FhirResource[] {
  const patient = { reference: `Patient/${recordId}` };
  const recordedDate = at.toISOString();
  const id = (kind: string, index: number) => idFrom(caseCode, kind, String(index));
  const allergies = (declared.allergies ?? []).map(
    ({ substance, reaction, severity }, index): AllergyIntolerance => ({
      resourceType: 'AllergyIntolerance',
      id: id('allergy', index),
      clinicalStatus: { coding: [{ system: systems.allergyStatus, code: 'active' }] },
      verificationStatus: {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-verification',
            code: 'unconfirmed',
          },
        ],
      },
      code: { text: substance },
      patient,
      recordedDate,
      asserter: patient,
      reaction: [{ manifestation: [{ text: reaction ?? 'Không rõ' }], severity }],
    }),
  );
  const conditions = (declared.conditions ?? []).map(({ icd10, name, since }, index): Condition => ({
    resourceType: 'Condition',
    id: id('condition', index),
    clinicalStatus: { coding: [{ system: systems.conditionStatus, code: 'active' }] },
    code: { ...(icd10 ? { coding: [{ system: systems.icd10, code: icd10 }] } : {}), text: name },
    subject: patient,
    ...(since ? { onsetDateTime: since } : {}),
    recordedDate,
    asserter: patient,
  }));
  const medications = (declared.medications ?? []).map(({ name, dosage }, index): MedicationStatement => ({
    resourceType: 'MedicationStatement',
    id: id('medication', index),
    status: 'active',
    medicationCodeableConcept: { text: name },
    subject: patient,
    effectiveDateTime: recordedDate,
    informationSource: patient,
    ...(dosage ? { dosage: [{ text: dosage }] } : {}),
  }));
  const blood: FhirResource[] = declared.bloodType
    ? [
        {
          resourceType: 'Observation',
          id: id('blood', 0),
          status: 'preliminary',
          code: { coding: [{ system: systems.loinc, code: '882-1' }], text: 'Nhóm máu (tự khai)' },
          subject: patient,
          performer: [patient],
          effectiveDateTime: recordedDate,
          valueString: declared.bloodType,
        },
      ]
    : [];
  return [...allergies, ...conditions, ...medications, ...blood];
}

const sections = [
  ['AllergyIntolerance', '48765-2', 'Dị ứng'],
  ['Condition', '11450-4', 'Bệnh, chẩn đoán'],
  ['MedicationStatement', '10160-0', 'Thuốc'],
  ['Immunization', '11369-6', 'Tiêm chủng'],
  ['Observation', '30954-2', 'Xét nghiệm, đo lường'],
  ['Encounter', '46240-8', 'Các lần khám'],
] as const;

/** The summary lists what is there; what is sensitive is in no summary, so that it can be shown to anybody. */
function compositionOf(
  { recordId, caseCode, agency, at }: RecordParts,
  resources: FhirResource[],
): Composition {
  const open = resources.filter((resource) => sensitiveClassesOf(resource).length === 0);
  return {
    resourceType: 'Composition',
    id: idFrom(caseCode, 'composition'),
    status: 'final',
    type: { coding: [{ system: systems.loinc, code: '60591-5' }], text: 'Bản tóm tắt hồ sơ sức khỏe' },
    subject: { reference: `Patient/${recordId}` },
    date: at.toISOString(),
    author: [organisationOf(agency)],
    title: 'Bản tóm tắt hồ sơ sức khỏe',
    custodian: organisationOf(agency),
    section: sections.flatMap(([type, code, title]) => {
      const entry = open
        .filter(({ resourceType }) => resourceType === type)
        .map(({ id = '' }) => ({ reference: `${type}/${id}` }));
      return entry.length > 0 ? [{ title, code: { coding: [{ system: systems.loinc, code }] }, entry }] : [];
    }),
  };
}
