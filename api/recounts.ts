import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listRecounts, recountReport } from '../records/recounts.ts';
import { may } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, Instant, json, pageOf, Paging, refused, Text } from './schemas.ts';

const RecountView = z
  .object({
    id: z.int(),
    agency: z.string().meta({ description: 'With all below it; empty for all agencies' }),
    reason: Text,
    askedAt: Instant,
    startedAt: Instant.nullable(),
    finishedAt: Instant.nullable(),
    checked: z.int().meta({ description: 'Open cases looked at' }),
    told: z.int().meta({ description: 'Cases whose dates move' }),
    done: z.int().meta({ description: 'Cases that have counted again' }),
  })
  .meta({ id: 'Recount' });

const RecountedCase = z.object({
  case: CaseCode,
  dueBefore: Instant.nullable(),
  dueAfter: Instant.nullable(),
  doneAt: Instant.nullable(),
});
const Page = pageOf(RecountedCase);
const List = z.object({ items: z.array(RecountView) });
const Path = z.object({ id: z.coerce.number().int().min(1) });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/recounts': {
    get: {
      summary: 'Recounts after changes of the calendar, the latest first; admins only',
      responses: { 200: json('The recounts', List), default: refused },
    },
  },
  '/api/v1/recounts/{id}/cases': {
    get: {
      summary: 'The report of a recount: each case with its due instant before and after',
      requestParams: { path: Path, query: Paging },
      responses: { 200: json('A page of cases', Page), default: refused },
    },
  },
};

/** Recounts of open cases after a change of the calendar, for admins. */
export function recounts({ db }: Pick<Deps, 'db'>): Router {
  const router = Router();

  router.get('/api/v1/recounts', may('read', 'recounts'), async (req, res) => {
    const items = await listRecounts(db, 50);
    res.json(List.parse({ items: items.map(({ after: _after, ...item }) => written(item)) }));
  });

  router.get('/api/v1/recounts/:id/cases', may('read', 'recounts'), async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const { items, next } = await recountReport(db, id, checkAddress(req, Paging, req.query));
    res.json(Page.parse({ items: items.map(written), next }));
  });

  return router;
}

/** Writes the instants of a row as the API does. */
const written = <R extends object>(row: R) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : (value as unknown),
    ]),
  );
