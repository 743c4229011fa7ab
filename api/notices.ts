import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { channels } from '../messaging/channels.ts';
import { chooseChannels, contactOf } from '../records/contacts.ts';
import { listNotices, markRead, noticesAbout } from '../records/own-notices.ts';
import { standingIn } from '../records/parties.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { caseFor } from './cases.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused, Text } from './schemas.ts';

const Notice = z
  .object({
    case: z.string(),
    notice: z.string().meta({ description: 'Its kind, for example `supplement`' }),
    number: z.int(),
    subject: Text,
    body: Text,
    at: Instant,
    read: z.boolean(),
  })
  .meta({ id: 'Notice' });
const Notices = z.object({ items: z.array(Notice) });

/** What may be read or marked: what was told up to then. */
export const Until = z.strictObject({
  until: z.iso
    .datetime()
    .meta({ description: 'The instant of the latest notice that was read', 'title.en': 'Until' }),
});
const Query = z.object({
  until: z.iso.datetime().optional().meta({ description: 'Only what was told up to then; now without it' }),
});

/** What one can choose about notices; null leaves it to us: e-mail where there is an address, else SMS. */
export const Choices = z
  .strictObject({
    byEmail: z.boolean().nullable(),
    bySms: z.boolean().nullable(),
    language: z.enum(['vi', 'en']).nullable(),
  })
  .meta({ id: 'NoticeChoices' });
const Contact = Choices.extend({
  email: z.string().nullable(),
  phone: z.string().nullable(),
}).meta({
  id: 'Contact',
  description: 'Addresses are those that the identity provider vouches for; an application may name others',
});

const CaseNotice = z
  .object({
    notice: z.string(),
    number: z.int(),
    to: z.enum(['applicant', 'officer', 'queue']),
    subject: Text,
    at: Instant,
    deliveries: z.array(
      z.object({
        channel: z.enum(channels),
        state: z.enum(['queued', 'sent', 'failed']),
        attempts: z.int(),
        failure: z.string().nullable(),
        endedAt: Instant.nullable(),
      }),
    ),
  })
  .meta({ id: 'CaseNotice' });
const CaseNotices = z.object({ items: z.array(CaseNotice) });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/me/notices': {
    get: {
      summary: 'What you were told, the latest 100 first',
      requestParams: { query: Query },
      responses: { 200: json('Notices', Notices), default: refused },
    },
  },
  '/api/v1/me/notices/read': {
    post: {
      summary: 'Mark what you were told up to an instant as read',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: Until } } },
      responses: { 204: { description: 'Marked' }, default: refused },
    },
  },
  '/api/v1/me/contact': {
    get: {
      summary: 'How notices reach you',
      responses: { 200: json('Addresses and choices', Contact), default: refused },
    },
    put: {
      summary: 'Choose how notices reach you; those that change your rights or duties come in any case',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: Choices } } },
      responses: { 204: { description: 'Kept' }, default: refused },
    },
  },
  '/api/v1/cases/{code}/notices': {
    get: {
      summary: 'What was told about a case, and how far each delivery is',
      requestParams: { path: Path },
      responses: { 200: json('The latest first', CaseNotices), default: refused },
    },
  },
};

/** Notices for whom they are meant, and for officers how they were delivered. */
export function notices(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/api/v1/me/notices', signedIn, async (req, res) => {
    const { until } = checkAddress(req, Query, req.query);
    const items = await listNotices(db, actorIn(req), until ? new Date(until) : clock.now());
    res.json(Notices.parse({ items: items.map((each) => ({ ...each, at: each.at.toISOString() })) }));
  });

  router.post('/api/v1/me/notices/read', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async ({ trx, actor, at }) => {
      const until = new Date(checkForm(req, Until, req.body).until);
      await markRead(trx, { actor, at, until });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.get('/api/v1/me/contact', signedIn, async (req, res) => {
    res.json(Contact.parse(await contactOf(db, actorIn(req).sub)));
  });

  router.put('/api/v1/me/contact', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async ({ trx, actor }) => {
      await chooseChannels(trx, actor, checkForm(req, Choices, req.body));
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.get('/api/v1/cases/:code/notices', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json(CaseNotices.parse({ items: await caseNoticesFor(deps, req, code) }));
  });

  return router;
}

/**
 * Lists what was told about a case to whoever may read it: a party sees what its own side was told.
 *
 * @throws Refusal as reading the case does
 */
export async function caseNoticesFor(
  deps: Deps,
  req: Parameters<typeof actorIn>[0],
  code: string,
): Promise<z.infer<typeof CaseNotice>[]> {
  const actor = actorIn(req);
  await caseFor(deps, actor, code);
  const standing = await standingIn(deps.db, actor, code, deps.clock.now());
  const items = await noticesAbout(deps.db, code, standing ? 'applicant' : 'everybody');
  return items.map((each) => ({ ...each, at: each.at.toISOString() }));
}
