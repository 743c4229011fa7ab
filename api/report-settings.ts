import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listApiKeys, makeApiKey, revokeApiKey } from '../records/api-keys.ts';
import { CityService, setService } from '../records/services.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, refused, titled } from './schemas.ts';
import { WhyChanged } from './windows.ts';

export const ServiceSetting = CityService.omit({ code: true })
  .extend({ reason: WhyChanged })
  .meta({ id: 'ServiceSetting' });
const Withdrawn = z.strictObject({ reason: WhyChanged });
const ServicePath = z.object({ code: CityService.shape.code });
const KeyPath = z.object({ id: z.uuid() });
const Changed = z.object({ code: z.string(), change: z.int().nullable() }).meta({ id: 'ServiceChanged' });
export const NewKey = z
  .strictObject({
    name: z.string().trim().min(1).max(100).meta(titled('Ứng dụng', 'Program')),
    contact: z.string().trim().min(1).max(200).meta(titled('Người liên hệ', 'Contact')),
    most: z
      .int()
      .min(1)
      .max(1_000)
      .default(30)
      .meta(titled('Phản ánh mỗi phút, tối đa', 'Reports a minute at most')),
  })
  .meta({ id: 'NewApiKey' });
const MadeKey = z
  .object({ id: z.uuid(), key: z.string().meta({ description: 'Told only now' }) })
  .meta({ id: 'MadeApiKey' });
const Key = z
  .object({
    id: z.uuid(),
    name: z.string(),
    contact: z.string(),
    most: z.int(),
    madeAt: Instant,
    usedAt: Instant.nullable(),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/services/{code}': {
    put: {
      summary: 'Say what can be reported, who leads and how soon; admins only',
      requestParams: { path: ServicePath, header: actHeader },
      requestBody: { content: { 'application/json': { schema: ServiceSetting } } },
      responses: { 200: json('Kept', Changed), default: refused },
    },
    delete: {
      summary: 'Offer a service no more; what was reported stays; admins only',
      requestParams: { path: ServicePath, header: actHeader },
      requestBody: { content: { 'application/json': { schema: Withdrawn } } },
      responses: { 200: json('Kept', Changed), default: refused },
    },
  },
  '/api/v1/api-keys': {
    get: {
      summary: 'The keys by which programs report (Open311); admins only',
      responses: { 200: json('The keys', z.object({ items: z.array(Key) })), default: refused },
    },
    post: {
      summary: 'Make a key for a program; admins only',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: NewKey } } },
      responses: { 201: json('The key', MadeKey), default: refused },
    },
  },
  '/api/v1/api-keys/{id}': {
    delete: {
      summary: 'Revoke a key for good; admins only',
      requestParams: { path: KeyPath, header: actHeader },
      responses: { 204: { description: 'Revoked' }, default: refused },
    },
  },
};

/** What admins set about reports: the services of the city, and the keys of programs. */
export function reportSettings(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.put('/api/v1/services/:code', may('change', 'administration'), async (req, res) => {
    const { code } = checkAddress(req, ServicePath, req.params);
    const { reason, ...service } = checkForm(req, ServiceSetting, req.body);
    const { body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await setService(by.trx, { ...by, reason }, code, service),
    }));
    res.json(Changed.parse(body));
  });

  router.delete('/api/v1/services/:code', may('change', 'administration'), async (req, res) => {
    const { code } = checkAddress(req, ServicePath, req.params);
    const { reason } = checkForm(req, Withdrawn, req.body);
    const { body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await setService(by.trx, { ...by, reason }, code, null),
    }));
    res.json(Changed.parse(body));
  });

  router.get('/api/v1/api-keys', may('read', 'administration'), async (_req, res) => {
    const items = JSON.parse(JSON.stringify(await listApiKeys(deps.db))) as unknown;
    res.json({ items: z.array(Key).parse(items) });
  });

  router.post('/api/v1/api-keys', may('change', 'administration'), async (req, res) => {
    const wanted = checkForm(req, NewKey, req.body);
    let made: { id: string; key: string } | undefined;
    const { body } = await act(deps, req, async (by) => {
      made = await makeApiKey(by.trx, by, wanted);
      // What is kept under the request's own key never holds this one.
      return { status: 201, body: { id: made.id } };
    });
    res.status(201).json(MadeKey.parse({ key: '', ...made, ...(body as { id: string }) }));
  });

  router.delete('/api/v1/api-keys/:id', may('change', 'administration'), async (req, res) => {
    const { id } = checkAddress(req, KeyPath, req.params);
    await act(deps, req, async (by) => {
      await revokeApiKey(by.trx, by, id);
      return { status: 204, body: null };
    });
    res.status(204).end();
  });

  return router;
}
