import type { Database, Transaction } from './db.ts';
import { plannedAnew } from './prepared.ts';
import type { Stage } from './public-reports.ts';

/** Another report that may be about the same. */
export interface NearReport {
  code: string;
  metres: number;
  /** How alike the words are, from 0 to 1. */
  likeness: number;
  filedAt: Date;
  stage: Stage;
  words: string | null;
  followers: number;
  shown: boolean;
}

/**
 * Finds reports of the same service that may be about the same: near in place and time, those with the likest words first.
 *
 * @param report with the words as they were written; `except` is the report itself
 */
export async function nearReports(
  db: Database | Transaction,
  report: { service: string; lat: number; lng: number; words: string; at: Date; except?: string | undefined },
): Promise<NearReport[]> {
  const { rows } = await db.raw<{ rows: NearReport[] }>(
    /* sql */ `${plannedAnew}
    WITH wanted AS (
      SELECT code, (facts->>'nearMetres')::int AS metres, make_interval(hours => (facts->>'nearHours')::int) AS time,
             -- A degree of latitude has 111 km everywhere, one of longitude less and less.
             (facts->>'nearMetres')::float8 / 111000 AS degrees FROM services WHERE code = :service
    ), found AS (
      SELECT case_code, filed_at, stage, words, followers, shown, similarity(sought, folded(:words)) AS likeness, metres,
             2 * 6371000 * asin(sqrt(sin(radians(lat - :lat) / 2) ^ 2
               + cos(radians(lat)) * cos(radians(:lat)) * sin(radians(lng - :lng) / 2) ^ 2)) AS away
        FROM incidents, wanted
       WHERE place <@ box(point(:lng - degrees / cos(radians(:lat)), :lat - degrees),
                          point(:lng + degrees / cos(radians(:lat)), :lat + degrees))
         AND service = wanted.code AND filed_at BETWEEN CAST(:at AS timestamptz) - time AND CAST(:at AS timestamptz) + time
         AND merged_into IS NULL AND state NOT IN (3, 7, 8) AND case_code <> :except
    )
    SELECT case_code AS code, round(away)::int AS metres, likeness, filed_at AS "filedAt", stage, words, followers, shown
      FROM found WHERE away <= metres ORDER BY likeness DESC, away, case_code LIMIT 5`,
    { ...report, except: report.except ?? '' },
  );
  return rows;
}

/** Finds reports that may be about the same as one that was filed. */
export async function nearReport(db: Database, code: string): Promise<NearReport[]> {
  const own = await db('incidents')
    .where({ case_code: code })
    .first<{ service: string; lat: number; lng: number; sought: string; at: Date } | undefined>(
      'service',
      'lat',
      'lng',
      'sought',
      'filed_at as at',
    );
  return own ? nearReports(db, { ...own, words: own.sought, except: code }) : [];
}
