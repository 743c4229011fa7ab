import type { Database } from './db.ts';
import { localDay } from './local-day.ts';
import { notify } from './notices.ts';

interface Ending {
  id: string;
  code: string;
  sub: string;
  told: number;
}

/**
 * Tells the holders of results that end soon, each once, and gives how many.
 *
 * @param limit most results at a time
 */
export function remindOfExpiry(db: Database, at: Date, limit = 100): Promise<number> {
  return db.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: Ending[] }>(
      /* sql */ `
      SELECT d.id, c.code, c.applicant_sub AS sub,
             (SELECT count(*) FROM notices WHERE case_code = c.code AND notice = 'expiring') AS told
        FROM documents d JOIN cases c ON c.code = d.case_code
       WHERE d.remind_on <= :today AND d.superseded_by IS NULL AND d.revoked_by IS NULL
       ORDER BY d.remind_on LIMIT :limit FOR UPDATE OF d SKIP LOCKED`,
      { today: localDay(at), limit },
    );
    for (const [index, { id, code, sub, told }] of rows.entries()) {
      // Two results of one case may end on the same day.
      const earlier = rows.slice(0, index).filter((row) => row.code === code).length;
      await notify(trx, { code, notice: 'expiring', to: [sub], number: told + earlier + 1, at });
      await trx('documents').where({ id }).update({ remind_on: null });
    }
    return rows.length;
  });
}
