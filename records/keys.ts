import type { Database } from './db.ts';

/** Reads the wrapped key of a case; undefined when it was never made or has been destroyed. */
export async function findCaseKey(db: Database, code: string): Promise<Buffer | undefined> {
  const row = await db<{ case_code: string; wrapped_key: Buffer }>('case_keys')
    .where('case_code', code)
    .first();
  return row?.wrapped_key;
}

/** Keeps the wrapped key of a workflow, unless it has one. */
export async function keepKey(db: Database, code: string, wrapped: Buffer): Promise<void> {
  await db('case_keys').insert({ case_code: code, wrapped_key: wrapped }).onConflict('case_code').ignore();
}
