import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { rateCase, ratingOf } from '../records/ratings.ts';
import { Refusal } from '../records/refusal.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused, titled } from './schemas.ts';

const scores = {
  5: { vi: 'Rất hài lòng', en: 'Very satisfied' },
  4: { vi: 'Hài lòng', en: 'Satisfied' },
  3: { vi: 'Bình thường', en: 'Neither' },
  2: { vi: 'Không hài lòng', en: 'Dissatisfied' },
  1: { vi: 'Rất không hài lòng', en: 'Very dissatisfied' },
};
/** How somebody found the service. */
export const GivenRating = z
  .strictObject({
    score: z
      .enum(['5', '4', '3', '2', '1'])
      .meta({ ...titled('Bạn hài lòng đến mức nào?', 'How satisfied are you?'), choices: scores }),
    comment: z
      .string()
      .trim()
      .max(2000)
      .default('')
      .meta(titled('Điều bạn muốn nói thêm', 'Anything to add')),
  })
  .meta({ id: 'GivenRating' });
const Rating = z
  .object({ score: z.int().min(1).max(5), comment: z.string(), at: Instant })
  .meta({ id: 'Rating' });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/rating': {
    put: {
      summary: 'Say how you found the service of a case that has ended; the latest word counts',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenRating } } },
      responses: { 204: { description: 'Kept' }, default: refused },
    },
    get: {
      summary: 'How the applicant found the service',
      requestParams: { path: Path },
      responses: { 200: json('The rating', Rating), default: refused },
    },
  },
};

/** How applicants found the service. */
export function ratings(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.put('/api/v1/cases/:code/rating', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      const { score, comment } = checkForm(req, GivenRating, req.body);
      await rateCase(by.trx, by, { code, score: Number(score), comment });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.get('/api/v1/cases/:code/rating', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const rating = await ratingOf(deps.db, actorIn(req), code, deps.clock.now());
    if (!rating) throw new Refusal('not-found', 'Chưa có đánh giá · There is no rating yet');
    res.json(Rating.parse(rating));
  });

  return router;
}
