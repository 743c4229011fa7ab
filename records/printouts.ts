import { randomUUID } from 'node:crypto';
import type { Database } from './db.ts';

/** A form or extract that is made as of now and kept nowhere: what it shows, and the agency whose seal it bears. */
export interface Printout {
  form: 'form-06' | 'form-07' | 'english-extract' | 'draft' | 'sample';
  agency: string;
  /** The projection that the form shows, as the API gives it in JSON. */
  content: Record<string, unknown>;
  at: Date;
}

/** What a printout is made from: with the agency as its letterhead names it. */
export interface PrintoutJob extends Printout {
  id: string;
  letterhead: {
    name: { vi: string; en: string };
    place: string;
    parentName: { vi: string; en: string } | null;
  };
}

/** Asks the worker for a printout; gives the id under which it is taken. */
export async function askPrintout(db: Database, { form, agency, content, at }: Printout): Promise<string> {
  const id = randomUUID();
  await db('printouts').insert({ id, form, agency, content: JSON.stringify(content), asked_at: at });
  return id;
}

/** Takes a printout that is ready, once: its file, or `null` when it could not be made; undefined while it is not ready. */
export async function takePrintout(db: Database, id: string): Promise<Buffer | null | undefined> {
  const { rows } = await db.raw<{ rows: { pdf: Buffer | null }[] }>(
    `DELETE FROM printouts WHERE id = :id AND (failed OR pdf IS NOT NULL) RETURNING pdf`,
    { id },
  );
  return rows[0]?.pdf;
}

/** Withdraws what nobody waits for any more. */
export async function dropPrintout(db: Database, id: string): Promise<void> {
  await db('printouts').where({ id }).delete();
}

/** Deletes the printouts that were asked for before an instant: whoever asked has gone away. */
export async function sweepPrintouts(db: Database, before: Date): Promise<void> {
  await db('printouts').where('asked_at', '<', before).delete();
}

/**
 * Makes the printout that has waited longest, if any. Another worker passes over it meanwhile, and takes it when this
 * one dies.
 *
 * @param print makes the file; what it throws is told to `failed`, and the printout counts as impossible
 * @returns whether there was one
 */
export function makePrintout(
  db: Database,
  print: (job: PrintoutJob) => Promise<Uint8Array>,
  failed: (error: unknown) => void,
): Promise<boolean> {
  return db.transaction(async (trx) => {
    const { rows } = await trx.raw<{ rows: PrintoutJob[] }>(/* sql */ `
      SELECT asked.id, form, agency, content, asked_at AS at,
             jsonb_build_object('name', own.name, 'place', own.place, 'parentName', parent.name) AS letterhead
        FROM printouts asked JOIN agencies own ON own.code = asked.agency
             LEFT JOIN agencies parent ON parent.code = own.parent
       WHERE pdf IS NULL AND NOT failed
       ORDER BY asked_at LIMIT 1 FOR UPDATE OF asked SKIP LOCKED`);
    const [job] = rows;
    if (!job) return false;
    try {
      const pdf = Buffer.from(await print(job));
      await trx('printouts').where({ id: job.id }).update({ pdf });
    } catch (error) {
      failed(error);
      await trx('printouts').where({ id: job.id }).update({ failed: true });
    }
    return true;
  });
}
