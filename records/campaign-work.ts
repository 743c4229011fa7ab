import type { Database, Transaction } from './db.ts';

/**
 * Finds the campaigns in which there is something to do: decisions that nobody was told of and that are waited for, places that
 * came free, and, when one closes, members who still wait or nobody who is left.
 *
 * @param notSince how long ago its workflow was told last, at least
 */
export async function campaignsToStir(db: Database, at: Date, notSince: Date): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { code: string }[] }>(
    /* sql */ `
    SELECT code FROM campaigns c
     WHERE announced_at <= :at AND ended_at IS NULL AND (stirred_at IS NULL OR stirred_at <= :notSince)
       AND (EXISTS (SELECT FROM placements p JOIN tasks t ON t.case_code = p.case_code AND t.name = 'placement' AND t.state = 'open'
                     WHERE p.campaign = c.code AND published AND told_at IS NULL
                       AND (p.offer IS NULL
                            OR EXISTS (SELECT FROM places h WHERE h.case_code = p.case_code AND h.offer = p.offer)))
            OR EXISTS (SELECT FROM places p WHERE p.campaign = c.code AND freed)
            OR EXISTS (SELECT FROM places p JOIN cases held ON held.code = p.case_code
                        WHERE p.campaign = c.code AND confirmed_at IS NULL AND held.closed_at IS NOT NULL)
            OR closing_at IS NOT NULL)`,
    { at, notSince },
  );
  return rows.map(({ code }) => code);
}

/** Keeps that the workflow of a campaign was told that there is something to do. */
export async function stirred(db: Database, code: string, at: Date): Promise<void> {
  await db('campaigns').where({ code }).update({ stirred_at: at });
}

/** Ends a campaign when none of its members is left; says how many are. */
export async function endCampaign(db: Database, code: string, at: Date): Promise<number> {
  const { rows } = await db.raw<{ rows: [{ left: number }] }>(
    /* sql */ `
    WITH open AS (
      SELECT count(*)::int AS left FROM campaign_members JOIN cases ON cases.code = case_code
       WHERE campaign = :code AND closed_at IS NULL
    ), ended AS (
      UPDATE campaigns SET ended_at = :at FROM open WHERE code = :code AND ended_at IS NULL AND open.left = 0
    )
    SELECT "left" FROM open`,
    { code, at },
  );
  return rows[0].left;
}

/** What a decision on an appeal gives. */
export interface Grant {
  caseCode: string;
  offer: string;
  /** Whether an extra place may be made where none is free. */
  extra: boolean;
  /** Number of the appeal in its case. */
  number: number;
  why: { vi: string; en: string };
  /** Whether the case waits to be told by its campaign. */
  told: boolean;
  at: Date;
}

/** Whether a place was given on appeal, and if not, why. */
export type Granted = { granted: true; confirmBy: Date } | { granted: false; why: 'no-place' | 'no-member' };

/**
 * Gives a member a place on appeal, above the waiting list: a free one that nobody waits for, or an extra one as long as the offer may
 * have more. A place that has just come free is the waiting list's until the campaign has given it on, however soon that is. The
 * place that the member holds elsewhere comes free.
 */
export async function grantPlace(trx: Transaction, grant: Grant): Promise<Granted> {
  const { caseCode, offer, extra, at } = grant;
  const member = await trx('campaign_members')
    .join('campaign_rounds', function join() {
      this.on('campaign_rounds.campaign', 'campaign_members.campaign').andOn(
        'campaign_rounds.number',
        'campaign_members.round',
      );
    })
    .where({ case_code: caseCode })
    .first<{ campaign: string; round: number; input: number; confirmBy: Date } | undefined>({
      campaign: 'campaign_members.campaign',
      round: 'campaign_members.round',
      input: 'campaign_members.input',
      confirmBy: 'confirm_by',
    });
  if (!member) return { granted: false, why: 'no-member' };
  const { campaign, confirmBy } = member;
  await trx('campaigns').where({ code: campaign }).forUpdate().first('code');
  const held = await trx('places')
    .where({ case_code: caseCode })
    .first<{ offer: string; number: number } | undefined>('offer', 'number');
  if (held?.offer === offer) return { granted: true, confirmBy };
  const place =
    (await freePlace(trx, campaign, offer)) ?? (extra ? await extraPlace(trx, campaign, offer) : undefined);
  if (!place) return { granted: false, why: 'no-place' };
  const back = { case_code: null, given_at: null, confirmed_at: null, freed: true };
  if (held)
    await trx('places')
      .where({ campaign, ...held })
      .update(back);
  const given = { case_code: caseCode, given_at: at, freed: false };
  await trx('places').where({ campaign, offer, number: place }).update(given);
  await keepGrant(trx, grant, member);
  return { granted: true, confirmBy };
}

async function freePlace(trx: Transaction, campaign: string, offer: string): Promise<number | undefined> {
  const row = await trx('places')
    .where({ campaign, offer, case_code: null, freed: false })
    .orderBy('number')
    .first<{ number: number } | undefined>('number');
  return row?.number;
}

/** Makes one place more than there are; undefined where the offer may not have more. */
async function extraPlace(trx: Transaction, campaign: string, offer: string): Promise<number | undefined> {
  const { rows } = await trx.raw<{ rows: { number: number }[] }>(
    /* sql */ `
    INSERT INTO places (campaign, offer, number, most)
    SELECT campaign, code, last + 1, most
      FROM campaign_offers, LATERAL (SELECT coalesce(max(number), 0) AS last FROM places
                                      WHERE places.campaign = campaign_offers.campaign AND offer = code) places
     WHERE campaign = :campaign AND code = :offer AND last < most RETURNING number`,
    { campaign, offer },
  );
  return rows[0]?.number;
}

/** Every place that is given stands among the allocations, whoever gave it. */
async function keepGrant(
  trx: Transaction,
  { caseCode, offer, number: appeal, why, told, at }: Grant,
  { campaign, round, input }: { campaign: string; round: number; input: number },
): Promise<void> {
  const last = await trx('allocations')
    .where({ campaign })
    .max({ number: 'number' })
    .first<{ number: number | null } | undefined>();
  const number = (last?.number ?? 0) + 1;
  await trx('allocations').insert({
    campaign,
    number,
    round,
    key: `appeal:${caseCode}:${appeal}`,
    at,
    free: JSON.stringify({ [offer]: 1 }),
    members: JSON.stringify([[caseCode, input]]),
    counts: JSON.stringify({ members: 1, unchecked: 0, placed: 1, waiting: 0 }),
  });
  await trx('placements').insert({
    campaign,
    allocation: number,
    case_code: caseCode,
    offer,
    rank: 1,
    why: JSON.stringify(why),
    published: true,
    told_at: told ? null : at,
  });
}
