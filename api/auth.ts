import type { Request, RequestHandler } from 'express';
import type { Actor } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';
import type { WhyEnded } from '../records/sessions.ts';
import type { Proof } from './claims.ts';
import type { Identity } from './identity.ts';

declare module 'express-serve-static-core' {
  interface Request {
    /** Who sends this request; undefined for a stranger. */
    actor?: Actor | undefined;
    /** How and when they proved it. */
    proof?: Proof | undefined;
    /** Why the session that came with this request counts no more. */
    ended?: WhyEnded | undefined;
  }
}

/**
 * Learns who sends a request: the holder of a bearer token, else the person of the browser's session.
 * A session counts for a change only when the request comes from our own pages.
 */
export function knowActor(identity: Identity, publicUrl: string): RequestHandler {
  return async (req, _res, next) => {
    const bearer = /^Bearer +(\S+)$/i.exec(req.get('authorization') ?? '')?.[1];
    if (bearer) {
      const { actor, proof } = await identity.verify(bearer);
      Object.assign(req, { actor, proof, ended: undefined });
    } else if (!req.ended && trustsCookie(req, publicUrl)) {
      req.actor = req.session?.actor;
      req.proof = req.session?.proof;
    }
    next();
  };
}

/** What somebody is told whose session is over. */
const endings: Readonly<Record<WhyEnded, string>> = {
  idle: 'Phiên đã kết thúc vì một thời gian không có thao tác; hãy đăng nhập lại · Your session ended because you did nothing for a time: sign in again',
  'too-long':
    'Phiên đã dài bằng một ngày làm việc; hãy đăng nhập lại · Your session has lasted as long as it may: sign in again',
  elsewhere: 'Bạn đã kết thúc phiên này từ nơi khác · You ended this session from elsewhere',
  provider: 'Bạn đã đăng xuất ở hệ thống định danh · You signed out at the identity provider',
};

/**
 * Tells who acts.
 *
 * @throws Refusal `not-signed-in`, or `session-ended` where somebody was signed in until now
 */
export function actorIn(req: Request): Actor {
  if (req.actor) return req.actor;
  throw req.ended
    ? new Refusal('session-ended', endings[req.ended])
    : new Refusal('not-signed-in', 'Hãy đăng nhập · Sign in first');
}

/** Whether a browser sent this from a page of this installation and not from somebody else's. */
export function isFromOwnPages(req: Request, publicUrl: string): boolean {
  // Browsers tell the site only on https and on this machine; elsewhere the origin has to do.
  const site = req.get('sec-fetch-site');
  return site === undefined ? req.get('origin') === new URL(publicUrl).origin : site === 'same-origin';
}

/** Whether a request acts for the session of its cookie: one that changes nothing does, any other only from our own pages. */
export const trustsCookie = (req: Request, publicUrl: string): boolean =>
  req.method === 'GET' || req.method === 'HEAD' || isFromOwnPages(req, publicUrl);
