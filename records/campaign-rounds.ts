import { randomBytes, randomInt } from 'node:crypto';
import { engine } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { commitmentOf } from './lottery.ts';
import { digest } from './record.ts';
import { Refusal, type FieldError } from './refusal.ts';
import { addWindow } from './windows.ts';

/** The instants (ISO 8601) of a round. */
export interface RoundTimes {
  opens: string;
  closes: string;
  checkedBy: string;
  confirmBy: string;
  appealBy: string;
  givenOnUntil: string;
}

/** A round as it stands. */
export interface CampaignRound extends RoundTimes {
  number: number;
  /** SHA-256 of the seed, in hexadecimal. */
  commitment: string;
  /** In hexadecimal; only where the results are published. */
  seed: string | null;
  publishedAt: string | null;
  /** Number of the allocation that was published. */
  allocation: number | null;
}

interface Row {
  number: number;
  from_at: Date;
  to_at: Date;
  checked_by: Date;
  confirm_by: Date;
  appeal_by: Date;
  given_on_until: Date;
  seed: Buffer;
  commitment: string;
  published_at: Date | null;
  allocation: number | null;
}

/** Lists the rounds of a campaign that was announced. */
export async function listRounds(db: Database | Transaction, campaign: string): Promise<CampaignRound[]> {
  const rows = await db('campaign_rounds')
    .join('filing_windows', 'filing_windows.id', 'campaign_rounds.filing_window')
    .where({ campaign })
    .orderBy('number')
    .select<Row[]>(
      'number',
      'from_at',
      'to_at',
      'checked_by',
      'confirm_by',
      'appeal_by',
      'given_on_until',
      'seed',
      'commitment',
      'published_at',
      'allocation',
    );
  return rows.map((row) => ({
    number: row.number,
    opens: row.from_at.toISOString(),
    closes: row.to_at.toISOString(),
    checkedBy: row.checked_by.toISOString(),
    confirmBy: row.confirm_by.toISOString(),
    appealBy: row.appeal_by.toISOString(),
    givenOnUntil: row.given_on_until.toISOString(),
    commitment: row.commitment,
    seed: row.published_at && row.seed.toString('hex'),
    publishedAt: row.published_at?.toISOString() ?? null,
    allocation: row.allocation,
  }));
}

/** What a lottery is drawn with: nobody knows it before, and its digest is public before anybody applies. */
const newSeed = () => {
  const seed = randomBytes(32);
  return { seed, commitment: commitmentOf(seed) };
};

/**
 * Announces a campaign, once: its rounds with their windows and the digests of their seeds, and its places.
 *
 * @throws Refusal `invalid-form` where a window overlaps one of another campaign of the same procedure and agency
 */
export async function announceCampaign(
  trx: Transaction,
  code: string,
  rounds: readonly RoundTimes[],
  at: Date,
): Promise<void> {
  const campaign = await trx('campaigns')
    .join('cases', 'cases.code', 'campaigns.code')
    .where('campaigns.code', code)
    .forUpdate('campaigns')
    .first<{ of: string; agency: string; announced_at: Date | null }>({
      of: 'campaigns.procedure_code',
      agency: 'cases.agency',
      announced_at: 'announced_at',
    });
  if (campaign.announced_at) return;
  const by = { actor: engine, at, reason: `Đợt ${code} · Campaign ${code}` };
  for (const [index, round] of rounds.entries()) {
    const window = await addWindow(trx, by, {
      kind: 'opening',
      procedureCode: campaign.of,
      agency: campaign.agency,
      from: round.opens,
      to: round.closes,
      cap: null,
      prepareBefore: true,
      counterToo: true,
      message: null,
    });
    await trx('campaign_rounds').insert({
      campaign: code,
      number: index + 1,
      filing_window: window.id,
      checked_by: round.checkedBy,
      confirm_by: round.confirmBy,
      appeal_by: round.appealBy,
      given_on_until: round.givenOnUntil,
      ...newSeed(),
    });
  }
  await trx.raw(
    /* sql */ `
    INSERT INTO places (campaign, offer, number, most)
    SELECT campaign, code, number, most FROM campaign_offers, generate_series(1, planned) AS number
     WHERE campaign = :code`,
    { code },
  );
  await trx('campaigns').where({ code }).update({ announced_at: at });
}

/** The round of a campaign in whose window something is filed. */
export interface FilingRound {
  campaign: string;
  number: number;
  /** ISO 8601. */
  checkedBy: string;
}

