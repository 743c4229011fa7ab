import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { findAllocationFile, findResult, listAllocations } from '../records/campaign-files.ts';
import { listRounds } from '../records/campaign-rounds.ts';
import { countMembers, countPlaces } from '../records/campaign-views.ts';
import { findCampaign, listCampaigns, listOffers, type Campaign } from '../records/campaigns.ts';
import { Refusal } from '../records/refusal.ts';
import { campaignFactsOf } from '../workflows/campaigns.ts';
import { agenciesFor, everybody, isAble, may } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { Agency, anybody, CaseCode, Instant, json, refused, Text } from './schemas.ts';

const Summary = z
  .object({
    code: CaseCode.meta({ description: 'Code of the case in which its agency leads it' }),
    name: z.string(),
    agency: Agency,
    of: z.string().meta({ description: 'Code of the procedure whose applications take part' }),
    announcedAt: Instant.nullable(),
    endedAt: Instant.nullable(),
  })
  .meta({ id: 'CampaignSummary' });

const Round = z
  .object({
    number: z.int(),
    opens: Instant,
    closes: Instant,
    checkedBy: Instant,
    confirmBy: Instant,
    appealBy: Instant,
    givenOnUntil: Instant,
    commitment: z.string().optional().meta({
      description: 'SHA-256 of the seed of the lottery, in hexadecimal; from the announcement on',
    }),
    seed: z.string().nullable().optional().meta({ description: 'With the results' }),
    publishedAt: Instant.nullable().optional(),
  })
  .meta({ id: 'CampaignRound' });

const Offer = z
  .object({
    code: z.string(),
    details: z.record(z.string(), z.unknown()).meta({ description: 'By the form of the campaign' }),
    planned: z.int().meta({ description: 'Places' }),
    most: z.int().meta({ description: 'Places that there may ever be' }),
  })
  .meta({ id: 'CampaignOffer' });

const Details = Summary.extend({
  criteria: z.array(Text).meta({ description: 'In their order: within each, the one goes before the other' }),
  rounds: z.array(Round),
  offers: z.array(Offer),
}).meta({ id: 'Campaign' });

const Progress = z
  .object({
    members: z.object({
      applied: z.int(),
      checking: z.int(),
      inQueue: z.int().meta({ description: 'With an officer, as a registry does not confirm what is said' }),
      waitingForSystem: z.int().meta({ description: 'For an agency’s system that does not answer' }),
      ready: z.int(),
      waiting: z.int(),
      offered: z.int(),
      confirmed: z.int(),
      appealing: z.int(),
      withdrawn: z.int(),
      released: z.int().meta({ description: 'Declined, or not confirmed in time' }),
    }),
    offers: z.array(
      z.object({
        code: z.string(),
        name: z.string(),
        planned: z.int(),
        extra: z.int(),
        offered: z.int(),
        confirmed: z.int(),
        free: z.int(),
      }),
    ),
  })
  .meta({ id: 'CampaignProgress' });

const Allocation = z
  .object({
    number: z.int(),
    round: z.int(),
    kind: z.enum(['round', 'given-on', 'appeal']),
    at: Instant,
    members: z.int(),
    placed: z.int(),
  })
  .meta({ id: 'Allocation' });

const AllocationFile = Allocation.extend({
  procedure: z.string(),
  seed: z.string(),
  commitment: z.string(),
  offers: z.array(z.object({ code: z.string(), name: z.string(), free: z.int() })),
  inputs: z.array(z.object({ id: z.string(), input: z.record(z.string(), z.unknown()) })),
  placements: z.array(z.object({ id: z.string(), offer: z.string().nullable(), rank: z.int(), why: Text })),
}).meta({ id: 'AllocationFile' });

const Result = z
  .object({
    pseudonym: z.string(),
    round: z.int(),
    offer: z.object({ code: z.string(), name: z.string() }).nullable(),
    why: Text.nullable(),
    state: z.enum(['no-result', 'offered', 'confirmed', 'waiting', 'ended']),
  })
  .meta({ id: 'CampaignResult' });

const Path = z.object({ code: CaseCode });
const AllocationPath = Path.extend({ number: z.coerce.number().int().min(1).max(1_000_000) });
const ResultPath = Path.extend({ pseudonym: z.string().regex(/^[A-Z2-9]{5}-[A-Z2-9]{5}$/) });
const Query = z.object({ of: z.string().max(20).optional() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/campaigns': {
    get: {
      summary:
        'Campaigns that were announced, the latest first; officers also see those that their agency plans',
      security: anybody,
      requestParams: { query: Query },
      responses: { 200: json('The campaigns', z.object({ items: z.array(Summary) })), default: refused },
    },
  },
  '/api/v1/campaigns/{code}': {
    get: {
      summary:
        'A campaign: its rounds with the digests of their seeds, its offers and their places, its criteria',
      security: anybody,
      requestParams: { path: Path },
      responses: { 200: json('The campaign', Details), default: refused },
    },
  },
  '/api/v1/campaigns/{code}/progress': {
    get: {
      summary: 'How many members of a campaign stand where, and the places of each offer; its agency only',
      requestParams: { path: Path },
      responses: { 200: json('The counts', Progress), default: refused },
    },
  },
  '/api/v1/campaigns/{code}/allocations': {
    get: {
      summary: 'The allocations that were published, in their order',
      security: anybody,
      requestParams: { path: Path },
      responses: { 200: json('The allocations', z.object({ items: z.array(Allocation) })), default: refused },
    },
  },
  '/api/v1/campaigns/{code}/allocations/{number}': {
    get: {
      summary:
        'Everything that an allocation was made of, without a person: `npm run allocate -- <address>` works it out again',
      security: anybody,
      requestParams: { path: AllocationPath },
      responses: { 200: json('The allocation', AllocationFile), default: refused },
    },
  },
  '/api/v1/campaigns/{code}/results/{pseudonym}': {
    get: {
      summary: 'What was decided of the application that has this pseudonym; nobody is named',
      security: anybody,
      requestParams: { path: ResultPath },
      responses: { 200: json('The result', Result), default: refused },
    },
  },
};

