import type { ServerResponse } from 'node:http';
import { Router, type Request, type RequestHandler, type Response } from 'express';
import { createProxyMiddleware } from 'http-proxy-middleware';
import type { Config } from '../config.ts';
import { Refusal } from '../records/refusal.ts';
import { expectAble } from './abilities.ts';
import { actorIn } from './auth.ts';

/** The sample identity provider under our own address; only embedded mode has one. */
export function devIdentityProvider(config: Config): Router {
  const router = Router();
  if (config.DEV_IDP_URL) router.use('/dev-idp', passOn(config.DEV_IDP_URL, config.publicUrl));
  return router;
}

/** The sample trust services under our own address, as the development certificates name it; only embedded mode has them. */
export function devTrustServices(config: Config): Router {
  const router = Router();
  if (config.DEV_PKI_URL) router.use('/dev-pki', passOn(config.DEV_PKI_URL, config.publicUrl));
  return router;
}

/** The sample post office under our own address; only embedded mode has one. */
export function devMailbox(config: Config): Router {
  const router = Router();
  if (config.DEV_MAILBOX_URL) router.use('/dev-mailbox', passOn(config.DEV_MAILBOX_URL, config.publicUrl));
  return router;
}

/** The Temporal UI under our own address, for signed-in admins; others are shown the way to the sign-in. */
export function temporalUi(config: Config): Router {
  const router = Router();
  const adminsOnly: RequestHandler = (req, res, next) => {
    if (!req.actor && req.method === 'GET' && req.accepts('json', 'html') === 'html')
      return res.redirect(303, `/signin?return=${encodeURIComponent(req.originalUrl)}`);
    expectAble(actorIn(req), 'read', 'temporal');
    next();
  };
  if (config.TEMPORAL_UI_URL)
    router.use('/temporal', adminsOnly, passOn(config.TEMPORAL_UI_URL, config.publicUrl));
  return router;
}

/** Passes requests on with their whole path, and tells the other side under which address people see it. */
function passOn(target: string, publicUrl: string): RequestHandler {
  const seen = new URL(publicUrl);
  return createProxyMiddleware<Request, Response>({
    target: new URL(target).origin,
    pathRewrite: (_path, req) => req.originalUrl,
    headers: { 'x-forwarded-proto': seen.protocol.slice(0, -1), 'x-forwarded-host': seen.host },
    on: {
      error: (_error, req, res) => {
        const socketOnly = !('writeHead' in res);
        if (socketOnly || (res as ServerResponse).headersSent) return void res.destroy();
        const refusal = new Refusal('not-ready', 'Dịch vụ này chưa trả lời · This service does not answer');
        req.next?.(refusal);
      },
    },
  }) as RequestHandler;
}
