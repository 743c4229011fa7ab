import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { addComment, listComments } from '../records/comments.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, pageOf, Paging, Person, refused } from './schemas.ts';

const Given = z
  .strictObject({
    body: z.string().trim().min(1).max(2000).meta({ description: '`@subject` mentions an officer' }),
  })
  .meta({ id: 'GivenComment' });
const Comment = z
  .object({
    number: z.int(),
    author: Person,
    body: z.string(),
    mentions: z.array(z.string()),
    at: Instant,
  })
  .meta({ id: 'Comment' });
const Path = z.object({ code: CaseCode });
const Query = Paging.extend({ cursor: z.coerce.number().int().min(1).max(1_000_000).optional() });
const Page = pageOf(Comment);

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/comments': {
    get: {
      summary: 'What officers told each other about a case, the latest first; applicants do not see it',
      requestParams: { path: Path, query: Query },
      responses: { 200: json('A page of comments', Page), default: refused },
    },
    post: {
      summary: 'Comment on a case for its officers',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: Given } } },
      responses: { 201: json('Kept', Comment), default: refused },
    },
  },
};

/** Comments of officers on cases. */
export function comments(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/cases/:code/comments', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const { code } = checkAddress(req, Path, req.params);
    const { limit, cursor } = checkAddress(req, Query, req.query);
    res.json(
      Page.parse(await listComments(deps.db, actor, code, { at: deps.clock.now(), limit, before: cursor })),
    );
  });

  router.post('/api/v1/cases/:code/comments', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async ({ trx, actor, at }) => {
      const { code } = checkAddress(req, Path, req.params);
      const given = checkForm(req, Given, req.body);
      return { status: 201, body: await addComment(trx, { actor, at, code, ...given }) };
    });
    res.status(status).json(Comment.parse(body));
  });

  return router;
}
