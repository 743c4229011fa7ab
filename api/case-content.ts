import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { caseContent, readsOf } from '../records/case-content.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, Instant, json, refused, Text } from './schemas.ts';

const Content = z
  .object({
    applicant: z.record(z.string(), z.unknown()),
    answers: z.record(z.string(), z.unknown()).meta({ description: 'By the form of the procedure' }),
  })
  .meta({ id: 'CaseContent' });
const Reads = z.object({
  items: z.array(
    z.object({ at: Instant, name: z.string(), title: z.string().optional(), agency: Text.optional() }),
  ),
});

const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/content': {
    get: {
      summary: 'What was applied for, as it is known now; that an officer reads it is kept for the applicant',
      requestParams: { path: Path },
      responses: { 200: json('Applicant and answers', Content), default: refused },
    },
  },
  '/api/v1/cases/{code}/reads': {
    get: {
      summary: 'Which officers have read your case, by day',
      requestParams: { path: Path },
      responses: { 200: json('The readers', Reads), default: refused },
    },
  },
};

/** What a case says of people, and who has read it. */
export function caseContents({ db, clock }: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/cases/:code/content', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(Content.parse(await caseContent(db, actorIn(req), code, clock.now())));
  });

  router.get('/api/v1/cases/:code/reads', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(Reads.parse({ items: await readsOf(db, actorIn(req), code, clock.now()) }));
  });

  return router;
}
