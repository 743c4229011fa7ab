import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listChanges } from '../records/setting-changes.ts';
import { undoSetting } from '../records/undo-setting.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, pageOf, Paging, Person, refused } from './schemas.ts';

const area = z.enum(['windows', 'tariffs', 'connectors', 'services']);
const Query = Paging.extend({ area, cursor: z.coerce.number().int().min(1).optional() });
const Path = z.object({ id: z.coerce.number().int().min(1) });
const facts = z.record(z.string(), z.unknown()).nullable();
const Changes = pageOf(
  z
    .object({
      id: z.int(),
      area,
      subject: z.string().meta({
        description: 'The window’s id; procedure/agency/item/day of a rate; code of a connector or service',
      }),
      at: Instant,
      actor: Person,
      before: facts,
      after: facts,
      reason: z.string(),
      latest: z.boolean().meta({ description: 'Nothing was changed there since: it can be undone' }),
    })
    .meta({ id: 'SettingChange' }),
);
const Undone = z.object({ change: z.int().nullable() }).meta({ id: 'SettingUndone' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/settings/changes': {
    get: {
      summary: 'Who changed windows, tariffs, connectors or services, when and why; admins only',
      requestParams: { query: Query },
      responses: { 200: json('A page of changes, the latest first', Changes), default: refused },
    },
  },
  '/api/v1/settings/changes/{id}/undo': {
    post: {
      summary: 'Make a setting what it was before its latest change; admins only',
      requestParams: { path: Path, header: actHeader },
      responses: { 200: json('The change that undoes it', Undone), default: refused },
    },
  },
};

/** The history of what admins have set, and the way back. */
export function settings(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/settings/changes', may('read', 'administration'), async (req, res) => {
    const { limit, cursor, ...asked } = checkAddress(req, Query, req.query);
    const rows = await listChanges(deps.db, { ...asked, before: cursor, limit: limit + 1 });
    const items = rows.slice(0, limit);
    const next = rows.length > limit ? { next: String(items.at(-1)!.id) } : {};
    res.json(Changes.parse({ items, ...next }));
  });

  router.post('/api/v1/settings/changes/:id/undo', may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { id } = checkAddress(req, Path, req.params);
      return { status: 200, body: await undoSetting(by.trx, by, id) };
    });
    res.status(status).json(Undone.parse(body));
  });

  return router;
}
