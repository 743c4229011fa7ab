import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { roles } from '../records/actor.ts';
import { unsubscribeBrowser } from '../records/push-subscriptions.ts';
import { Refusal } from '../records/refusal.ts';
import { endSessions, listSessions, type OwnSession } from '../records/sessions.ts';
import { abilitiesOf, actions, areas, signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, refused, Text } from './schemas.ts';
import { limitsOf } from './session.ts';
import { signsUntil } from './step-up.ts';

const Me = z
  .object({
    sub: z.string(),
    name: z.string(),
    roles: z.array(z.enum(roles)),
    agency: z.string().optional(),
    title: z.string().optional(),
    abilities: z
      .array(
        z.object({
          action: z.enum(actions),
          area: z.enum(areas),
          agency: z.string().optional().meta({ description: 'Only of this agency; of all without it' }),
        }),
      )
      .meta({ description: 'What your roles let you do; what you may do to one case, its actions tell' }),
    session: z
      .object({
        since: Instant,
        endsAt: Instant,
        idleMinutes: z
          .number()
          .optional()
          .meta({ description: 'It ends earlier after so many without a request' }),
      })
      .nullable()
      .meta({ description: 'Of a browser; null with a bearer token' }),
    stepUp: z.object({ fresh: z.boolean(), until: Instant.optional(), href: z.string() }).meta({
      description: 'Whether you may sign now, until when, and where a browser proves again who you are',
    }),
  })
  .meta({ id: 'Me' });

const Sessions = z.object({
  items: z.array(
    z
      .object({
        id: z.uuid(),
        since: Instant,
        seenAt: Instant,
        browser: Text,
        current: z.boolean().meta({ description: 'The one that asks' }),
      })
      .meta({ id: 'Session' }),
  ),
});
const Path = z.object({ id: z.uuid() });
const ended = { 204: { description: 'Ended' }, default: refused };

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/me': {
    get: {
      summary: 'Who you are and what you may do',
      responses: { 200: json('You', Me), default: refused },
    },
  },
  '/api/v1/me/sessions': {
    get: {
      summary: 'The browsers in which you are signed in',
      responses: { 200: json('The one used last first', Sessions), default: refused },
    },
    delete: {
      summary: 'Sign out everywhere, here too',
      requestParams: { header: actHeader },
      responses: ended,
    },
  },
  '/api/v1/me/sessions/{id}': {
    delete: {
      summary: 'Sign out in one browser',
      requestParams: { path: Path, header: actHeader },
      responses: ended,
    },
  },
};

type Own = Pick<Deps, 'db' | 'config' | 'clock'>;

/** What somebody is told about themselves, and their sessions. */
export function me(deps: Own): Router {
  const { config, clock } = deps;
  const router = Router();

  router.get('/api/v1/me', signedIn, (req, res) => {
    const actor = actorIn(req);
    const { longest, idle } = limitsOf(config, actor);
    const { signedInAt } = req.session;
    // Whoever comes with a token has no session to speak of.
    const since = req.get('authorization') === undefined ? signedInAt : undefined;
    const until = signsUntil(config, req.proof, clock.now());
    res.json(
      Me.parse({
        ...actor,
        abilities: abilitiesOf(actor),
        session: since
          ? { since, endsAt: after(since, longest), ...(idle === undefined ? {} : { idleMinutes: idle }) }
          : null,
        stepUp: {
          fresh: until !== undefined,
          ...(until ? { until: until.toISOString() } : {}),
          href: '/signin/step-up',
        },
      }),
    );
  });

  router.get('/api/v1/me/sessions', signedIn, async (req, res) => {
    res.json(Sessions.parse({ items: await ownSessions(deps, req) }));
  });

  router.delete('/api/v1/me/sessions', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async ({ trx, actor: { sub }, at }) => {
      await endSessions(trx, { sub }, at);
      await unsubscribeBrowser(trx, sub);
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.delete('/api/v1/me/sessions/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async ({ trx, actor: { sub }, at }) => {
      const { id } = checkAddress(req, Path, req.params);
      if ((await endSessions(trx, { sub, id }, at)) === 0) throw noSession();
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}

/** Lists the sessions of whoever sends a request, each with its browser in plain words. */
export async function ownSessions({ db, config, clock }: Own, req: Request) {
  const actor = actorIn(req);
  const { longest } = limitsOf(config, actor);
  const items = await listSessions(db, actor.sub, { sid: req.sessionID, at: clock.now(), longest });
  return items.map((item) => ({ ...item, browser: sayBrowser(item.browser) }));
}

const after = (since: string, minutes: number) =>
  new Date(Date.parse(since) + minutes * 60_000).toISOString();

const noSession = () =>
  new Refusal('not-found', 'Bạn không có phiên này · You have no such session, or it has ended');

/** A browser in plain words, such as `Chrome on Windows`. */
export function sayBrowser({ family, system }: OwnSession['browser']): { vi: string; en: string } {
  return {
    vi: `${family || 'Một trình duyệt'}${system && ` trên ${system}`}`,
    en: `${family || 'A browser'}${system && ` on ${system}`}`,
  };
}
