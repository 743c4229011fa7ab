import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { amendCase, earlierWordings } from '../records/amendments.ts';
import { campaignOf, enrolAnew, mustBeOffered } from '../records/campaign-rounds.ts';
import { findCase } from '../records/case-views.ts';
import { localDay } from '../records/local-day.ts';
import { mayReadCase } from '../records/policy.ts';
import { withoutPersonal } from '../workflows/engine/form.ts';
import { PaperReference, type Procedure } from '../workflows/engine/index.ts';
import { signedIn } from './abilities.ts';
import { act, type Act } from './act.ts';
import { checkDay, checkPapers } from './application-form.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused } from './schemas.ts';

const GivenAmendment = z
  .strictObject({
    answers: z
      .record(z.string(), z.unknown())
      .meta({ description: 'All answers as they are to be, by the form of the procedure' }),
    papers: z
      .array(PaperReference)
      .max(30)
      .default([])
      .meta({ description: 'Papers that come to those that the case has' }),
  })
  .meta({ id: 'GivenAmendment' });
const Amended = z.object({ case: CaseCode }).meta({ id: 'Amended' });
const Earlier = z.object({
  items: z.array(z.object({ until: Instant, answers: z.record(z.string(), z.unknown()) })),
});
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/amendment': {
    post: {
      summary:
        'Change the answers of your application while a task of the case lets you; it is checked again',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenAmendment } } },
      responses: { 200: json('Changed', Amended), default: refused },
    },
    get: {
      summary: 'What the application said before each change, the latest first',
      requestParams: { path: Path },
      responses: { 200: json('Earlier wordings', Earlier), default: refused },
    },
  },
};

type Amending = Pick<Deps, 'db' | 'clock' | 'procedures'>;

/** Applications that are changed after they were handed in. */
export function amendments(deps: Amending): Router {
  const { db, clock } = deps;
  const router = Router();

  router.post('/api/v1/cases/:code/amendment', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const procedure = await procedureOf(deps, req, code);
    const given = checkForm(req, GivenAmendment, req.body);
    const { status, body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await amend(by, req, { code, ...given }, procedure),
    }));
    res.status(status).json(Amended.parse(body));
  });

  router.get('/api/v1/cases/:code/amendment', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await mayReadCase(db, actorIn(req), code, clock.now());
    res.json(Earlier.parse({ items: await earlierWordings(db, code) }));
  });

  return router;
}

/**
 * Finds the edition that governs a case, for somebody who may read it.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function procedureOf(
  { db, clock, procedures }: Amending,
  req: Request,
  code: string,
): Promise<Procedure> {
  const { procedure: id } = await findCase(db, actorIn(req), code, clock.now());
  const procedure = procedures.get(id);
  if (!procedure) throw new Error(`this code has no procedure ${id}`);
  return procedure;
}

/**
 * Changes an application as somebody wants it, as far as the form and the rules of its procedure let them.
 *
 * @throws Refusal `invalid-form` and by records/amendments.ts
 */
export async function amend(
  by: Act,
  req: Request,
  { code, answers: wanted, papers }: z.output<typeof GivenAmendment> & { code: string },
  procedure: Procedure,
): Promise<{ case: string }> {
  const answers = checkForm(req, procedure.application, wanted, '/answers');
  checkDay(procedure, localDay(by.at), answers);
  checkPapers({ ...procedure, papers: optional(procedure) }, papers);
  const campaign = procedure.membership && (await campaignOf(by.trx, code));
  if (campaign) {
    await mustBeOffered(by.trx, campaign, procedure.membership!.offers(answers));
    await enrolAnew(by.trx, code, procedure.membership!.about(answers));
  }
  const publicAnswers = withoutPersonal(procedure.application, answers);
  return amendCase(by.trx, by, { code, answers, publicAnswers, papers }, procedure.area);
}

/** Of what comes to the papers of a case, nothing is required. */
const optional = ({ papers }: Procedure) =>
  Object.fromEntries(Object.entries(papers).map(([kind, paper]) => [kind, { ...paper, required: false }]));
