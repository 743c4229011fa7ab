import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import { OfferCode, planning, planOffer } from '../../api/campaign-plans.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { CaseCode, titled } from '../../api/schemas.ts';
import { dropOffer, listOffers } from '../../records/campaigns.ts';
import { Refusal } from '../../records/refusal.ts';
import type { CampaignFacts } from '../../workflows/engine/campaign-facts.ts';
import { assetAddress } from '../assets.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf, type Field } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';

const Path = z.object({ code: CaseCode });
const OfferPath = Path.extend({ offer: OfferCode });
const Code = z.object({ code: OfferCode.meta(titled('Mã', 'Code')) });

/** Where an officer plans what a campaign has places of, one by one, until it is announced. */
export function planPages(deps: Deps): Router {
  const { db } = deps;
  const router = Router();

  router.get('/campaigns/:code/offers/new', may('change', 'campaigns'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    show(req, res, { code, facts: await mayPlan(req, code), filled: {}, errors: noErrors });
  });

  router.post('/campaigns/:code/offers/new', may('change', 'campaigns'), formPost, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await plan(req, res, code);
  });

  router.get('/campaigns/:code/offers/:offer', may('change', 'campaigns'), async (req, res) => {
    const { code, offer } = checkAddress(req, OfferPath, req.params);
    const facts = await mayPlan(req, code);
    const known = (await listOffers(db, code)).find((each) => each.code === offer);
    if (!known) throw new Refusal('not-found', 'Không có nơi nhận này · There is no such offer');
    show(req, res, {
      code,
      facts,
      offer,
      filled: filledFrom(detailsOf(facts), known.details),
      errors: noErrors,
    });
  });

  router.post('/campaigns/:code/offers/:offer', may('change', 'campaigns'), formPost, async (req, res) => {
    const { code, offer } = checkAddress(req, OfferPath, req.params);
    await plan(req, res, code, offer);
  });

  router.post(
    '/campaigns/:code/offers/:offer/remove',
    may('change', 'campaigns'),
    formPost,
    async (req, res) => {
      const { code, offer } = checkAddress(req, OfferPath, req.params);
      await act(deps, req, async (by) => {
        await planning(deps, by, code);
        await dropOffer(by.trx, { ...by, campaign: code }, offer);
        return { status: 200, body: null };
      });
      await tellNext(req, { vi: `Đã bỏ ${offer} khỏi kế hoạch.`, en: `${offer} is no longer planned.` });
      res.redirect(303, `/campaigns/${code}`);
    },
  );

  return router;

  function mayPlan(req: Request, code: string): Promise<CampaignFacts> {
    return db.transaction((trx) => planning(deps, { trx, actor: actorIn(req) }, code));
  }

  async function plan(req: Request, res: Response, code: string, offer?: string): Promise<void> {
    const facts = await mayPlan(req, code);
    const fields = fieldsFor(facts, offer);
    const body = bodyOf(req);
    const filled = readFilled(fields, body);
    if (body['_add'] || body['_remove']) {
      show(req, res, { code, facts, offer, filled, errors: noErrors });
      return;
    }
    try {
      await act(deps, req, async (by) => {
        const { code: given, ...details } = answersIn(fields, filled);
        const named = offer ?? checkForm(req, Code, { code: given }).code;
        await planOffer(deps, by, req, code, { code: named, details }, '');
        return { status: 200, body: null };
      });
    } catch (error) {
      const errors = errorsOf(error, fields, filled, languageOf(req));
      show(req, res.status(422), { code, facts, offer, filled, errors });
      return;
    }
    await tellNext(req, { vi: 'Đã lưu vào kế hoạch.', en: 'It is in the plan.' });
    res.redirect(303, `/campaigns/${code}`);
  }

  function show(
    req: Request,
    res: Response,
    shown: {
      code: string;
      facts: CampaignFacts;
      offer?: string | undefined;
      filled: Filled;
      errors: FormErrors;
    },
  ): void {
    const { code, facts, offer, filled, errors } = shown;
    const language = languageOf(req);
    const { MAP_TILES: tiles = '', MAP_CREDIT: credit = '' } = deps.config;
    sendPage(req, res, 'campaigns/offer', {
      title: facts.offerTitle,
      code,
      offer,
      form: renderFields(fieldsFor(facts, offer), { filled, errors: errors.byPointer, language }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      map: { tiles, credit },
      scripts: [assetAddress('map.js')],
      styles: [assetAddress('map.css')],
      back: `/campaigns/${code}`,
    });
  }
}

const detailsOf = ({ offer }: CampaignFacts): Field[] => fieldsOf(offer, '');

/** What is asked of an offer; its code only as long as it has none. */
const fieldsFor = (facts: CampaignFacts, offer: string | undefined): Field[] => [
  ...(offer === undefined ? fieldsOf(Code, '') : []),
  ...detailsOf(facts),
];
