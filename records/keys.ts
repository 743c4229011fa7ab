import type { Database, Transaction } from './db.ts';

/** Keeps the wrapped key of a case; a case has one key for life. */
export async function storeCaseKey(trx: Transaction, code: string, wrapped: Buffer): Promise<void> {
  await trx('case_keys').insert({ case_code: code, wrapped_key: wrapped });
}

/** Reads the wrapped key of a case; undefined when it was never made or has been destroyed. */
export async function findCaseKey(db: Database, code: string): Promise<Buffer | undefined> {
  const row = await db<{ case_code: string; wrapped_key: Buffer }>('case_keys')
    .where('case_code', code)
    .first();
  return row?.wrapped_key;
}
