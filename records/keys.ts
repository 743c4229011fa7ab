import type { Database } from './db.ts';

/** Reads the wrapped key of a case; undefined when it was never made or has been destroyed. */
export async function findCaseKey(db: Database, code: string): Promise<Buffer | undefined> {
  const row = await db<{ case_code: string; wrapped_key: Buffer }>('case_keys')
    .where('case_code', code)
    .first();
  return row?.wrapped_key;
}
