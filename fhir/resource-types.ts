/** How a resource type may be used; the routes and the CapabilityStatement are made from it. */
export interface Interactions {
  /** Who may bring about what is in it: health workers by writing, or only this system. */
  writtenBy: 'clinicians' | 'system';
  /** The element that says when it happened or was recorded, which `date` searches; none where nothing has a date. */
  date?: string;
  /** The search parameter that FHIR itself has for that date, where it is not called `date`. */
  dateName?: string;
  /** Where the canonical definition of its search parameter for a date is. */
  dateDefinition?: string;
  /** Where it names the patient; a Patient is one. */
  patient?: 'patient' | 'subject' | 'entity' | 'target';
  /** The class of data by which consents name it; null where any consent will do, or where only its citizen reads it. */
  dataClass: 'summary' | 'laboratory' | 'medication' | null;
  /** Seen by the citizen alone. */
  ownOnly?: true;
}

const clinicalDate = 'http://hl7.org/fhir/SearchParameter/clinical-date';

/** The types of FHIR R4 that `/fhir` serves. */
export const interactions = {
  Patient: { writtenBy: 'system', dataClass: null },
  AllergyIntolerance: {
    writtenBy: 'clinicians',
    date: 'recordedDate',
    dateDefinition: clinicalDate,
    patient: 'patient',
    dataClass: 'summary',
  },
  Condition: {
    writtenBy: 'clinicians',
    date: 'recordedDate',
    dateName: 'recorded-date',
    dateDefinition: 'http://hl7.org/fhir/SearchParameter/Condition-recorded-date',
    patient: 'subject',
    dataClass: 'summary',
  },
  Observation: {
    writtenBy: 'clinicians',
    date: 'effective',
    dateDefinition: clinicalDate,
    patient: 'subject',
    dataClass: 'laboratory',
  },
  Immunization: {
    writtenBy: 'clinicians',
    date: 'occurrence',
    dateDefinition: clinicalDate,
    patient: 'patient',
    dataClass: 'summary',
  },
  MedicationStatement: {
    writtenBy: 'clinicians',
    date: 'effective',
    dateName: 'effective',
    dateDefinition: 'http://hl7.org/fhir/SearchParameter/MedicationStatement-effective',
    patient: 'subject',
    dataClass: 'medication',
  },
  Encounter: {
    writtenBy: 'clinicians',
    date: 'period',
    dateDefinition: clinicalDate,
    patient: 'subject',
    dataClass: 'summary',
  },
  Composition: {
    writtenBy: 'system',
    date: 'date',
    dateDefinition: clinicalDate,
    patient: 'subject',
    dataClass: 'summary',
  },
  Consent: {
    writtenBy: 'system',
    date: 'dateTime',
    dateDefinition: clinicalDate,
    patient: 'patient',
    dataClass: null,
  },
  Provenance: {
    writtenBy: 'system',
    date: 'recorded',
    dateName: 'recorded',
    dateDefinition: 'http://hl7.org/fhir/SearchParameter/Provenance-recorded',
    patient: 'target',
    dataClass: null,
  },
  AuditEvent: {
    writtenBy: 'system',
    date: 'recorded',
    dateDefinition: 'http://hl7.org/fhir/SearchParameter/AuditEvent-date',
    patient: 'entity',
    dataClass: null,
    ownOnly: true,
  },
} as const satisfies Record<string, Interactions>;

export type ResourceType = keyof typeof interactions;

/** The types that are kept as they were written; consents, provenances and audit events are told from rows of their own. */
export const storedTypes = [
  'Patient',
  'AllergyIntolerance',
  'Condition',
  'Observation',
  'Immunization',
  'MedicationStatement',
  'Encounter',
  'Composition',
] as const satisfies ResourceType[];
export type StoredType = (typeof storedTypes)[number];

/** Whether `/fhir` serves a type of that name. */
export const isServed = (type: string): type is ResourceType => Object.hasOwn(interactions, type);

/** Whether a type is kept as it was written. */
export const isStored = (type: string): type is StoredType => storedTypes.some((each) => each === type);
