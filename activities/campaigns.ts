import {
  findAllocation,
  giveAllocated,
  keepAllocation,
  publishAllocation,
  readGivingOn,
  readStart,
  settleFreed,
  type AllocationCounts,
  type AllocationStart,
  type DecidedPlacement,
} from '../records/allocations.ts';
import {
  carryOver,
  keepInputs,
  lookedAt,
  membersToLookAt,
  type MemberNow,
} from '../records/campaign-members.ts';
import { announceCampaign, listRounds, type RoundTimes } from '../records/campaign-rounds.ts';
import { tellNoPlace, tellPlacements } from '../records/campaign-telling.ts';
import { countPlaces, type OfferCounts } from '../records/campaign-views.ts';
import { endCampaign } from '../records/campaign-work.ts';
import { findCampaign, listOffers, type CampaignOffer } from '../records/campaigns.ts';
import type { Database } from '../records/db.ts';
import { lotteryOf } from '../records/lottery.ts';
import { Refusal } from '../records/refusal.ts';

type Text = { vi: string; en: string };

/** What the facts of a campaign's procedure say, evaluated outside the sandbox. */
export interface CampaignRules {
  keepsDays: number;
  rounds: (answers: Record<string, unknown>) => readonly RoundTimes[];
  /** Everything that is wrong with a plan, by the path of the field or the offer. */
  wrongIn: (answers: Record<string, unknown>, offers: readonly CampaignOffer[]) => readonly WrongPart[];
  input: (member: MemberNow, offers: readonly CampaignOffer[]) => Record<string, unknown>;
  allocate: (problem: {
    offers: AllocationStart['offers'];
    members: { id: string; lottery: string; input: Record<string, unknown> }[];
  }) => readonly { id: string; offer: string | null; rank: number; why: Text }[];
}

/** A part of a plan that is wrong, and how. */
export interface WrongPart {
  path: readonly string[];
  message: string;
}

/** What a campaign wants done. */
export interface CampaignRequest {
  case: string;
  /** The workflow's instant (ISO 8601). */
  at: string;
  round?: number;
  /** Business key of an allocation. */
  key?: string;
  allocation?: number;
}

/** Whether a campaign was announced: what is wrong with its plan, or else the digests of the seeds of its rounds. */
interface Announced {
  wrong: WrongPart[];
  commitments: string[];
}

/** How far the telling of members has come. */
interface Told {
  told: number;
  more: boolean;
}

/** What the activities of campaigns need. */
export interface CampaignDependencies {
  db: Database;
  campaignRules: (procedure: string) => CampaignRules;
}

/** Members that are looked at, or told, in one transaction. */
const atOnce = 200;
/** How long one call goes on before it answers how far it has come. */
const stretchMs = 8_000;