/** Finds the round to which a window belongs. */
export async function roundOfWindow(trx: Transaction, window: string): Promise<FilingRound | undefined> {
  const row = await trx('campaign_rounds')
    .where({ filing_window: window })
    .first<{ campaign: string; number: number; checked_by: Date } | undefined>(
      'campaign',
      'number',
      'checked_by',
    );
  return row && { campaign: row.campaign, number: row.number, checkedBy: row.checked_by.toISOString() };
}

/** An offer that an application names, and the path of the answer. */
export interface NamedOffer {
  path: readonly string[];
  code: string;
}

/**
 * Checks that a campaign has the offers that an application names.
 *
 * @throws Refusal `invalid-form` with a pointer to each that it has not
 */
export async function mustBeOffered(
  trx: Transaction,
  campaign: string,
  named: readonly NamedOffer[],
): Promise<void> {
  const known = new Set(await trx('campaign_offers').where({ campaign }).pluck<string[]>('code'));
  const wrong = named
    .filter(({ code }) => !known.has(code))
    .map(({ path }): FieldError => ({
      pointer: ['/answers', ...path].join('/'),
      detail: 'Đợt này không có nơi nhận này · This campaign has no such offer',
    }));
  if (wrong.length > 0)
    throw new Refusal('invalid-form', 'Có thông tin chưa đúng · Some of the information is wrong', wrong);
}

/** Letters and digits that nobody takes for each other. */
const alphabet = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** Whom an application is for, and the path of the answer. */
interface About {
  path: readonly string[];
  key: string;
}

/**
 * Makes an application a member of the round in which it was filed, under a pseudonym that says nothing of it.
 *
 * @throws Refusal `invalid-form` where the campaign has an application for the same one
 */
export async function enrol(
  trx: Transaction,
  caseCode: string,
  round: FilingRound,
  about: About,
): Promise<void> {
  const letters = Array.from({ length: 10 }, () => alphabet[randomInt(alphabet.length)]).join('');
  const { campaign, number } = round;
  const enrolled = await trx('campaign_members')
    .insert({
      case_code: caseCode,
      campaign,
      round: number,
      pseudonym: `${letters.slice(0, 5)}-${letters.slice(5)}`,
      about: digest(about.key),
    })
    .onConflict(trx.raw('(campaign, about) WHERE about IS NOT NULL'))
    .ignore()
    .returning('case_code');
  if (enrolled.length === 0) throw twice(about);
}

/**
 * Lets a member be for somebody else than before.
 *
 * @throws Refusal `invalid-form` where the campaign has an application for the same one
 */
export async function enrolAnew(trx: Transaction, caseCode: string, about: About): Promise<void> {
  const key = digest(about.key);
  const { rows } = await trx.raw<{ rows: unknown[] }>(
    /* sql */ `
    SELECT FROM campaign_members other JOIN campaign_members own USING (campaign)
     WHERE own.case_code = :caseCode AND other.about = :key AND other.case_code <> :caseCode`,
    { caseCode, key },
  );
  if (rows.length > 0) throw twice(about);
  await trx('campaign_members').where({ case_code: caseCode }).update({ about: key });
}

const twice = ({ path }: About) =>
  new Refusal('invalid-form', 'Đã có hồ sơ trong đợt này · The campaign has an application already', [
    {
      pointer: ['/answers', ...path].join('/'),
      detail: 'Đã có hồ sơ cho người này trong đợt · The campaign has an application for this one already',
    },
  ]);

/** The campaign in which an agency takes applications for a procedure now, or next. */
export async function campaignTaking(
  db: Database,
  procedureCode: string,
  agency: string,
  at: Date,
): Promise<string | undefined> {
  const row = await db('campaign_rounds')
    .join('filing_windows', 'filing_windows.id', 'campaign_rounds.filing_window')
    .where({ procedure_code: procedureCode, withdrawn: false })
    .where('to_at', '>', at)
    .modify((query) => {
      if (agency) void query.where({ agency });
    })
    .orderBy('from_at')
    .first<{ campaign: string } | undefined>('campaign');
  return row?.campaign;
}

/** The campaign that an application is a member of. */
export async function campaignOf(db: Database | Transaction, caseCode: string): Promise<string | undefined> {
  const row = await db('campaign_members')
    .where({ case_code: caseCode })
    .first<{ campaign: string } | undefined>('campaign');
  return row?.campaign;
}
