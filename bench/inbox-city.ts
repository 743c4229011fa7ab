import pg from 'pg';

/** The agency that has a tenth of everything. */
export const largest = 'H29.100';
const agencies = 168;
/** How many officers of a role an agency has; their subjects are `<agency>.<role>.<number>`. */
const officersOfARole = 12;

/**
 * Fills an empty database with a city: a fifth of the cases is open, with one task of an officer each; half of these have
 * a task of the applicant too. Names are as frequent as in Vietnam, agencies as different in size as wards are.
 */
export async function buildCity(databaseUrl: string, cases: number): Promise<void> {
  const builder = new pg.Client({ connectionString: databaseUrl });
  await builder.connect();
  // Neither foreign keys nor triggers: what they would check and fill in is made right here, in one go.
  await builder.query('SET session_replication_role = replica');
  const numbers: Record<string, number> = { cases, agencies, officersOfARole };
  for (const statement of statements)
    await builder.query(
      statement.replaceAll(/:(\w+)\b/g, (name, key: string) => String(numbers[key] ?? name)),
    );
  for (const table of ['cases', 'tasks', 'case_record', 'people', 'delegations'])
    await builder.query(`VACUUM (ANALYZE) ${table}`);
  await builder.end();
}

const roles = `(ARRAY['reception','specialist','specialist','specialist','specialist','head','leader','clerk','consulted','specialist'])`;
const names = /* sql */ `
  (ARRAY['Nguyễn','Nguyễn','Nguyễn','Nguyễn','Trần','Lê','Phạm','Huỳnh','Võ','Đặng'])[1 + n / 5 % 10] || ' ' ||
  (ARRAY['Văn','Thị','Minh','Đức','Quốc','Thanh','Ngọc'])[1 + n % 7] || ' ' ||
  (ARRAY['An','Bình','Châu','Dũng','Đạt','Giang','Hạnh','Khoa','Lan','Mỹ','Phượng','Quỳnh','Sơn','Thảo','Ước','Yến','Đỗ',
         'Hoàng','Tuyết'])[1 + n % 19] || CASE WHEN n % 4985 = 0 THEN ' Xuyến' ELSE '' END`;
const area = /* sql */ `
  (ARRAY['đường Lê Lợi','đường Trần Phú','đường Hoàng Hoa Thám','đường Nguyễn An Ninh','đường Ba Cu','đường Thùy Vân'])[1 + n / 5 % 6]
  || ', Phường ' || n / 5 % 300`;
const procedures = `(ARRAY['constructionPermit','birthRegistration','linkedBirth','childResidence','childHealthCard'])`;

