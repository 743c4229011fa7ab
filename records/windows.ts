import { randomUUID } from 'node:crypto';
import type { Database, Transaction } from './db.ts';
import type { FilingWindow } from './filing-state.ts';
import { Refusal } from './refusal.ts';
import { lockSettings, noteChange, type ChangeBy } from './setting-changes.ts';

/** What an admin says of a window; how many applications it has taken is counted by those who file. */
export type WindowFacts = Omit<FilingWindow, 'id' | 'taken'>;

interface Row {
  id: string;
  kind: FilingWindow['kind'];
  procedure_code: string | null;
  agency: string | null;
  from_at: Date;
  to_at: Date | null;
  cap: number | null;
  taken: number;
  prepare_before: boolean;
  counter_too: boolean;
  message: FilingWindow['message'];
  withdrawn: boolean;
}

const fromRow = (row: Row): FilingWindow => ({
  id: row.id,
  kind: row.kind,
  procedureCode: row.procedure_code,
  agency: row.agency,
  from: row.from_at.toISOString(),
  to: row.to_at?.toISOString() ?? null,
  cap: row.cap,
  taken: row.taken,
  prepareBefore: row.prepare_before,
  counterToo: row.counter_too,
  message: row.message,
});

const rowOf = (facts: WindowFacts) => ({
  kind: facts.kind,
  procedure_code: facts.procedureCode,
  agency: facts.agency,
  from_at: new Date(facts.from),
  to_at: facts.to && new Date(facts.to),
  cap: facts.cap,
  prepare_before: facts.prepareBefore,
  counter_too: facts.counterToo,
  message: facts.message && JSON.stringify(facts.message),
});

/** Lists the windows of a procedure and of all procedures; every one when none is named. */
export async function listWindows(
  db: Database | Transaction,
  procedureCode?: string,
): Promise<FilingWindow[]> {
  const query = db<Row>('filing_windows').where({ withdrawn: false }).orderBy(['from_at', 'id']);
  if (procedureCode !== undefined)
    void query.where((each) => {
      void each.where('procedure_code', procedureCode).orWhereNull('procedure_code');
    });
  return (await query.select<Row[]>('*')).map(fromRow);
}

/** Finds a window that was not withdrawn. */
export async function findWindow(db: Database | Transaction, id: string): Promise<FilingWindow | undefined> {
  const row = await db<Row>('filing_windows').where({ id, withdrawn: false }).first<Row | undefined>();
  return row && fromRow(row);
}

/** A change that was made, if anything differed. */
export interface MadeWindow {
  id: string;
  change: number | null;
}

/**
 * Adds a window.
 *
 * @throws Refusal `invalid-form` when it overlaps another one of the same procedure and agency
 */
export async function addWindow(trx: Transaction, by: ChangeBy, facts: WindowFacts): Promise<MadeWindow> {
  return setWindow(trx, by, randomUUID(), facts);
}

/**
 * Changes a window; what was filed in it stays filed and counted.
 *
 * @throws Refusal `not-found`, `invalid-form`
 */
export async function changeWindow(
  trx: Transaction,
  by: ChangeBy,
  id: string,
  facts: Omit<WindowFacts, 'kind' | 'procedureCode' | 'agency'>,
): Promise<MadeWindow> {
  const { kind, procedureCode, agency } = await mustFind(trx, id);
  return setWindow(trx, by, id, { ...facts, kind, procedureCode, agency });
}

/**
 * Takes a window away: filing is as if it had never been, but what was filed in it stays filed.
 *
 * @throws Refusal `not-found`
 */
export async function withdrawWindow(trx: Transaction, by: ChangeBy, id: string): Promise<MadeWindow> {
  await mustFind(trx, id);
  return setWindow(trx, by, id, null);
}

async function mustFind(trx: Transaction, id: string): Promise<FilingWindow> {
  const window = await findWindow(trx, id);
  if (!window) throw new Refusal('not-found', 'Không có đợt này · There is no such window');
  return window;
}

/**
 * Makes a window what it is to be, null for none, and keeps how it was; undoing does so with how it was.
 *
 * @throws Refusal `invalid-form`
 */
export async function setWindow(
  trx: Transaction,
  by: ChangeBy,
  id: string,
  facts: WindowFacts | null,
): Promise<MadeWindow> {
  await lockSettings(trx);
  await mustBeAdmins(trx, id);
  const row = await trx<Row>('filing_windows').where({ id }).forUpdate().first<Row | undefined>();
  if (facts) {
    await mustBeAlone(trx, id, facts);
    mustHoldTaken(facts, row?.taken ?? 0);
    const written = { ...rowOf(facts), withdrawn: false };
    await trx('filing_windows')
      .insert({ id, ...written })
      .onConflict('id')
      .merge(written);
  } else await trx('filing_windows').where({ id }).update({ withdrawn: true });
  const before = row && !row.withdrawn ? factsOf(fromRow(row)) : null;
  const after = facts && { ...facts, from: utc(facts.from), to: facts.to && utc(facts.to) };
  const change = await noteChange(trx, by, { area: 'windows', subject: id, before, after });
  return { id, change };
}

const factsOf = ({ id: _id, taken: _taken, ...facts }: FilingWindow): WindowFacts => facts;
const utc = (instant: string) => new Date(instant).toISOString();

/** What a campaign has announced, its agency keeps to; nobody moves it behind its back. */
async function mustBeAdmins(trx: Transaction, id: string): Promise<void> {
  const round = await trx('campaign_rounds')
    .where({ filing_window: id })
    .first<{ campaign: string } | undefined>('campaign');
  if (round)
    throw wrong(
      '/from',
      `Thuộc đợt ${round.campaign} đã công bố · It belongs to the announced campaign ${round.campaign}`,
    );
}

/** Two openings at once would leave it open in which of them somebody files. */
async function mustBeAlone(trx: Transaction, id: string, facts: WindowFacts): Promise<void> {
  if (facts.kind === 'closing') return;
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    /* sql */ `
    SELECT id FROM filing_windows
     WHERE kind = 'opening' AND NOT withdrawn AND id <> :id AND procedure_code = :procedureCode
       AND agency IS NOT DISTINCT FROM :agency
       AND tstzrange(from_at, to_at) && tstzrange(CAST(:from AS timestamptz), CAST(:to AS timestamptz)) LIMIT 1`,
    { id, procedureCode: facts.procedureCode, agency: facts.agency, from: facts.from, to: facts.to },
  );
  if (rows.length > 0)
    throw wrong('/from', 'Trùng thời gian với đợt khác của thủ tục này · Overlaps another window of it');
}

function mustHoldTaken({ cap }: WindowFacts, taken: number): void {
  if (cap !== null && cap < taken)
    throw wrong('/cap', `Đã nhận ${taken} hồ sơ · ${taken} have been taken already`);
}

const wrong = (pointer: string, detail: string) =>
  new Refusal('invalid-form', 'Đợt nhận hồ sơ chưa đúng · The window is not right', [{ pointer, detail }]);
