import type { NamedAgency } from './city.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

/** That agencies receive the applications of a procedure, and no others do. */
export interface Competence {
  procedureCode: string;
  agencies: string[];
}

/** Makes the given competences those of their procedures; other procedures keep theirs. */
export async function setCompetences(trx: Transaction, competences: readonly Competence[]): Promise<void> {
  const codes = competences.map(({ procedureCode }) => procedureCode);
  await trx('competences').whereIn('procedure_code', codes).delete();
  const rows = competences.flatMap(({ procedureCode, agencies }) =>
    agencies.map((agency) => ({ procedure_code: procedureCode, agency })),
  );
  if (rows.length > 0) await trx('competences').insert(rows);
}

/** Says of an agency `a` that it receives applications of a procedure `p`; services only answer other agencies. */
const isCompetent = /* sql */ `
  CASE WHEN EXISTS (SELECT FROM competences WHERE procedure_code = p.code)
       THEN EXISTS (SELECT FROM competences c WHERE c.procedure_code = p.code AND c.agency = a.code)
       ELSE a.kind NOT IN ('service', 'team') END`;

/**
 * Lets through only an agency that may have a case of a procedure: it receives them, or the city's services name it as one that
 * leads or supports.
 *
 * @throws Refusal `invalid-form`
 */
export async function mayHaveCases(db: Database | Transaction, code: string, agency: string): Promise<void> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    /* sql */ `
    SELECT FROM services WHERE procedure_code = :code AND NOT withdrawn
       AND (facts->'lead'->>'agency' = :agency OR facts->'support' @> to_jsonb(CAST(:agency AS text))
            OR EXISTS (SELECT FROM jsonb_each_text(facts->'lead'->'byWard') WHERE value = :agency)
            OR (facts->'lead'->'ward' = 'true' AND EXISTS (SELECT FROM areas WHERE areas.agency = :agency)))
     LIMIT 1`,
    { code, agency },
  );
  if (rows.length === 0) await mustBeCompetent(db, code, agency);
}

/** Lists the agencies that receive applications of a procedure by their codes. */
export async function competentAgencies(db: Database | Transaction, code: string): Promise<NamedAgency[]> {
  const { rows } = await db.raw<{ rows: NamedAgency[] }>(
    `SELECT a.code, name FROM agencies a, (SELECT :code AS code) p WHERE ${isCompetent} ORDER BY a.code`,
    { code },
  );
  return rows;
}

/** Tells of some procedures, by their codes, which agencies receive them. */
export async function competencesOf(
  db: Database,
  codes: readonly string[],
): Promise<Map<string, Set<string>>> {
  const { rows } = await db.raw<{ rows: { procedure: string; agencies: string[] }[] }>(
    /* sql */ `
    SELECT p.code AS procedure, ARRAY(SELECT a.code FROM agencies a WHERE ${isCompetent}) AS agencies
      FROM unnest(CAST(:codes AS text[])) AS p (code)`,
    { codes: [...codes] },
  );
  return new Map(rows.map(({ procedure, agencies }) => [procedure, new Set(agencies)]));
}

/**
 * Lets through only an agency that receives applications of a procedure.
 *
 * @throws Refusal `invalid-form`
 */
export async function mustBeCompetent(
  db: Database | Transaction,
  code: string,
  agency: string,
): Promise<void> {
  const { rows } = await db.raw<{ rows: unknown[] }>(
    `SELECT FROM agencies a, (SELECT :code AS code) p WHERE a.code = :agency AND NOT (${isCompetent})`,
    { code, agency },
  );
  if (rows.length === 0) return;
  throw new Refusal('invalid-form', 'Cơ quan không đúng · Not the right agency', [
    {
      pointer: '/agency',
      detail: 'Cơ quan này không nhận thủ tục này · This agency does not receive this procedure',
    },
  ]);
}

/**
 * Checks that the agencies that answers name are there.
 *
 * @throws Refusal `invalid-form`
 */
export async function mustBeAgencies(
  trx: Transaction,
  named: readonly { pointer: string; value: string }[],
): Promise<void> {
  if (named.length === 0) return;
  const codes = named.map(({ value }) => value);
  const rows = await trx('agencies').whereIn('code', codes).select<{ code: string }[]>('code');
  const known = new Set(rows.map(({ code }) => code));
  const errors = named
    .filter(({ value }) => !known.has(value))
    .map(({ pointer, value }) => ({
      pointer: `/answers${pointer}`,
      detail: `Không có cơ quan ${value} · There is no agency ${value}`,
    }));
  if (errors.length > 0)
    throw new Refusal('invalid-form', 'Cơ quan không đúng · Not the right agency', errors);
}
