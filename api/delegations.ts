import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { roles } from '../records/actor.ts';
import { delegate, listDelegations, revoke } from '../records/delegations.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, Person, Reason, refused, titled } from './schemas.ts';

const Sub = z.string().min(1).max(200);
const Substitute = Sub.meta({
  ...titled('Người làm thay', 'The substitute'),
  widget: 'officer',
  description: 'Subject of an officer of the same agency',
});
const Offset = z.iso.datetime({ offset: true });

export const Appointment = z
  .strictObject({
    substitute: Substitute,
    principal: Sub.optional().meta({ description: 'Another than yourself, for admins' }),
    roles: z.array(z.enum(roles)).min(1).max(roles.length).optional().meta({
      description: 'Without it, every role that can be lent',
    }),
    procedures: z.array(z.string().min(1).max(100)).min(1).max(500).optional().meta({
      description: 'Ids of editions; without it, every one',
    }),
    from: Offset,
    to: Offset.meta({ description: 'The first instant that no longer belongs to the period' }),
    reason: Reason.meta({ ...titled('Lý do', 'Reason'), description: 'Required of admins' }),
  })
  .meta({ id: 'Appointment' });

const Delegation = z
  .object({
    id: z.uuid(),
    principal: Person,
    substitute: Person,
    agency: z.string(),
    roles: z.array(z.string()),
    procedures: z.array(z.string()).nullable(),
    from: Instant,
    to: Instant,
    reason: z.string(),
    revokedAt: Instant.nullable(),
  })
  .meta({ id: 'Delegation' });
const Delegations = z.object({ items: z.array(Delegation) });
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/delegations': {
    get: {
      summary: 'Whom you stand in for and who stands in for you; everybody for an admin',
      responses: { 200: json('Delegations, the latest first', Delegations), default: refused },
    },
    post: {
      summary: 'Appoint a substitute for a period, who acts in their own name in your place',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: Appointment } } },
      responses: { 201: json('Appointed', Delegation), default: refused },
    },
  },
  '/api/v1/delegations/{id}': {
    delete: {
      summary: 'End a delegation now',
      requestParams: { path: Path, header: actHeader },
      responses: { 204: { description: 'It lends nothing any more' }, default: refused },
    },
  },
};

/** Who stands in for whom. */
export function delegations(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const router = Router();

  router.get('/api/v1/delegations', signedIn, async (req, res) => {
    res.json(Delegations.parse({ items: await listDelegations(deps.db, actorIn(req)) }));
  });

  router.post('/api/v1/delegations', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { from, to, ...given } = checkForm(req, Appointment, req.body);
      const period = { from: new Date(from), to: new Date(to) };
      return { status: 201, body: await delegate(by.trx, by, { ...given, ...period }) };
    });
    res.status(status).json(Delegation.parse(body));
  });

  router.delete('/api/v1/delegations/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      await revoke(by.trx, { ...by, id: checkAddress(req, Path, req.params).id });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}
