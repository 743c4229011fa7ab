import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { isPushService, pushKeyOf } from '../messaging/push.ts';
import { listBrowsers, subscribeBrowser, unsubscribeBrowser } from '../records/push-subscriptions.ts';
import { Refusal } from '../records/refusal.ts';
import { signedIn } from './abilities.ts';
import { act, type Act } from './act.ts';
import { actorIn } from './auth.ts';
import { browserOf } from './browser.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { sayBrowser } from './me.ts';
import { actHeader, Instant, json, refused, Text } from './schemas.ts';

/** A subscription as browsers give it (W3C Push API); the keys are in base64url. */
const PushSubscription = z
  .strictObject({
    endpoint: z.url().max(1_000),
    p256dh: z.string().regex(/^[\w-]{87}=?$/, 'A public key of P-256 in base64url'),
    auth: z.string().regex(/^[\w-]{22}(==)?$/, '16 bytes in base64url'),
  })
  .meta({ id: 'PushSubscription' });
const Browsers = z.object({
  key: z.string().nullable().meta({
    description: 'The `applicationServerKey` to subscribe with; null where nothing is pushed',
  }),
  items: z.array(z.object({ id: z.uuid(), browser: Text, since: Instant }).meta({ id: 'PushedBrowser' })),
});
const Made = z.object({ id: z.uuid() });
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/me/push-subscriptions': {
    get: {
      summary: 'The browsers to which your notices are pushed',
      responses: { 200: json('The latest first', Browsers), default: refused },
    },
    post: {
      summary: 'Have your notices pushed to this browser too',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: PushSubscription } } },
      responses: { 201: json('Kept', Made), default: refused },
    },
  },
  '/api/v1/me/push-subscriptions/{id}': {
    delete: {
      summary: 'Push nothing more to a browser',
      requestParams: { path: Path, header: actHeader },
      responses: { 204: { description: 'Ended' }, default: refused },
    },
  },
};

/** Notices in browsers, beside e-mail and SMS. */
export function pushSubscriptions(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const router = Router();

  router.get('/api/v1/me/push-subscriptions', signedIn, async (req, res) => {
    res.json(Browsers.parse(await pushedBrowsers(deps, req)));
  });

  router.post('/api/v1/me/push-subscriptions', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, (by) => subscribe(deps, req, by, req.body));
    res.status(status).json(body);
  });

  router.delete('/api/v1/me/push-subscriptions/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, (by) => unsubscribe(req, by));
    res.status(status).end();
  });

  return router;
}

/** What is pushed to whom: the key of this installation, and the browsers of whoever asks. */
export async function pushedBrowsers({ db, config }: Pick<Deps, 'db' | 'config'>, req: Request) {
  const items = await listBrowsers(db, actorIn(req).sub);
  return {
    key: pushKeyOf(config) ?? null,
    items: items.map((each) => ({ ...each, browser: sayBrowser(each.browser) })),
  };
}

/**
 * Subscribes the browser of a request.
 *
 * @throws Refusal `not-offered` where nothing is pushed, `invalid-form` for an address of no known push service
 */
export async function subscribe(
  { config }: Pick<Deps, 'config'>,
  req: Request,
  { trx, actor, at }: Act,
  given: unknown,
): Promise<{ status: number; body: { id: string } }> {
  if (pushKeyOf(config) === undefined)
    throw new Refusal(
      'not-offered',
      'Hệ thống này không đẩy thông báo tới trình duyệt · Nothing is pushed to browsers here',
    );
  const subscription = checkForm(req, PushSubscription, given);
  if (!isPushService(subscription.endpoint, config.WEB_PUSH_SERVICES)) throw unknownService();
  const browser = browserOf(req.get('user-agent'));
  return { status: 201, body: await subscribeBrowser(trx, actor.sub, { ...subscription, browser }, at) };
}

/**
 * Ends what a request names.
 *
 * @throws Refusal `not-found`
 */
export async function unsubscribe(req: Request, { trx, actor }: Act): Promise<{ status: 204; body: null }> {
  const { id } = checkAddress(req, Path, req.params);
  if ((await unsubscribeBrowser(trx, actor.sub, id)) === 0)
    throw new Refusal('not-found', 'Không có trình duyệt này · There is no such browser');
  return { status: 204, body: null };
}

const unknownService = () =>
  new Refusal('invalid-form', 'Không đăng ký được trình duyệt này · This browser cannot be subscribed', [
    {
      pointer: '/endpoint',
      detail: 'Không phải dịch vụ đẩy thông báo được phép · Not an allowed push service',
    },
  ]);
