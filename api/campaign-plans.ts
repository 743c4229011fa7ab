import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import {
  dropOffer,
  findCampaign,
  mayPlan,
  putOffer,
  putOffers,
  type CampaignOffer,
} from '../records/campaigns.ts';
import { Refusal } from '../records/refusal.ts';
import { campaignFactsOf, wrongWith } from '../workflows/campaigns.ts';
import { filerOf } from '../workflows/catalogue.ts';
import type { CampaignFacts } from '../workflows/engine/campaign-facts.ts';
import { may } from './abilities.ts';
import { act, type Act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, json, refused } from './schemas.ts';

export const OfferCode = z
  .string()
  .regex(
    /^[A-Z0-9-]{2,20}$/,
    'Chữ hoa, số, gạch nối, ví dụ TH-HOA · Capitals, digits, hyphens, such as TH-HOA',
  )
  .meta({ example: 'TH-HOA' });
const GivenOffer = z
  .strictObject({
    details: z.record(z.string(), z.unknown()).meta({ description: 'By the form of the campaign' }),
  })
  .meta({ id: 'GivenOffer' });
const GivenOffers = z
  .strictObject({
    offers: z.array(z.strictObject({ code: OfferCode, details: GivenOffer.shape.details })).max(500),
  })
  .meta({ id: 'GivenOffers' });
const Planned = z.object({ campaign: CaseCode, places: z.int() }).meta({ id: 'OffersPlanned' });
const Path = z.object({ code: CaseCode });
const OfferPath = Path.extend({ offer: OfferCode });

const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/campaigns/{code}/offers': {
    put: {
      summary: 'Make these all that a campaign has places of, until it is announced; officers who file it',
      requestParams: { path: Path, header: actHeader },
      requestBody: body(GivenOffers),
      responses: { 200: json('The places', Planned), default: refused },
    },
  },
  '/api/v1/campaigns/{code}/offers/{offer}': {
    put: {
      summary: 'Plan what a campaign has places of, or change it, until it is announced',
      requestParams: { path: OfferPath, header: actHeader },
      requestBody: body(GivenOffer),
      responses: { 200: json('The places', Planned), default: refused },
    },
    delete: {
      summary: 'Take something out of the plan of a campaign, until it is announced',
      requestParams: { path: OfferPath, header: actHeader },
      responses: { 200: json('Nothing of it is left', Planned), default: refused },
    },
  },
};

type Planning = Pick<Deps, 'db' | 'clock' | 'procedures'>;

/** The plans of campaigns, for those who make them. */
export function campaignPlans(deps: Planning): Router {
  const router = Router();

  router.put('/api/v1/campaigns/:code/offers', may('change', 'campaigns'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const { offers } = checkForm(req, GivenOffers, req.body);
    const { body } = await act(deps, req, async (by) => {
      const facts = await planning(deps, by, code);
      const planned = offers.map((offer, index) => offerOf(req, facts, offer, `/offers/${index}/details`));
      mustDiffer(planned);
      await putOffers(by.trx, { ...by, campaign: code }, planned);
      return answer(code, planned);
    });
    res.json(Planned.parse(body));
  });

  router.put('/api/v1/campaigns/:code/offers/:offer', may('change', 'campaigns'), async (req, res) => {
    const { code, offer } = checkAddress(req, OfferPath, req.params);
    const { details } = checkForm(req, GivenOffer, req.body);
    const { body } = await act(deps, req, async (by) => {
      const planned = await planOffer(deps, by, req, code, { code: offer, details });
      return answer(code, [planned]);
    });
    res.json(Planned.parse(body));
  });

  router.delete('/api/v1/campaigns/:code/offers/:offer', may('change', 'campaigns'), async (req, res) => {
    const { code, offer } = checkAddress(req, OfferPath, req.params);
    const { body } = await act(deps, req, async (by) => {
      await planning(deps, by, code);
      await dropOffer(by.trx, { ...by, campaign: code }, offer);
      return answer(code, []);
    });
    res.json(Planned.parse(body));
  });

  return router;
}

const answer = (campaign: string, planned: readonly CampaignOffer[]) => ({
  status: 200,
  body: { campaign, places: planned.reduce((sum, each) => sum + each.planned, 0) },
});

/**
 * Plans an offer, or changes it.
 *
 * @param at JSON Pointer of its details in what was sent
 * @throws Refusal by {@link planning} and `invalid-form`
 */
export async function planOffer(
  deps: Planning,
  by: Act,
  req: Request,
  campaign: string,
  given: { code: string; details: Record<string, unknown> },
  at = '/details',
): Promise<CampaignOffer> {
  const facts = await planning(deps, by, campaign);
  const planned = offerOf(req, facts, given, at);
  await putOffer(by.trx, { ...by, campaign }, planned);
  return planned;
}

/**
 * Lets through who may plan a campaign now, and gives what its facts say.
 *
 * @throws Refusal `not-found`, `wrong-agency`, `wrong-role` or `case-decided`
 */
export async function planning(
  { procedures }: Pick<Deps, 'procedures'>,
  { trx, actor }: Pick<Act, 'trx' | 'actor'>,
  code: string,
): Promise<CampaignFacts> {
  const { procedure } = await findCampaign(trx, code);
  const filer = filerOf(procedures.get(procedure) ?? {});
  const campaign = await mayPlan(trx, actor, code, filer ?? 'specialist');
  return campaignFactsOf(procedures, campaign.procedure);
}

/** An offer with its places, checked by the form of the campaign. */
function offerOf(
  req: Request,
  facts: CampaignFacts,
  { code, details: given }: { code: string; details: Record<string, unknown> },
  at: string,
): CampaignOffer {
  const details: Record<string, unknown> = checkForm(req, facts.offer, given, at);
  const wrong = wrongWith(facts, { code, details }).map(({ message }) => ({ pointer: at, detail: message }));
  if (wrong.length > 0) throw invalid(wrong);
  return { code, details, ...facts.places(details) };
}

function mustDiffer(offers: readonly CampaignOffer[]): void {
  const codes = offers.map(({ code }) => code);
  const twice = codes.flatMap((code, index) =>
    codes.indexOf(code) === index
      ? []
      : [{ pointer: `/offers/${index}/code`, detail: `${code}: đã có mã này · this code is there already` }],
  );
  if (twice.length > 0) throw invalid(twice);
}

const invalid = (errors: { pointer: string; detail: string }[]) =>
  new Refusal('invalid-form', 'Kế hoạch chưa đúng · The plan is not right', errors);
