import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import type { Actor } from '../records/actor.ts';
import type { Database } from '../records/db.ts';
import { listOfficers, type Officer } from '../records/people.ts';
import { expectAble, may } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { json, refused } from './schemas.ts';

const Officers = z.object({
  items: z.array(
    z
      .object({
        sub: z.string(),
        name: z.string(),
        roles: z.array(z.string()),
        agency: z.string(),
        title: z.string().nullable(),
      })
      .meta({ id: 'Officer' }),
  ),
});
const Query = z.object({
  agency: z.string().min(1).max(40).optional().meta({ description: 'Another agency, for admins' }),
});

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/people': {
    get: {
      summary: 'The officers of your agency who have signed in: whom you can assign to, appoint or mention',
      requestParams: { query: Query },
      responses: { 200: json('Officers by name', Officers), default: refused },
    },
  },
};

/** Officers by name, for officers. */
export function people({ db }: Pick<Deps, 'db'>): Router {
  const router = Router();
  router.get('/api/v1/people', may('read', 'people'), async (req, res) => {
    const { agency } = checkAddress(req, Query, req.query);
    res.json(Officers.parse({ items: await officersFor(db, actorIn(req), agency) }));
  });
  return router;
}

/**
 * Lists the officers of somebody's own agency, or of another one for those who may read them there.
 *
 * @throws Refusal `wrong-role` or `wrong-agency`
 */
export async function officersFor(
  db: Database,
  actor: Actor,
  agency = actor.agency ?? '',
): Promise<Officer[]> {
  expectAble(actor, 'read', 'people', agency);
  return listOfficers(db, agency);
}
