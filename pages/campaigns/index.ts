import { Router } from 'express';
import { z } from 'zod';
import { everybody, isAble } from '../../api/abilities.ts';
import { campaignFor, campaignsFor, nameOf, progressFor, readable, resultFor } from '../../api/campaigns.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { CaseCode } from '../../api/schemas.ts';
import { listAllocations } from '../../records/campaign-files.ts';
import { countPlaces } from '../../records/campaign-views.ts';
import { Refusal, refusalOr } from '../../records/refusal.ts';
import { campaignFactsOf } from '../../workflows/campaigns.ts';
import type { CampaignFacts } from '../../workflows/engine/campaign-facts.ts';
import { fieldsOf } from '../form/fields.ts';
import { sayAnswers } from '../form/summary.ts';
import { sendPage } from '../page.ts';
import { sayAllocation, sayMembers, sayResult, sayRound } from './words.ts';
import { planPages } from './plan.ts';

const Path = z.object({ code: CaseCode });
const Query = z.object({ pseudonym: z.string().trim().max(20).default('') });

/** Campaigns as everybody reads them, their results by pseudonym, and for officers how they stand and how they are planned. */
export function campaignPages(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/campaigns', everybody, async (req, res) => {
    const language = languageOf(req);
    const campaigns = await campaignsFor(deps, req);
    sendPage(req, res, 'campaigns/list', {
      title: { vi: 'Các đợt xét', en: 'Campaigns' },
      campaigns: campaigns.map(({ code, name, agency, announcedAt, endedAt }) => ({
        code,
        name,
        agency: agency.name[language],
        state: stateOf(announcedAt, endedAt)[language],
      })),
      none: campaigns.length === 0,
    });
  });

  router.use(planPages(deps));

  router.get('/campaigns/:code', everybody, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const language = languageOf(req);
    const found = await readable(deps, req, code);
    const facts = campaignFactsOf(deps.procedures, found.procedure);
    const campaign = await campaignFor(deps, found);
    const [places, allocations] = await Promise.all([countPlaces(db, code), listAllocations(db, code)]);
    const leads = req.actor !== undefined && isAble(req.actor, 'read', 'campaigns', campaign.agency.code);
    const progress = leads ? await progressFor(deps, req, code) : undefined;
    sendPage(req, res, 'campaigns/campaign', {
      title: { vi: campaign.name, en: campaign.name },
      wide: true,
      code,
      agency: campaign.agency.name[language],
      state: stateOf(campaign.announcedAt, campaign.endedAt)[language],
      announced: campaign.announcedAt !== null,
      of: campaign.of,
      offerTitle: facts.offerTitle[language],
      rounds: campaign.rounds.map((round) => sayRound(round, clock.now(), language)),
      offers: places.map((place) => ({
        ...place,
        about: aboutOf(
          facts,
          campaign.offers.find((offer) => offer.code === place.code)?.details ?? {},
          language,
        ),
      })),
      criteria: campaign.criteria.map((criterion) => criterion[language]),
      allocations: allocations.map((allocation) => sayAllocation(allocation, language)),
      published: allocations.length > 0,
      members: progress && sayMembers(progress.members, language),
      leads,
      mayPlan: leads && campaign.announcedAt === null,
      none: campaign.offers.length === 0,
      back: '/campaigns',
    });
  });

  router.get('/campaigns/:code/results', everybody, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const { pseudonym } = checkAddress(req, Query, req.query);
    const language = languageOf(req);
    const campaign = await readable(deps, req, code);
    const asked = pseudonym.toUpperCase();
    const found = asked ? await refusalOr(resultFor(deps, code, asked)) : undefined;
    if (found instanceof Refusal) res.status(404);
    sendPage(req, res, 'campaigns/results', {
      title: { vi: 'Tra cứu kết quả xét', en: 'Look up a result' },
      campaign: nameOf(campaign),
      code,
      pseudonym: asked,
      unknown: found instanceof Refusal,
      result: found && !(found instanceof Refusal) ? sayResult(found, language) : undefined,
      back: `/campaigns/${code}`,
    });
  });

  return router;
}

/** What the facts of a campaign have its public page say of an offer, a line each. */
function aboutOf(
  { offer, shown }: CampaignFacts,
  details: Readonly<Record<string, unknown>>,
  language: Language,
): string[] {
  const fields = fieldsOf(offer, '');
  return shown
    .map((name) =>
      sayAnswers(
        fields.filter(({ pointer }) => pointer === `/${name}`),
        details,
        language,
      ),
    )
    .map((said) => said.map(({ value }) => value).join(', '))
    .filter((line) => line !== '');
}

function stateOf(announcedAt: string | null, endedAt: string | null): Record<Language, string> {
  if (endedAt) return { vi: 'Đã kết thúc', en: 'Ended' };
  if (announcedAt) return { vi: 'Đang diễn ra', en: 'Under way' };
  return { vi: 'Đang lập kế hoạch', en: 'Being planned' };
}
