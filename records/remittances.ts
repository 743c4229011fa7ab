import { engine, type Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { notify } from './notices.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/*
 * Fees on their way to the state budget: who collected one online owes it within 8 working hours, unless sector law says
 * otherwise (Decree 118/2025 Art. 24.3). No case waits for that, so it may well be over by then.
 */

/** A fee that was paid and is not in the budget yet. */
export interface OwedFee {
  case: string;
  number: number;
  /** In đồng. */
  amount: number;
  receipt: string;
  paidAt: Date;
  remitBy: Date;
}

/**
 * Lists the fees of an agency whose money is not in the budget yet, the most urgent first.
 */
export async function listOwed(
  db: Database,
  { agency, limit }: { agency: string; limit: number },
): Promise<{ items: OwedFee[]; owed: number }> {
  const { rows } = await db.raw<{ rows: (OwedFee & { owed: number })[] }>(
    /* sql */ `
    SELECT case_code AS "case", number, amount, receipt, paid_at AS "paidAt", remit_by AS "remitBy",
           CAST(count(*) OVER () AS int) AS owed
      FROM fee_payments WHERE agency = :agency AND remitted_at IS NULL
     ORDER BY remit_by, case_code, number LIMIT :limit`,
    { agency, limit },
  );
  return { items: rows.map(({ owed: _owed, ...item }) => item), owed: rows[0]?.owed ?? 0 };
}

/**
 * Enters that fees were transferred to the budget with one order of the treasury: all of them, or none. Entered again
 * under the same order, nothing changes.
 *
 * @throws Refusal `not-found`, or `remitted-before` for a fee that went with another order
 */
export async function remit(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  given: { agency: string; transferOrder: string; fees: { case: string; number: number }[] },
): Promise<{ late: number }> {
  let late = 0;
  // In one order, so that two lists that share fees do not wait for each other for ever.
  for (const fee of given.fees.toSorted((a, b) => (a.case < b.case ? -1 : 1)))
    if (await remitOne(trx, { actor, at }, given, fee)) late++;
  return { late };
}

async function remitOne(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { agency, transferOrder }: { agency: string; transferOrder: string },
  { case: code, number }: { case: string; number: number },
): Promise<boolean> {
  const end = await lockRecord(trx, code);
  const owed = await trx('fee_payments')
    .where({ case_code: code, number, agency })
    .first<{ remit_by: Date; receipt: string; transfer_order: string | null } | undefined>();
  if (!owed) throw new Refusal('not-found', `Không có khoản thu ${code} · There is no such fee`);
  const late = at > owed.remit_by;
  if (owed.transfer_order === transferOrder) return late;
  if (owed.transfer_order !== null)
    throw new Refusal(
      'remitted-before',
      `Khoản thu của ${code} đã nộp theo ${owed.transfer_order} · It went with another order`,
    );
  await trx('fee_payments')
    .where({ case_code: code, number })
    .update({ remitted_at: at, transfer_order: transferOrder });
  const details = { number, receipt: owed.receipt, transferOrder, by: owed.remit_by.toISOString(), late };
  const entry = { at, actor, event: 'remitted', details, reference: `remitted:${number}` };
  await appendEntry(trx, { case_code: code, ...end }, entry);
  return late;
}

/** Tells the head of an agency, once, of each fee that is not in the budget in time; gives how many. */
export async function tellLateRemittances(db: Database, at: Date): Promise<number> {
  const late = await db('fee_payments')
    .whereNull('remitted_at')
    .whereNull('late_told_at')
    .where('remit_by', '<', at)
    .orderBy('remit_by')
    .limit(500)
    .select<{ case_code: string; number: number }[]>('case_code', 'number');
  for (const fee of late) await db.transaction((trx) => tellLate(trx, fee, at));
  return late.length;
}

async function tellLate(
  trx: Transaction,
  { case_code: code, number }: { case_code: string; number: number },
  at: Date,
): Promise<void> {
  const end = await lockRecord(trx, code);
  const [fee] = await trx('fee_payments')
    .where({ case_code: code, number, remitted_at: null, late_told_at: null })
    .update({ late_told_at: at })
    .returning<{ agency: string; remit_by: Date }[]>(['agency', 'remit_by']);
  // It was remitted, or another round was faster.
  if (!fee) return;
  const details = { number, by: fee.remit_by.toISOString() };
  const entry = {
    at,
    actor: engine,
    event: 'remittanceLate',
    details,
    reference: `remittance-late:${number}`,
  };
  await appendEntry(trx, { case_code: code, ...end }, entry);
  await notify(trx, { code, notice: 'remittance-late', to: [`queue:${fee.agency}:head`], number, at });
}