type Reading = Pick<Deps, 'db' | 'procedures'>;
export type CampaignView = z.infer<typeof Details>;

/** Campaigns, as everybody may read them. */
export function campaigns(deps: Reading): Router {
  const { db } = deps;
  const router = Router();

  router.get('/api/v1/campaigns', everybody, async (req, res) => {
    const { of } = checkAddress(req, Query, req.query);
    res.json({ items: await campaignsFor(deps, req, of) });
  });

  router.get('/api/v1/campaigns/:code', everybody, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(await campaignFor(deps, await readable(deps, req, code)));
  });

  router.get('/api/v1/campaigns/:code/progress', may('read', 'campaigns'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(await progressFor(deps, req, code));
  });

  router.get('/api/v1/campaigns/:code/allocations', everybody, async (req, res) => {
    const { code } = await readable(deps, req, checkAddress(req, Path, req.params).code);
    res.json({ items: z.array(Allocation).parse(await listAllocations(db, code)) });
  });

  router.get('/api/v1/campaigns/:code/allocations/:number', everybody, async (req, res) => {
    const { code, number } = checkAddress(req, AllocationPath, req.params);
    await readable(deps, req, code);
    const found = await findAllocationFile(db, code, number);
    if (!found) throw new Refusal('not-found', 'Chưa công bố · It was not published');
    res.set('Content-Disposition', `inline; filename="allocation-${code}-${number}.json"`);
    res.json(AllocationFile.parse(found));
  });

  router.get('/api/v1/campaigns/:code/results/:pseudonym', everybody, async (req, res) => {
    const { code, pseudonym } = checkAddress(req, ResultPath, req.params);
    await readable(deps, req, code);
    res.json(Result.parse(await resultFor(deps, code, pseudonym)));
  });

  return router;
}

/**
 * Finds what was decided of a member by its pseudonym.
 *
 * @throws Refusal `not-found`
 */
export async function resultFor({ db }: Pick<Deps, 'db'>, code: string, pseudonym: string) {
  const found = await findResult(db, code, pseudonym);
  if (!found) throw new Refusal('not-found', 'Không có mã này trong đợt · The campaign has no such code');
  return found;
}

/** Lists the campaigns that somebody may read. */
export async function campaignsFor(
  { db }: Reading,
  req: Request,
  of?: string,
): Promise<z.infer<typeof Summary>[]> {
  const agencies = req.actor ? agenciesFor(req.actor, 'read', 'campaigns') : [];
  const found = await listCampaigns(db, { agencies, ...(of ? { of } : {}) });
  return found.map((each) => Summary.parse(summaryOf(each)));
}

/** What a campaign is called. */
export const nameOf = ({ code, answers: { name } }: Campaign): string =>
  typeof name === 'string' ? name : code;

const summaryOf = (campaign: Campaign) => ({
  code: campaign.code,
  name: nameOf(campaign),
  agency: campaign.agency,
  of: campaign.of,
  announcedAt: campaign.announcedAt?.toISOString() ?? null,
  endedAt: campaign.endedAt?.toISOString() ?? null,
});

/** Gives a campaign as whoever may read it sees it. */
export async function campaignFor({ db, procedures }: Reading, campaign: Campaign): Promise<CampaignView> {
  const { code } = campaign;
  const facts = campaignFactsOf(procedures, campaign.procedure);
  const [rounds, offers] = await Promise.all([listRounds(db, code), listOffers(db, code)]);
  const planned = facts.rounds(campaign.answers).map((round, index) => ({ number: index + 1, ...round }));
  return Details.parse({
    ...summaryOf(campaign),
    criteria: facts.criteria,
    rounds: campaign.announcedAt ? rounds : planned,
    offers,
  });
}

/**
 * Counts the members and places of a campaign for the officers of its agency.
 *
 * @throws Refusal `not-found` or `wrong-agency`
 */
export async function progressFor({ db }: Reading, req: Request, code: string) {
  const campaign = await findCampaign(db, code);
  if (!req.actor || !isAble(req.actor, 'read', 'campaigns', campaign.agency.code))
    throw new Refusal('wrong-agency', 'Đợt của cơ quan khác · It is another agency’s campaign');
  const [members, offers] = await Promise.all([countMembers(db, code), countPlaces(db, code)]);
  return Progress.parse({ members, offers });
}

/**
 * Finds a campaign for who may read it: everybody from its announcement on, before that the officers of its agency.
 *
 * @throws Refusal `not-found`
 */
export async function readable(deps: Reading, { actor }: Request, code: string): Promise<Campaign> {
  const campaign = await findCampaign(deps.db, code);
  if (campaign.announcedAt || (actor && isAble(actor, 'read', 'campaigns', campaign.agency.code)))
    return campaign;
  throw new Refusal('not-found', 'Không có đợt này · There is no such campaign');
}
