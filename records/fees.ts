import type { Database, Transaction } from './db.ts';
import { localDay } from './local-day.ts';
import { Refusal } from './refusal.ts';
import { lockSettings, noteChange, type ChangeBy } from './setting-changes.ts';

/** What an agency takes for a procedure that differs from the procedure's own fee. */
export interface Tariff {
  agency: { vi: string; en: string };
  /** What the amount is for, of a fee that has items; empty otherwise. */
  item: string;
  /** In đồng. */
  amount: number;
}

/** Which rate: of an agency for a procedure, of an item where the fee has some, from a day (ISO, local) on. */
export interface RateKey {
  procedureCode: string;
  agency: string;
  item: string;
  validFrom: string;
}

/** A rate: in đồng, null for what the procedure itself says, and the provision that sets it. */
export interface Rate {
  amount: number | null;
  legalBasis: string;
}

/** A rate with its key and the day on which the next one takes its place. */
export interface TariffEdition extends RateKey, Rate {
  agencyName: { vi: string; en: string };
  /** null: none is known. */
  until: string | null;
}

/** Lists every rate that was, is or will be, by procedure, agency, item and day. */
export async function listTariffEditions(db: Database): Promise<TariffEdition[]> {
  const { rows } = await db.raw<{ rows: TariffEdition[] }>(/* sql */ `
    SELECT procedure_code AS "procedureCode", fees.agency, name AS "agencyName", item, amount,
           legal_basis AS "legalBasis", valid_from::text AS "validFrom",
           (lead(valid_from) OVER (PARTITION BY procedure_code, fees.agency, item ORDER BY valid_from))::text AS until
      FROM fees JOIN agencies ON agencies.code = fees.agency
     ORDER BY procedure_code, fees.agency, item, valid_from`);
  return rows;
}

/** Lists what agencies charge for a procedure on a day (ISO, local) where that differs from its own fee. */
export async function listTariffs(db: Database, procedureCode: string, day: string): Promise<Tariff[]> {
  const { rows } = await db.raw<{ rows: Tariff[] }>(
    /* sql */ `
    SELECT name AS agency, item, amount FROM (
      SELECT DISTINCT ON (agency, item) agency, item, amount FROM fees
       WHERE procedure_code = :procedureCode AND valid_from <= :day ORDER BY agency, item, valid_from DESC
    ) AS current JOIN agencies ON agencies.code = current.agency
     WHERE amount IS NOT NULL ORDER BY current.agency, item`,
    { procedureCode, day },
  );
  return rows;
}

/**
 * Reads the tariff of an agency for a procedure on a day (ISO, local): đồng by item, `''` for a fee without items; empty
 * when it has none of its own.
 */
export async function tariffOf(
  db: Database,
  { procedureCode, agency, day }: { procedureCode: string; agency: string; day: string },
): Promise<Record<string, number>> {
  const { rows } = await db.raw<{ rows: { item: string; amount: number | null }[] }>(
    /* sql */ `
    SELECT DISTINCT ON (item) item, amount FROM fees
     WHERE procedure_code = :procedureCode AND agency = :agency AND valid_from <= :day ORDER BY item, valid_from DESC`,
    { procedureCode, agency, day },
  );
  return Object.fromEntries(rows.flatMap(({ item, amount }) => (amount === null ? [] : [[item, amount]])));
}

/** What a rate takes the place of, and whom it meets. */
export interface RatePreview {
  /** What holds on that day as things are; undefined where the agency has no rate of its own. */
  before: TariffEdition | undefined;
  /** Open cases there that have not paid: those that are asked from that day on are asked the new amount. */
  unpaid: number;
}

/** Says what a rate would change. */
export async function previewRate(db: Database, key: RateKey): Promise<RatePreview> {
  const { procedureCode, agency, item, validFrom } = key;
  const before = (await listTariffEditions(db))
    .filter((each) => each.procedureCode === procedureCode && each.agency === agency && each.item === item)
    .findLast((each) => each.validFrom <= validFrom);
  const { rows } = await db.raw<{ rows: { unpaid: number }[] }>(
    /* sql */ `
    SELECT count(*)::int AS unpaid FROM cases
     WHERE procedure_code = :procedureCode AND agency = :agency AND closed_at IS NULL
       AND NOT EXISTS (SELECT FROM fee_payments WHERE case_code = cases.code)`,
    { procedureCode, agency },
  );
  return { before, unpaid: rows[0]!.unpaid };
}

/**
 * Sets what an agency charges from a day on, null for nothing; until that day it can be changed and taken back. What was
 * asked of a case stays.
 *
 * @throws Refusal `day-gone-by` unless the day is still to come
 */
export async function setRate(
  trx: Transaction,
  by: ChangeBy,
  key: RateKey,
  after: Rate | null,
): Promise<{ change: number | null }> {
  mustBeToCome(key, by.at);
  await lockSettings(trx);
  const { procedureCode, agency, item, validFrom } = key;
  const at = { procedure_code: procedureCode, agency, item, valid_from: validFrom };
  const before = await trx('fees')
    .where(at)
    .first<Rate | undefined>({ amount: 'amount', legalBasis: 'legal_basis' });
  if (after) {
    const { amount, legalBasis: legal_basis } = after;
    await trx('fees')
      .insert({ ...at, amount, legal_basis })
      .onConflict(['procedure_code', 'agency', 'item', 'valid_from'])
      .merge();
  } else await trx('fees').where(at).delete();
  const subject = [procedureCode, agency, item, validFrom].join('/');
  const change = await noteChange(trx, by, { area: 'tariffs', subject, before: before ?? null, after });
  return { change };
}

/**
 * Checks that a rate has not begun.
 *
 * @throws Refusal `day-gone-by`
 */
export function mustBeToCome({ validFrom }: RateKey, at: Date): void {
  const detail =
    'Chỉ đổi được mức thu áp dụng từ ngày mai trở đi · Only rates that hold from tomorrow or later can be changed';
  if (validFrom <= localDay(at))
    throw new Refusal('day-gone-by', detail, [{ pointer: '/validFrom', detail }]);
}

/** The key of a rate out of the subject of a change. */
export function rateKeyOf(subject: string): RateKey {
  const [procedureCode = '', agency = '', item = '', validFrom = ''] = subject.split('/');
  return { procedureCode, agency, item, validFrom };
}
