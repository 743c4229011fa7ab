import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/** Something of which a campaign has places. */
export interface CampaignOffer {
  code: string;
  details: Record<string, unknown>;
  /** How many places it has, and how many it may ever have. */
  planned: number;
  most: number;
}

/** A campaign as everybody finds it. */
export interface Campaign {
  code: string;
  /** Id of the edition that governs its case. */
  procedure: string;
  /** Code of the procedure whose applications take part. */
  of: string;
  agency: { code: string; name: { vi: string; en: string } };
  answers: Record<string, unknown>;
  announcedAt: Date | null;
  endedAt: Date | null;
}

const campaigns = (db: Database | Transaction) =>
  db('campaigns')
    .join('cases', 'cases.code', 'campaigns.code')
    .join('agencies', 'agencies.code', 'cases.agency')
    .select<(Omit<Campaign, 'agency'> & { agency: string; agencyName: { vi: string; en: string } })[]>({
      code: 'campaigns.code',
      procedure: 'cases.procedure',
      of: 'campaigns.procedure_code',
      agency: 'cases.agency',
      agencyName: 'agencies.name',
      answers: 'cases.answers',
      announcedAt: 'announced_at',
      endedAt: 'ended_at',
    });

const fromRow = ({
  agency,
  agencyName,
  ...rest
}: Omit<Campaign, 'agency'> & { agency: string; agencyName: { vi: string; en: string } }): Campaign => ({
  ...rest,
  agency: { code: agency, name: agencyName },
});

/**
 * Finds a campaign.
 *
 * @throws Refusal `not-found`
 */
export async function findCampaign(db: Database | Transaction, code: string): Promise<Campaign> {
  const [row] = await campaigns(db).where('campaigns.code', code);
  if (!row) throw new Refusal('not-found', 'Không có đợt này · There is no such campaign');
  return fromRow(row);
}

/**
 * Lists campaigns, the latest first: those that were announced, and for whoever leads some also those that are still planned.
 *
 * @param agencies whose plans are listed too
 */
export async function listCampaigns(
  db: Database,
  { agencies, of, limit = 100 }: { agencies: 'all' | readonly string[]; of?: string; limit?: number },
): Promise<Campaign[]> {
  const query = campaigns(db).orderBy('cases.filed_at', 'desc').limit(limit);
  if (agencies !== 'all')
    void query.where((each) => {
      void each.whereNotNull('announced_at').orWhereRaw('cases.agency = ANY(?)', [[...agencies]]);
    });
  if (of !== undefined) void query.where('campaigns.procedure_code', of);
  return (await query).map(fromRow);
}

/** Lists what a campaign has places of, by their codes. */
export function listOffers(db: Database | Transaction, campaign: string): Promise<CampaignOffer[]> {
  return db('campaign_offers')
    .where({ campaign })
    .orderBy('code')
    .select<CampaignOffer[]>('code', 'details', 'planned', 'most');
}

/**
 * Lets through who may change the plan of a campaign: officers of its agency in the role that files it, until it is announced.
 *
 * @throws Refusal `not-found`, `wrong-agency`, `wrong-role` or `case-decided`
 */
export async function mayPlan(
  db: Database | Transaction,
  actor: Actor,
  code: string,
  role: Actor['roles'][number],
): Promise<Campaign> {
  const campaign = await findCampaign(db, code);
  if (campaign.agency.code !== actor.agency)
    throw new Refusal('wrong-agency', 'Đợt của cơ quan khác · It is another agency’s campaign');
  if (!actor.roles.includes(role))
    throw new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
  if (campaign.announcedAt || campaign.endedAt)
    throw new Refusal('case-decided', 'Đợt đã công bố · The campaign has been announced');
  return campaign;
}

/** Who changes the plan of which campaign, and when; whether they may was asked. */
export interface Planning {
  actor: Actor;
  at: Date;
  campaign: string;
}

async function notePlan(
  trx: Transaction,
  { actor, at, campaign }: Planning,
  details: Record<string, unknown>,
): Promise<void> {
  const end = await lockRecord(trx, campaign);
  const reference = `entry:${end.record_length + 1}`;
  await appendEntry(
    trx,
    { case_code: campaign, ...end },
    { actor, at, event: 'planned', details, reference },
  );
}

/** Puts an offer into the plan of a campaign, or in the place of the one with its code. */
export async function putOffer(trx: Transaction, by: Planning, offer: CampaignOffer): Promise<void> {
  const { campaign } = by;
  const { code, details, ...places } = offer;
  const row = { campaign, code, details: JSON.stringify(details), ...places };
  await notePlan(trx, by, { offer: code, ...places });
  await trx('campaign_offers').insert(row).onConflict(['campaign', 'code']).merge();
}

/**
 * Takes an offer out of the plan of a campaign.
 *
 * @throws Refusal `not-found`
 */
export async function dropOffer(trx: Transaction, by: Planning, code: string): Promise<void> {
  const { campaign } = by;
  const dropped = await trx('campaign_offers').where({ campaign, code }).delete();
  if (dropped === 0) throw new Refusal('not-found', 'Không có nơi nhận này · There is no such offer');
  await notePlan(trx, by, { offer: code, dropped: true });
}

/** Makes the given offers all that the plan of a campaign has. */
export async function putOffers(
  trx: Transaction,
  by: Planning,
  offers: readonly CampaignOffer[],
): Promise<void> {
  const { campaign } = by;
  await notePlan(trx, by, { offers: offers.map(({ code, planned }) => ({ code, planned })) });
  await trx('campaign_offers').where({ campaign }).delete();
  if (offers.length > 0)
    await trx('campaign_offers').insert(
      offers.map((offer) => ({ ...offer, campaign, details: JSON.stringify(offer.details) })),
    );
}
