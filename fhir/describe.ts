import type { CodeableConcept, FhirResource, Period, Quantity } from 'fhir/r4.js';

type Text = { vi: string; en: string };

/** A resource in plain words: what kind of thing it is, and what it says. */
export interface Described {
  kind: Text;
  text: Text;
}

const named = {
  AllergyIntolerance: { vi: 'Dị ứng', en: 'Allergy' },
  Condition: { vi: 'Bệnh, chẩn đoán', en: 'Condition' },
  MedicationStatement: { vi: 'Thuốc', en: 'Medication' },
  Immunization: { vi: 'Tiêm chủng', en: 'Immunisation' },
  Observation: { vi: 'Xét nghiệm, đo lường', en: 'Measurement' },
  Encounter: { vi: 'Lần khám', en: 'Visit' },
} as const satisfies Record<string, Text>;

/** The kinds of entries in the order in which pages and papers tell of a record. */
export const kinds = Object.keys(named) as (keyof typeof named)[];

/** Names a kind of resource in plain words. */
export const kindCalled = (type: string): Text =>
  (named as Readonly<Record<string, Text>>)[type] ?? { vi: type, en: type };

const nameOf = ({ text, coding = [] }: CodeableConcept = {}) =>
  text ?? coding[0]?.display ?? coding[0]?.code ?? '';
const codeOf = ({ coding = [] }: CodeableConcept = {}) => coding[0]?.code ?? '';
const dayOf = (date: string | undefined) => date?.slice(0, 10).split('-').reverse().join('/') ?? '';
const periodOf = ({ start, end }: Period = {}) =>
  [...new Set([dayOf(start), dayOf(end)])].filter((day) => day !== '').join(' – ');
const quantityOf = ({ value, unit }: Quantity = {}) =>
  value === undefined ? '' : `${String(value).replace('.', ',')}${unit ? ` ${unit}` : ''}`;
const joined = (...parts: string[]) => parts.filter((part) => part !== '').join(', ');
const alike = (text: string): Text => ({ vi: text, en: text });

const severities: Readonly<Record<string, Text>> = {
  mild: { vi: 'nhẹ', en: 'mild' },
  moderate: { vi: 'vừa', en: 'moderate' },
  severe: { vi: 'nặng', en: 'severe' },
};

/** Tells what a resource says, as citizens and doctors read it in a list. */
export function describe(resource: FhirResource): Described {
  return { kind: kindCalled(resource.resourceType), text: textOf(resource) };
}

function textOf(resource: FhirResource): Text {
  switch (resource.resourceType) {
    case 'AllergyIntolerance': {
      const [reaction] = resource.reaction ?? [];
      const how = nameOf(reaction?.manifestation[0]);
      const severity = severities[reaction?.severity ?? ''];
      return {
        vi: joined(nameOf(resource.code), how, severity?.vi ?? ''),
        en: joined(nameOf(resource.code), how, severity?.en ?? ''),
      };
    }
    case 'Condition': {
      const code = codeOf(resource.code);
      return alike(
        joined(
          `${nameOf(resource.code)}${code ? ` (${code})` : ''}`,
          dayOf(resource.onsetDateTime ?? resource.recordedDate),
        ),
      );
    }
    case 'Observation':
      return alike(
        joined(
          `${nameOf(resource.code)}: ${quantityOf(resource.valueQuantity) || (resource.valueString ?? '')}`,
          dayOf(resource.effectiveDateTime),
        ),
      );
    case 'Immunization': {
      const dose = resource.protocolApplied?.[0]?.doseNumberPositiveInt;
      const facts = [nameOf(resource.vaccineCode), dayOf(resource.occurrenceDateTime)] as const;
      return {
        vi: joined(...facts, dose ? `mũi ${dose}` : ''),
        en: joined(...facts, dose ? `dose ${dose}` : ''),
      };
    }
    case 'MedicationStatement':
      return alike(
        joined(
          nameOf(resource.medicationCodeableConcept),
          resource.dosage?.[0]?.text ?? '',
          dayOf(resource.effectiveDateTime) || periodOf(resource.effectivePeriod),
        ),
      );
    case 'Encounter':
      return alike(joined(resource.serviceProvider?.display ?? '', periodOf(resource.period)));
    default:
      return alike(resource.resourceType);
  }
}
