import type { Database } from './db.ts';

/** What an agency takes for a procedure that differs from the procedure's own fee. */
export interface Tariff {
  agency: { vi: string; en: string };
  /** What the amount is for, of a fee that has items; empty otherwise. */
  item: string;
  /** In đồng. */
  amount: number;
}

/** Lists the tariffs of a procedure by agency. */
export function listTariffs(db: Database, procedureCode: string): Promise<Tariff[]> {
  return db('fees')
    .join('agencies', 'agencies.code', 'fees.agency')
    .where({ procedure_code: procedureCode })
    .orderBy(['fees.agency', 'item'])
    .select<Tariff[]>({ agency: 'agencies.name', item: 'item', amount: 'amount' });
}
