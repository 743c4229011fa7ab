import type { FhirResource, Patient, Composition } from 'fhir/r4.js';
import { buildRecord, type Applicant, type BuiltRecord, type Declared } from '../fhir/record.ts';
import type { CaseFile } from '../records/case-file.ts';
import type { Database } from '../records/db.ts';
import { pulledFor, recordOfCase } from '../records/health-records.ts';

/** What a citizen answered about their own health, with what they marked as wrong. */
type Answers = Declared & { wrong?: { entry: string }[] };

/** A record as it is: kept, or as it would be published now. */
export interface RecordNow {
  patient: Patient;
  resources: FhirResource[];
  composition: Composition;
}

/** Builds the record that a case is to publish, from its file and from what registries have told. */
export async function recordToPublish(
  db: Database,
  file: CaseFile,
  id: string,
  at: Date,
): Promise<BuiltRecord> {
  const { wrong = [], ...declared } = file.answers as Answers;
  const struck = new Set(wrong.map(({ entry }) => entry));
  const pulled = (await pulledFor(db, file.code)).filter((entry) => !struck.has(entry.id));
  const agency = { code: file.agency.code, name: file.agency.name.vi };
  const applicant = file.applicant as unknown as Applicant;
  return buildRecord({ recordId: id, caseCode: file.code, agency, applicant, declared, pulled, at });
}

/** Gives a record as it is kept; before it is published, as it would be. */
export async function builtRecord(db: Database, file: CaseFile, at: Date): Promise<RecordNow> {
  const record = await recordOfCase(db, file.code);
  if (!record) throw new Error(`${file.code} has opened no health record`);
  if (record.state === 'draft') {
    const { patient, declared, pulled, composition } = await recordToPublish(db, file, record.id, at);
    return { patient, resources: [...declared, ...pulled], composition };
  }
  const rows = await db('fhir_resources')
    .where({ record_id: record.id })
    .whereNotNull('resource')
    .orderBy(['type', 'from_at', 'id'])
    .select<{ resource: FhirResource }[]>('resource');
  const kept = rows.map(({ resource }) => resource);
  const of = <Type extends FhirResource['resourceType']>(type: Type) =>
    kept.find((each): each is Extract<FhirResource, { resourceType: Type }> => each.resourceType === type)!;
  return {
    patient: of('Patient'),
    composition: of('Composition'),
    resources: kept.filter(
      ({ resourceType }) => resourceType !== 'Patient' && resourceType !== 'Composition',
    ),
  };
}
