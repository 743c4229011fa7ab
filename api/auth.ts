import type { Request, RequestHandler } from 'express';
import type { Actor, Role } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';
import type { Identity } from './identity.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** Who sends this request; undefined for a stranger. */
    actor?: Actor | undefined;
  }
}

/**
 * Learns who sends a request: the holder of a bearer token, else the person of the browser's session.
 * A session counts for a change only when the request comes from our own pages.
 */
export function knowActor(identity: Identity, publicUrl: string): RequestHandler {
  return async (req, _res, next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (bearer) req.actor = await identity.verify(bearer);
    else if (isSafe(req) || isFromOwnPages(req, publicUrl)) req.actor = req.session?.actor;
    next();
  };
}

/**
 * Tells who acts.
 *
 * @throws Refusal `not-signed-in`
 */
export function actorIn(req: Request): Actor {
  if (!req.actor) throw new Refusal('not-signed-in', 'Hãy đăng nhập · Sign in first');
  return req.actor;
}

/**
 * Tells who acts, when that person has the role.
 *
 * @throws Refusal `not-signed-in` or `wrong-role`
 */
export function actorWith(req: Request, role: Role): Actor {
  const actor = actorIn(req);
  if (!actor.roles.includes(role))
    throw new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
  return actor;
}

/** Whether a browser sent this from a page of this installation and not from somebody else's. */
export function isFromOwnPages(req: Request, publicUrl: string): boolean {
  // Browsers tell the site only on https and on this machine; elsewhere the origin has to do.
  const site = req.get('sec-fetch-site');
  return site === undefined ? req.get('origin') === new URL(publicUrl).origin : site === 'same-origin';
}

const isSafe = (req: Request) => req.method === 'GET' || req.method === 'HEAD';
