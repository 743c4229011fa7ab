import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { augmentNow } from '../records/augmentation.ts';
import { retryNow, skipAnswer, type CallKey } from '../records/retrying.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, refused, titled } from './schemas.ts';

/** A call of a case: its activity as the Temporal UI names it, and its number. */
export const CallPath = z.object({
  case: CaseCode,
  activity: z
    .string()
    .regex(/^[a-z]+ [\w.-]{1,100}$/i)
    .meta({ example: 'ask parcel' }),
  number: z.coerce.number().int().min(-1_000_000).max(1_000_000),
});
export const WhySteppedIn = z.strictObject({
  reason: z.string().trim().min(3).max(2_000).meta(titled('Lý do', 'Reason')),
});
const DocumentPath = z.object({ id: z.uuid() });

const changes = (summary: string) => ({
  post: {
    summary,
    requestParams: { path: CallPath, header: actHeader },
    requestBody: { content: { 'application/json': { schema: WhySteppedIn } } },
    responses: {
      202: { description: 'Under way; the list of stuck work tells whether it helped' },
      default: refused,
    },
  },
});

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/operations/calls/{case}/{activity}/{number}/retry': changes(
    'Have a call of a case tried again at once; admins only',
  ),
  '/api/v1/operations/calls/{case}/{activity}/{number}/skip': changes(
    'Let a case go on without an agency’s answer, where its story can; admins only',
  ),
  '/api/v1/operations/documents/{id}/augment': {
    post: {
      summary: 'Complete the signatures of a document that was set aside now; admins only',
      requestParams: { path: DocumentPath, header: actHeader },
      responses: { 202: { description: 'Under way' }, default: refused },
    },
  },
};

/** What admins do about work that does not flow: each act with its reason in the record of the case. */
export function interventions(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  for (const [name, stepIn] of Object.entries(steppingIn))
    router.post(
      `/api/v1/operations/calls/:case/:activity/:number/${name}`,
      may('change', 'administration'),
      async (req, res) => {
        const { status } = await act(deps, req, async ({ trx, ...by }) => {
          const { reason } = checkForm(req, WhySteppedIn, req.body);
          await stepIn(trx, { ...by, reason }, checkAddress(req, CallPath, req.params));
          return { status: 202, body: null };
        });
        res.status(status).end();
      },
    );

  router.post(
    '/api/v1/operations/documents/:id/augment',
    may('change', 'administration'),
    async (req, res) => {
      const { status } = await act(deps, req, async ({ trx, at }) => {
        await augmentNow(trx, checkAddress(req, DocumentPath, req.params).id, at);
        return { status: 202, body: null };
      });
      res.status(status).end();
    },
  );

  return router;
}

/** How an admin steps in, by the last word of the address. */
export const steppingIn = { retry: retryNow, skip: skipAnswer } satisfies Record<
  string,
  (trx: Parameters<typeof retryNow>[0], by: Parameters<typeof retryNow>[1], key: CallKey) => Promise<void>
>;
