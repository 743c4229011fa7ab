import pg from 'pg';

/** The hospital to which every third patient has consented, and a small clinic with twenty patients. */
export const hospital = 'H29.61';
export const clinic = 'H29.62';
/** Gives the personal number of a patient of the city, from 1 on. */
export const personalNumber = (patient: number): string => String(patient).padStart(12, '0');
export const resourcesOfEach = 20;

/**
 * Fills a database with health records of twenty resources each, one of them sensitive, a version of each, and consents: every third
 * patient's for the hospital, every second of those for laboratory only; ten accesses of each.
 */
export async function buildRecords(databaseUrl: string, patients: number): Promise<void> {
  const builder = new pg.Client({ connectionString: databaseUrl });
  await builder.connect();
  // No foreign keys: the cases that have opened the records are not measured.
  await builder.query('SET session_replication_role = replica');
  for (const statement of statements)
    await builder.query(statement.replaceAll(':patients', String(patients)));
  for (const table of [
    'health_records',
    'fhir_resources',
    'fhir_versions',
    'health_consents',
    'health_accesses',
  ])
    await builder.query(`VACUUM (ANALYZE) ${table}`);
  await builder.end();
}

const record = `md5('record' || n)::uuid`;
const idOf = `CASE WHEN k = 0 THEN ${record} ELSE md5(n || '/' || k)::uuid END`;
/** A patient, a summary, and of the others four, three, eight, two and two, one a diagnosis that is sensitive. */
const type = `(ARRAY['Patient','Composition','AllergyIntolerance','Condition','Condition','Condition','Condition',
  'Immunization','Immunization','Immunization','Observation','Observation','Observation','Observation','Observation',
  'Observation','Observation','Observation','MedicationStatement','Encounter'])[1 + k]`;
const day = `timestamptz '2024-01-01' + (n * 7 + k * 37) % 1000 * interval '1 day'`;

const statements = [
  /* sql */ `
  INSERT INTO health_records (id, case_code, personal_number, citizen_sub, state, opened_at)
  SELECT ${record}, 'case-' || n, lpad(n::text, 12, '0'), 'citizen:' || n, 'open', now() - interval '300 days'
    FROM generate_series(1, :patients) n`,
  /* sql */ `
  INSERT INTO fhir_resources (type, id, record_id, version, updated_at, data_class, sensitive, identifiers, from_at, to_at, resource)
  SELECT type, id, record_id, 1, at,
         CASE WHEN type IN ('Patient', 'Composition') THEN NULL WHEN type = 'Observation' THEN 'laboratory'
              WHEN type = 'MedicationStatement' THEN 'medication' ELSE 'summary' END,
         CASE WHEN k = 3 THEN ARRAY['mentalHealth'] ELSE ARRAY[]::text[] END,
         CASE WHEN k = 0 THEN ARRAY['urn:oid:personal|' || lpad(n::text, 12, '0')] ELSE ARRAY[]::text[] END,
         at, at + interval '1 day',
         jsonb_build_object('resourceType', type, 'id', id, 'meta', jsonb_build_object('versionId', '1', 'lastUpdated', at),
           'status', 'final', 'code', jsonb_build_object('text', 'Glucose máu', 'coding', jsonb_build_array(
             jsonb_build_object('system', 'http://loinc.org', 'code', '2345-7'))),
           'subject', jsonb_build_object('reference', 'Patient/' || record_id),
           'effectiveDateTime', at, 'valueQuantity', jsonb_build_object('value', 5.1, 'unit', 'mmol/L'))
    FROM (SELECT n, k, ${type} AS type, ${idOf} AS id, ${record} AS record_id, ${day} AS at
            FROM generate_series(1, :patients) n, generate_series(0, ${resourcesOfEach - 1}) k) each_resource`,
  /* sql */ `
  INSERT INTO fhir_versions (type, id, version, record_id, updated_at, sensitive, author, provenance, resource)
  SELECT type, id, 1, record_id, updated_at, sensitive, '{"kind": "registry", "name": "BHYT"}', gen_random_uuid(), resource
    FROM fhir_resources`,
  /* sql */ `
  INSERT INTO health_consents (id, version, case_code, record_id, recipient, purpose, classes, sensitive, valid_from, valid_to,
                               state, granted_at)
  SELECT gen_random_uuid(), 1, 'consent-' || n, ${record}, CASE WHEN n % 3 = 0 THEN '${hospital}' ELSE '${clinic}' END, 'treatment',
         CASE WHEN n % 6 = 0 THEN ARRAY['laboratory'] ELSE ARRAY['summary', 'laboratory', 'medication'] END, '{}',
         current_date - 100, current_date + 1000, 'active', now() - interval '100 days'
    FROM generate_series(1, :patients) n WHERE n % 3 = 0 OR n <= 30`,
  /* sql */ `
  INSERT INTO health_accesses (id, at, record_ids, actor, purpose, ground, action, type, found)
  SELECT gen_random_uuid(), now() - random() * interval '100 days', ARRAY[${record}],
         '{"sub": "hospital", "name": "Hospital", "agency": "${hospital}"}', 'treatment', 'consent', 'search', 'Observation', 8
    FROM generate_series(1, :patients) n, generate_series(1, 10) k`,
];