/** Makes what a campaign does with its members; each deed may be told again and is done once. */
export function createCampaign({ db, campaignRules }: CampaignDependencies) {
  const open = async (code: string) => {
    const campaign = await findCampaign(db, code);
    return { campaign, rules: campaignRules(campaign.procedure) };
  };

  const deeds = {
    /** Announces the campaign if its plan is right; gives what is wrong with it otherwise. */
    async announce({ case: code, at }: CampaignRequest): Promise<Announced> {
      const { campaign, rules } = await open(code);
      if (campaign.announcedAt) return announced();
      const wrong = [...rules.wrongIn(campaign.answers, await listOffers(db, code))];
      if (wrong.length > 0) return { wrong, commitments: [] };
      try {
        await db.transaction((trx) =>
          announceCampaign(trx, code, rules.rounds(campaign.answers), new Date(at)),
        );
        return await announced();
      } catch (error) {
        if (!(error instanceof Refusal) || error.type !== 'invalid-form') throw error;
        const overlaps = error.errors.map(({ detail }) => ({ path: ['rounds'], message: detail }));
        return { wrong: overlaps, commitments: [] };
      }

      async function announced(): Promise<Announced> {
        return { wrong: [], commitments: (await listRounds(db, code)).map(({ commitment }) => commitment) };
      }
    },

    /** Counts the places of each offer. */
    async count({ case: code }: CampaignRequest): Promise<{ offers: OfferCounts[] }> {
      return { offers: await countPlaces(db, code) };
    },

    /** Makes the inputs of the members of a round, some at a time. */
    async look({ case: code, round = 1, key = '' }: CampaignRequest): Promise<{ more: boolean }> {
      const { rules } = await open(code);
      const offers = await listOffers(db, code);
      const looking = { campaign: code, round, key };
      const { more } = await inStretches(async () => {
        const members = await membersToLookAt(db, looking, atOnce);
        const inputs = members.map((member) => ({ member, input: rules.input(member, offers) }));
        if (members.length > 0) await keepInputs(db, looking, inputs);
        return members.length;
      });
      return { more };
    },

    /** Allocates the free places to the members of a round; nothing is given before it is published. */
    async allocate({ case: code, round = 1, key = '', at }: CampaignRequest): Promise<AllocationCounts> {
      const kept = await findAllocation(db, code, key);
      if (kept) return kept;
      const { rules } = await open(code);
      const looking = { campaign: code, round, key };
      const [start, { unchecked }] = await Promise.all([readStart(db, looking), lookedAt(db, looking)]);
      const placements = decide(rules, start);
      return db.transaction((trx) =>
        keepAllocation(trx, { ...looking, at: new Date(at), start, placements, unchecked }),
      );
    },

    /** Publishes an allocation: the places are given. */
    async publish({ case: code, round = 1, allocation = 0, at }: CampaignRequest): Promise<void> {
      const given = { campaign: code, round, allocation, at: new Date(at) };
      await db.transaction((trx) => publishAllocation(trx, given));
    },

    /** Tells members what was decided of them, as far as they wait for it. */
    async tell({ case: code, at }: CampaignRequest): Promise<Told> {
      const { rules } = await open(code);
      const telling = { campaign: code, keepsDays: rules.keepsDays, at: new Date(at) };
      return inStretches(() => tellPlacements(db, telling, atOnce));
    },

    /** Gives free places on to those who wait; says how many were given. */
    async give({ case: code, at }: CampaignRequest): Promise<{ given: number }> {
      const { rules } = await open(code);
      return db.transaction(async (trx) => {
        const start = await readGivingOn(trx, code);
        if (!start || start.freed === 0) return { given: 0 };
        const { round, key } = start;
        const placements = decide(rules, start).filter(({ offer }) => offer !== null);
        if (placements.length > 0) {
          const made = { campaign: code, round, key, at: new Date(at), start, placements, unchecked: 0 };
          const { allocation } = await keepAllocation(trx, made);
          await giveAllocated(trx, { campaign: code, allocation, at: new Date(at) });
        }
        await settleFreed(trx, code);
        return { given: placements.length };
      });
    },

    /** Lets who has no place take part in the next round. */
    async carry({ case: code, round = 1, at }: CampaignRequest): Promise<{ carried: number }> {
      return { carried: await carryOver(db, { campaign: code, round, at: new Date(at) }) };
    },

    /** Tells who still waits that there will be no place, and ends the campaign when nobody is left. */
    async close({ case: code, at }: CampaignRequest): Promise<Told & { left: number }> {
      const { rules } = await open(code);
      const telling = { campaign: code, keepsDays: rules.keepsDays, at: new Date(at) };
      const told = await inStretches(() => tellNoPlace(db, telling, atOnce));
      return { ...told, left: await endCampaign(db, code, new Date(at)) };
    },
  };

  return deeds;
}

/** Works in batches until one is not full, or the time of one call is over. */
async function inStretches(batch: () => Promise<number>): Promise<Told> {
  const until = performance.now() + stretchMs;
  let told = 0;
  while (performance.now() < until) {
    const done = await batch();
    told += done;
    if (done < atOnce) return { told, more: false };
  }
  return { told, more: true };
}

function decide(rules: CampaignRules, { offers, members, seed }: AllocationStart): DecidedPlacement[] {
  const codes = new Map(members.map(({ pseudonym, caseCode }) => [pseudonym, caseCode]));
  const decided = rules.allocate({
    offers,
    members: members.map(({ pseudonym, input }) => ({
      id: pseudonym,
      lottery: lotteryOf(seed, pseudonym),
      input,
    })),
  });
  return decided.map(({ id, ...placement }) => ({ caseCode: codes.get(id)!, ...placement }));
}
