import type { Database } from './db.ts';

/** What an agency takes for a procedure that differs from the procedure's own fee. */
export interface Tariff {
  agency: { vi: string; en: string };
  /** What the amount is for, of a fee that has items; empty otherwise. */
  item: string;
  /** In đồng. */
  amount: number;
}

/** A tariff with the procedure that it is for and the provision that sets it. */
export interface TariffOfProcedure extends Tariff {
  procedureCode: string;
  legalBasis: string;
}

/** Lists every tariff. */
export function listAllTariffs(db: Database): Promise<TariffOfProcedure[]> {
  return db('fees')
    .join('agencies', 'agencies.code', 'fees.agency')
    .orderBy(['procedure_code', 'fees.agency', 'item'])
    .select<TariffOfProcedure[]>({
      procedureCode: 'procedure_code',
      agency: 'agencies.name',
      item: 'item',
      amount: 'amount',
      legalBasis: 'legal_basis',
    });
}

/** Lists the tariffs of a procedure by agency. */
export function listTariffs(db: Database, procedureCode: string): Promise<Tariff[]> {
  return db('fees')
    .join('agencies', 'agencies.code', 'fees.agency')
    .where({ procedure_code: procedureCode })
    .orderBy(['fees.agency', 'item'])
    .select<Tariff[]>({ agency: 'agencies.name', item: 'item', amount: 'amount' });
}