const statements = [
  /* sql */ `
  INSERT INTO agencies (code, kind, parent, name, place, abbreviation)
  SELECT 'H29.' || n, 'ward', 'H29', jsonb_build_object('vi', 'Phường ' || n, 'en', 'Ward ' || n), 'Phường ' || n, 'UBND'
    FROM generate_series(100, 99 + CAST(:agencies AS int)) n`,
  /* sql */ `
  INSERT INTO people (sub, name, roles, agency, title, seen_at)
  SELECT 'H29.' || a || '.' || role || '.' || n, 'Công chức ' || n, ARRAY[role], 'H29.' || a, NULL, now()
    FROM generate_series(100, 99 + CAST(:agencies AS int)) a, generate_series(1, CAST(:officersOfARole AS int)) n,
         unnest(ARRAY['reception','specialist','head','leader','clerk','consulted']) role`,
  /* sql */ `
  INSERT INTO delegations (id, principal_sub, substitute_sub, agency, roles, procedures, from_at, to_at, created_at, created_by)
  SELECT gen_random_uuid(), a || '.head.2', a || '.specialist.2', a, ARRAY['head'], NULL,
         now() - interval '1 day', now() + interval '5 days', now(), '{}'
    FROM (SELECT 'H29.' || n AS a FROM generate_series(100, 99 + CAST(:agencies AS int)) n) each_agency`,
  /* sql */ `
  INSERT INTO cases (code, procedure, procedure_code, agency, applicant_sub, applicant, answers, area, state, filed_at,
                     accepted_at, due_at, clock, closed_at, outcome, run_id, record_length)
  SELECT agency || '-' || to_char(filed_at, 'YYMMDD') || '-' || lpad(n::text, 7, '0'), ${procedures}[1 + n / 5 % 5], '1.013225',
         agency, 'citizen:' || n % (:cases / 3 + 1),
         jsonb_build_object('fullName', ${names}, 'personalNumber', lpad(n::text, 12, '0'), 'phone', '0901234567',
                            'residence', jsonb_build_object('street', n || ' Lê Lợi', 'ward', agency)),
         jsonb_build_object('houseAddress', jsonb_build_object('street', n || ' Lê Lợi'), 'floorsAbove', 3),
         ${area}, CASE WHEN n % 5 = 0 THEN 4 ELSE 10 END, filed_at, filed_at, filed_at + interval '10 days',
         'running', CASE WHEN n % 5 = 0 THEN NULL ELSE filed_at + interval '7 days' END,
         CASE WHEN n % 5 = 0 THEN NULL ELSE 'granted' END, 'run', 1
    FROM (SELECT n, now() - CASE WHEN n % 5 = 0 THEN interval '9 days' ELSE interval '700 days' END * random() AS filed_at,
                 -- A tenth lies at one agency; the rest thins out from the second to the last.
                 'H29.' || (100 + CASE WHEN random() < 0.1 THEN 0
                                       ELSE 1 + floor((CAST(:agencies AS int) - 1) * power(random(), 1.5)) END)::int AS agency
            FROM generate_series(1, CAST(:cases AS int)) n) filed`,
  /* sql */ `
  INSERT INTO tasks (id, case_code, name, number, role, agency, context, state, opened_at, due_at, claimed_by, claimed_name,
                     claimed_at, viewed_at, edition, area, sought, closed_at, closed_by)
  SELECT gen_random_uuid(), code, 'appraisal', 1, role, agency, '{}', CASE WHEN open THEN 'open' ELSE 'done' END,
         filed_at, CASE WHEN n % 50 > 0 THEN filed_at + interval '10 days' END, claimer, claimer,
         CASE WHEN claimer IS NOT NULL THEN filed_at END, CASE WHEN n % 4 > 0 THEN filed_at END, procedure, folded(area),
         CASE WHEN open THEN concat(' ', folded(applicant->>'fullName'), ' ', lower(regexp_replace(code, '[.-]', '', 'g')),
                                    ' ', replace(substring(code FROM position('-' IN code)), '-', '')) END,
         CASE WHEN NOT open THEN closed_at END, CASE WHEN NOT open THEN jsonb_build_object('sub', officer, 'name', officer) END
    FROM (SELECT *, agency || '.' || role || '.' || 1 + (n / 7) % CAST(:officersOfARole AS int) AS officer,
                 CASE WHEN open AND n % 3 = 0 THEN agency || '.' || role || '.' || 1 + (n / 7) % CAST(:officersOfARole AS int)
                 END AS claimer
            FROM (SELECT *, closed_at IS NULL AS open, ${roles}[1 + n % 10] AS role
                    FROM (SELECT *, abs(hashtext(code)) AS n FROM cases) numbered) roled) opened`,
  /* sql */ `
  INSERT INTO tasks (id, case_code, name, number, role, context, state, opened_at, edition)
  SELECT gen_random_uuid(), code, 'withdraw', 1, 'citizen', '{}', 'open', filed_at, procedure
    FROM cases WHERE closed_at IS NULL AND abs(hashtext(code)) % 2 = 0`,
  /* sql */ `
  INSERT INTO case_record (case_code, number, at, actor, event, details, reference, hash)
  SELECT code, 1, filed_at, '{"sub":"an","roles":["citizen"]}', 'filed', '{}', 'act:1', '' FROM cases`,
];
