import type {
  Condition,
  Encounter,
  FhirResource,
  Immunization,
  MedicationStatement,
  Observation,
} from 'fhir/r4.js';
import { sensitiveClasses, systems } from './codings.ts';
import { idFrom, organisationOf } from './document.ts';
import { sensitiveClassesOf } from './labels.ts';

/** A dose as the immunisation registry tells it. */
export interface Dose {
  id: string;
  vaccine: { cvx?: string | undefined; name: string };
  date: string;
  number?: number | undefined;
  lot?: string | undefined;
  facility: { code: string; name: string };
}

/** A claim of health insurance: one visit, what was found and what was given. */
export interface Claim {
  id: string;
  facility: { code: string; name: string };
  from: string;
  to: string;
  diagnoses: { icd10: string; name: string }[];
  medications: { atc?: string | undefined; name: string; dosage?: string | undefined }[];
  tests: { loinc?: string | undefined; name: string; value: number; unit: string }[];
}

/** What a registry has told, as it will be kept; its id is the same whenever the same is told again. */
export interface PulledEntry {
  sourceId: string;
  id: string;
  resource: FhirResource;
}

const coded = (system: string, code: string | undefined, text: string) => ({
  ...(code ? { coding: [{ system, code }] } : {}),
  text,
});
const patientOf = (record: string) => ({ reference: `Patient/${record}` });

/** Makes FHIR of doses. */
export const fromDoses = (record: string, doses: readonly Dose[]): PulledEntry[] =>
  doses.map((dose) => {
    const resource: Immunization = {
      resourceType: 'Immunization',
      identifier: [{ system: 'urn:motcua:vn:immunisation', value: dose.id }],
      status: 'completed',
      vaccineCode: coded(systems.cvx, dose.vaccine.cvx, dose.vaccine.name),
      patient: patientOf(record),
      occurrenceDateTime: dose.date,
      primarySource: false,
      reportOrigin: { text: 'Hệ thống thông tin tiêm chủng quốc gia' },
      ...(dose.lot ? { lotNumber: dose.lot } : {}),
      performer: [{ actor: organisationOf(dose.facility) }],
      ...(dose.number ? { protocolApplied: [{ doseNumberPositiveInt: dose.number }] } : {}),
    };
    return { sourceId: dose.id, id: idFrom(record, 'dose', dose.id), resource };
  });

/** Makes FHIR of claims: the visit, and what was found and given in it. */
export const fromClaims = (record: string, claims: readonly Claim[]): PulledEntry[] =>
  claims.flatMap((claim) => entriesOf(record, claim));

function entriesOf(record: string, claim: Claim): PulledEntry[] {
  const visit = idFrom(record, 'claim', claim.id);
  const encounter = { reference: `Encounter/${visit}` };
  const subject = patientOf(record);
  const of = (kind: string, index: number, resource: FhirResource): PulledEntry => {
    const sourceId = `${claim.id}/${kind}/${index}`;
    return { sourceId, id: idFrom(record, 'claim', sourceId), resource };
  };
  const visited: Encounter = {
    resourceType: 'Encounter',
    identifier: [{ system: 'urn:motcua:vn:claim', value: claim.id }],
    status: 'finished',
    class: {
      system: systems.actCode,
      code: claim.from === claim.to ? 'AMB' : 'IMP',
    },
    subject,
    period: { start: claim.from, end: claim.to },
    serviceProvider: organisationOf(claim.facility),
  };
  const found = [
    ...claim.diagnoses.map(({ icd10, name }, index) => {
      const resource: Condition = {
        resourceType: 'Condition',
        clinicalStatus: { coding: [{ system: systems.conditionStatus, code: 'active' }] },
        code: coded(systems.icd10, icd10, name),
        subject,
        encounter,
        recordedDate: claim.from,
      };
      return of('diagnosis', index, resource);
    }),
    ...claim.medications.map(({ atc, name, dosage }, index) => {
      const resource: MedicationStatement = {
        resourceType: 'MedicationStatement',
        status: 'unknown',
        medicationCodeableConcept: coded(systems.atc, atc, name),
        subject,
        context: encounter,
        effectiveDateTime: claim.from,
        ...(dosage ? { dosage: [{ text: dosage }] } : {}),
      };
      return of('medication', index, resource);
    }),
    ...claim.tests.map(({ loinc, name, value, unit }, index) => {
      const resource: Observation = {
        resourceType: 'Observation',
        status: 'final',
        category: [
          {
            coding: [
              {
                system: 'http://terminology.hl7.org/CodeSystem/observation-category',
                code: 'laboratory',
              },
            ],
          },
        ],
        code: coded(systems.loinc, loinc, name),
        subject,
        encounter,
        effectiveDateTime: claim.from,
        valueQuantity: { value, unit },
      };
      return of('test', index, resource);
    }),
  ];
  return [{ sourceId: claim.id, id: visit, resource: asSensitiveAs(visited, found) }, ...found];
}

/** A visit says as much as what was found in it: it bears the same labels. */
function asSensitiveAs(visit: Encounter, found: readonly PulledEntry[]): Encounter {
  const classes = new Set(found.flatMap(({ resource }) => sensitiveClassesOf(resource)));
  if (classes.size === 0) return visit;
  const security = [...classes].map((name) => ({
    system: systems.actCode,
    code: sensitiveClasses[name].label,
  }));
  return { ...visit, meta: { security } };
}
