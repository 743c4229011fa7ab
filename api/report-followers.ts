import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { followIncident, rateAsFollower, unfollowIncident } from '../records/followers.ts';
import { everybody } from './abilities.ts';
import { actAs } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { limited } from './limits.ts';
import { actHeader, anybody, CaseCode, refused } from './schemas.ts';
import { reporterIn, strangerHeader } from './strangers.ts';

const Path = z.object({ code: CaseCode });
const Rating = z.strictObject({ score: z.int().min(1).max(5) }).meta({ id: 'FollowerRating' });
const header = actHeader.extend({ [strangerHeader]: z.string().max(1_000).optional() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/reports/{code}/follower': {
    put: {
      summary: 'Hear of a report that somebody else has made',
      security: anybody,
      requestParams: { path: Path, header },
      responses: { 204: { description: 'You follow it' }, default: refused },
    },
    delete: {
      summary: 'Hear of it no more',
      security: anybody,
      requestParams: { path: Path, header },
      responses: { 204: { description: 'You do not follow it' }, default: refused },
    },
  },
  '/api/v1/reports/{code}/follower/rating': {
    put: {
      summary: 'Say, as a follower, how you find what was done; its reporter answers the task `rating`',
      security: anybody,
      requestParams: { path: Path, header },
      requestBody: { content: { 'application/json': { schema: Rating } } },
      responses: { 204: { description: 'Kept' }, default: refused },
    },
  },
};

/** Hearing of what others have reported, signed in or with a report token. */
export function reportFollowers(deps: Deps): Router {
  const router = Router();

  router.put('/api/v1/reports/:code/follower', everybody, limited(deps, 'follow'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await actAs(deps, req, await reporterIn(deps, req), async ({ trx, actor, at }) => {
      await followIncident(trx, code, actor.sub, at);
      return { status: 204, body: null };
    });
    res.status(204).end();
  });

  router.delete('/api/v1/reports/:code/follower', everybody, limited(deps, 'follow'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await actAs(deps, req, await reporterIn(deps, req), async ({ trx, actor }) => {
      await unfollowIncident(trx, code, actor.sub);
      return { status: 204, body: null };
    });
    res.status(204).end();
  });

  router.put(
    '/api/v1/reports/:code/follower/rating',
    everybody,
    limited(deps, 'follow'),
    async (req, res) => {
      const { code } = checkAddress(req, Path, req.params);
      const { score } = checkForm(req, Rating, req.body);
      await actAs(deps, req, await reporterIn(deps, req), async ({ trx, actor, at }) => {
        await rateAsFollower(trx, { code, sub: actor.sub, score, at });
        return { status: 204, body: null };
      });
      res.status(204).end();
    },
  );

  return router;
}
