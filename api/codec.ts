import express, { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { may } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { json, refused } from './schemas.ts';

const Payloads = z
  .object({
    payloads: z
      .array(
        z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') }),
      )
      .max(2000),
  })
  .meta({ id: 'Payloads' });

const Namespace = z
  .string()
  .regex(/^[\w.-]{1,100}$/)
  .catch('');

export const paths: ZodOpenApiPathsObject = {
  '/codec/decode': {
    post: {
      summary: 'Show what Temporal keeps encrypted, to admins (remote codec protocol of the Temporal UI)',
      requestBody: { content: { 'application/json': { schema: Payloads } } },
      responses: { 200: json('In clear', Payloads), default: refused },
    },
  },
};

/** The codec endpoint of the Temporal UI; every look is logged with who looked, never with what was seen. */
export function codec({ codec, log }: Pick<Deps, 'codec' | 'log'>): Router {
  const router = Router();

  router.post('/codec/decode', may('read', 'codec'), express.json({ limit: '20mb' }), async (req, res) => {
    const actor = actorIn(req);
    const { payloads } = checkForm(req, Payloads, req.body);
    const namespace = Namespace.parse(req.get('x-namespace'));
    log.info({ admin: actor.sub, payloads: payloads.length, namespace }, 'an admin looked at payloads');
    const clear = await codec.decode(
      payloads.map(({ metadata, data }) => ({ metadata: mapValues(metadata, bytes), data: bytes(data) })),
    );
    res.set('Cache-Control', 'no-store').json({
      payloads: clear.map(({ metadata, data }) => ({
        metadata: mapValues(metadata ?? {}, base64),
        data: base64(data),
      })),
    });
  });

  return router;
}

const bytes = (text: string): Uint8Array => Buffer.from(text, 'base64');
const base64 = (data: Uint8Array | null | undefined) => Buffer.from(data ?? []).toString('base64');
const mapValues = <A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
