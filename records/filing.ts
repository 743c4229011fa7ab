import { enrol, mustBeOffered, roundOfWindow } from './campaign-rounds.ts';
import { fileApplication, type Filing } from './cases.ts';
import type { Channel } from './channels.ts';
import type { Transaction } from './db.ts';
import { filingState, sayFiling, type FilingState } from './filing-state.ts';
import { mustBeAgencies, mustBeCompetent } from './competences.ts';
import type { Completion, HandedIn, Parties } from './handed-in.ts';
import { mustBeReportable, mustNotFlood } from './incidents.ts';
import { Refusal } from './refusal.ts';
import { listWindows } from './windows.ts';

/*
 * The one door through which people's applications become cases. What a procedure files itself (sub-cases, corrections)
 * is no application and needs no window.
 */

/** What somebody wants to file, and where. */
export interface Wanted {
  procedureCode: string;
  agency: string;
  channel: Channel;
  /** Whether it is taken only in the rounds of a campaign. */
  inRounds?: boolean;
}

/**
 * Files what somebody handed in, in the window that is open, and counts it there.
 *
 * @throws Refusal `invalid-form` for an agency that does not receive it, `filing-closed`, `no-place-left` and whatever {@link fileApplication} throws
 */
export async function fileHandedIn(
  trx: Transaction,
  at: Date,
  handedIn: HandedIn,
  parties: Parties,
  completion: Completion,
  signed?: Filing['signed'],
): Promise<{ code: string }> {
  const wanted = { ...handedIn, procedureCode: completion.procedure.code };
  await mustBeCompetent(trx, wanted.procedureCode, wanted.agency);
  const { incident, membership, code } = completion.procedure;
  if (incident) {
    await mustBeReportable(trx, parties.actor, code, incident, handedIn.answers);
    if (wanted.channel === 'online') await mustNotFlood(trx, parties.applicantSub, at);
  }
  await mustBeAgencies(trx, completion.agencies);
  const window = await takePlace(trx, at, { ...wanted, inRounds: membership !== undefined });
  const filing = { ...handedIn, ...parties, ...completion, at, signed, window };
  if (!membership) return fileApplication(trx, filing);
  const round = window ? await roundOfWindow(trx, window) : undefined;
  if (!round) throw noCampaign();
  await mustBeOffered(trx, round.campaign, membership.offers(handedIn.answers));
  const filed = await fileApplication(trx, { ...filing, start: { round } });
  await enrol(trx, filed.code, round, membership.about(handedIn.answers));
  return filed;
}

const noCampaign = () =>
  new Refusal('filing-closed', 'Chưa có đợt nào nhận hồ sơ ở đây · No campaign takes applications here');

/**
 * Checks that applications are taken, without taking a place.
 *
 * @throws Refusal `filing-closed` or `no-place-left`
 */
export async function mustBeOpen(trx: Transaction, at: Date, wanted: Wanted): Promise<FilingState> {
  const filing = filingState(await listWindows(trx, wanted.procedureCode), { ...wanted, at });
  if (filing.state === 'open') return filing;
  const said = sayFiling(filing);
  const kind = filing.state === 'full' ? 'no-place-left' : 'filing-closed';
  throw new Refusal(kind, said ? `${said.vi} · ${said.en}` : '');
}

/**
 * Takes a place in the window that is open. Whoever files at the same time waits until this transaction ends, so that the
 * last place goes to one of them and no place is lost when the other one fails.
 *
 * @returns the window's id; undefined where there is none and filing is always open
 * @throws Refusal `filing-closed` or `no-place-left`
 */
export async function takePlace(trx: Transaction, at: Date, wanted: Wanted): Promise<string | undefined> {
  const { window } = await mustBeOpen(trx, at, wanted);
  if (!window) return undefined;
  const { rows } = await trx.raw<{ rows: { id: string }[] }>(
    /* sql */ `
    UPDATE filing_windows SET taken = taken + 1
     WHERE id = :id AND NOT withdrawn AND from_at <= :at AND (to_at IS NULL OR to_at > :at)
       AND (cap IS NULL OR taken < cap) RETURNING id`,
    { id: window.id, at },
  );
  // It was filled or changed since it was read: what is true now decides, once more.
  return rows[0]?.id ?? takePlace(trx, at, wanted);
}
