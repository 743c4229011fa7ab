import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { deleteFilter, listFilters, renameFilter, saveFilter } from '../records/filters.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { Narrowing } from './inbox.ts';
import { actHeader, json, refused } from './schemas.ts';

const Query = z
  .string()
  .max(1_000)
  .refine((query) => z.strictObject(Narrowing.shape).safeParse(parametersOf(query)).success, {
    error: 'Bộ lọc không hợp lệ · Not a filter of the list of tasks',
  })
  .meta({
    description: 'The query of `/api/v1/tasks` without limit and cursor',
    example: 'due=today&claimed=none',
  });
const nameFields = {
  name: z.string().trim().min(1).max(100),
  shared: z.boolean().default(false).meta({ description: 'With the officers of your agency' }),
};
/** A filter as it is given a name. */
export const GivenFilter = z.strictObject({ ...nameFields, query: Query }).meta({ id: 'GivenFilter' });
const Renamed = z.strictObject(nameFields).meta({ id: 'RenamedFilter' });
const Filter = z
  .object({
    id: z.uuid(),
    name: z.string(),
    query: z.string(),
    shared: z.boolean(),
    own: z.boolean().meta({ description: 'Whether it is yours, so that you can change it' }),
  })
  .meta({ id: 'Filter' });
const Path = z.object({ id: z.uuid() });
const acting = { path: Path, header: actHeader };

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/me/filters': {
    get: {
      summary: 'Your saved filters of lists of tasks, and those that your colleagues share',
      responses: { 200: json('Filters by name', z.object({ items: z.array(Filter) })), default: refused },
    },
    post: {
      summary: 'Save a filter',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenFilter } } },
      responses: { 201: json('Saved', Filter), default: refused },
    },
  },
  '/api/v1/me/filters/{id}': {
    put: {
      summary: 'Rename a filter of yours, and share it or not',
      requestParams: acting,
      requestBody: { content: { 'application/json': { schema: Renamed } } },
      responses: { 200: json('Renamed', Filter), default: refused },
    },
    delete: {
      summary: 'Delete a filter of yours',
      requestParams: acting,
      responses: { 204: { description: 'Deleted' }, default: refused },
    },
  },
};

/** Filters that people have saved. */
export function filters(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/me/filters', signedIn, async (req, res) => {
    const items = await listFilters(deps.db, actorIn(req));
    res.json({ items: z.array(Filter).parse(items) });
  });

  router.post('/api/v1/me/filters', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => ({
      status: 201,
      body: await saveFilter(by.trx, by, checkForm(req, GivenFilter, req.body)),
    }));
    res.status(status).json(Filter.parse(body));
  });

  router.put('/api/v1/me/filters/:id', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async ({ trx, actor }) => ({
      status: 200,
      body: await renameFilter(trx, actor, idOf(req), checkForm(req, Renamed, req.body)),
    }));
    res.status(status).json(Filter.parse(body));
  });

  router.delete('/api/v1/me/filters/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async ({ trx, actor }) => {
      await deleteFilter(trx, actor, idOf(req));
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;

function parametersOf(query: string): Record<string, string> {
  return Object.fromEntries(new URLSearchParams(query));
}
