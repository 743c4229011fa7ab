import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listConnectors, switchConnector } from '../records/connectors.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, refused, Text, titled } from './schemas.ts';
import { WhyChanged } from './windows.ts';

const Connector = z
  .object({
    code: z.string(),
    name: Text,
    off: z.object({ reason: z.string(), since: Instant, until: Instant.nullable() }).nullable(),
    answered: z.int().meta({ description: 'Calls in the last hour' }),
    failed: z.int().meta({ description: 'Calls in the last hour' }),
    averageMs: z.int().nullable(),
    lastAnswerAt: Instant.nullable(),
    lastFailureAt: Instant.nullable(),
    lastFailure: Text.nullable(),
    retrying: z.int().meta({ description: 'Calls of open cases that wait for it' }),
  })
  .meta({ id: 'Connector' });
const Connectors = z.object({ items: z.array(Connector) });

/** What is set: off until an instant or until it is switched on; or on. */
export const Switch = z.strictObject({
  off: z.boolean(),
  until: z.iso
    .datetime({ offset: true })
    .nullable()
    .default(null)
    .meta(titled('Đến lúc (để trống: đến khi bật lại)', 'Until (empty: until it is switched on)')),
  reason: WhyChanged,
});
export const ConnectorPath = z.object({ code: z.string().regex(/^[a-zA-Z]{1,40}$/) });
const Switched = z.object({ change: z.int().nullable() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/connectors': {
    get: {
      summary: 'How the systems of other agencies answer, and which are switched off; admins only',
      responses: { 200: json('The connectors', Connectors), default: refused },
    },
  },
  '/api/v1/connectors/{code}': {
    put: {
      summary: 'Switch a connector off, so that cases wait without asking, or on again; admins only',
      requestParams: { path: ConnectorPath, header: actHeader },
      requestBody: { content: { 'application/json': { schema: Switch } } },
      responses: { 200: json('The change in the history of settings', Switched), default: refused },
    },
  },
};

/** The systems of other agencies: their health and their switches. */
export function connectors(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/api/v1/connectors', may('read', 'administration'), async (_req, res) => {
    res.json(Connectors.parse({ items: await listConnectors(db, clock.now()) }));
  });

  router.put('/api/v1/connectors/:code', may('change', 'administration'), async (req, res) => {
    const { status, body } = await act(deps, req, async ({ trx, ...by }) => {
      const { code } = checkAddress(req, ConnectorPath, req.params);
      const { off, until, reason } = checkForm(req, Switch, req.body);
      const wanted = off ? { reason, until: until && new Date(until).toISOString() } : null;
      return { status: 200, body: await switchConnector(trx, { ...by, reason }, code, wanted) };
    });
    res.status(status).json(Switched.parse(body));
  });

  return router;
}
