import type { Database } from './db.ts';

/**
 * Gives which documents of a range are no longer in force, and whether there is any document in it; by their place in the lists.
 *
 * @param from first place of the range
 * @param count how many places it has
 */
export async function outOfForce(
  db: Database,
  from: number,
  count: number,
): Promise<{ any: boolean; places: number[] }> {
  const { rows } = await db.raw<{ rows: { any: boolean; places: number[] }[] }>(
    /* sql */ `
    SELECT EXISTS (SELECT FROM documents WHERE status_index >= :from) AS any,
           coalesce((SELECT jsonb_agg(status_index) FROM documents
                      WHERE status_index >= :from AND status_index < :until
                        AND (superseded_by IS NOT NULL OR revoked_by IS NOT NULL)), '[]') AS places`,
    { from, until: from + count },
  );
  const [{ any, places }] = rows as [{ any: boolean; places: number[] }];
  return { any, places };
}
