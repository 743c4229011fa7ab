import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { jwtVerify, SignJWT } from 'jose';
import { required } from '../config.ts';
import type { Actor } from '../records/actor.ts';
import { Refusal } from '../records/refusal.ts';
import { trustsCookie } from './auth.ts';
import type { Deps } from './deps.ts';

/*
 * Whoever reports something need not say who they are. They get a subject of their own, which stands for nobody, by a token of
 * their program or by the session of their browser; a word, told when they have reported, brings them back to it.
 */

declare module 'express-session' {
  interface SessionData {
    /** The subject of somebody who reports without signing in. */
    stranger: string;
  }
}

/** The header of the token by which a program comes back as the same stranger. */
export const strangerHeader = 'report-token';

const day = 24 * 60 * 60;
/** Long enough for any report to be answered and rated. */
const tokenSeconds = 180 * day;

type Secrets = Pick<Deps, 'config'>;
const keyFor = ({ config }: Secrets, purpose: string) =>
  new Uint8Array(hkdfSync('sha256', required(config, 'SESSION_SECRET'), '', `motcua ${purpose}`, 32));

/** Somebody who does not say who they are. */
export const actorOf = (sub: string): Actor => ({ sub, name: '', roles: ['citizen'] });

/** Makes a subject that stands for nobody yet. */
export const newStranger = (): string => `anybody:${randomUUID()}`;

/** Writes the token by which a program comes back as a stranger. */
export async function strangerToken(deps: Secrets & Pick<Deps, 'clock'>, sub: string) {
  const until = Math.floor(deps.clock.now().getTime() / 1000) + tokenSeconds;
  const token = await new SignJWT({})
    .setProtectedHeader({ alg: 'HS256' })
    .setSubject(sub)
    .setExpirationTime(until)
    .sign(keyFor(deps, 'reports'));
  return { token, until: new Date(until * 1000).toISOString() };
}

/** Tells who reports or follows: whoever is signed in, else the stranger of the token or of the session; undefined for a new one. */
export async function strangerIn(
  deps: Secrets & Pick<Deps, 'clock'>,
  req: Request,
): Promise<Actor | undefined> {
  if (req.actor) return req.actor;
  const token = req.get(strangerHeader);
  if (token !== undefined) return actorOf(await subjectIn(deps, token));
  return strangerOfCookie(deps, req);
}

/** A cookie counts only when a page of ours sends it. */
function strangerOfCookie({ config }: Secrets, req: Request): Actor | undefined {
  const sub = trustsCookie(req, config.publicUrl) ? req.session?.stranger : undefined;
  return sub === undefined ? undefined : actorOf(sub);
}

async function subjectIn(deps: Secrets & Pick<Deps, 'clock'>, token: string): Promise<string> {
  const verified = await jwtVerify(token, keyFor(deps, 'reports'), {
    algorithms: ['HS256'],
    currentDate: deps.clock.now(),
  }).catch(() => undefined);
  const sub = verified?.payload.sub;
  if (sub?.startsWith('anybody:') || sub?.startsWith('citizen:')) return sub;
  throw new Refusal(
    'not-signed-in',
    'Mã phiên phản ánh không đúng hoặc đã hết hạn · The report token is wrong or too old',
  );
}

/**
 * Tells who reports or follows.
 *
 * @throws Refusal `invalid-request` for somebody with neither sign-in nor token, `not-signed-in` for a wrong token
 */
export async function reporterIn(deps: Secrets & Pick<Deps, 'clock'>, req: Request): Promise<Actor> {
  const reporter = await strangerIn(deps, req);
  if (reporter) return reporter;
  throw new Refusal(
    'invalid-request',
    'Đăng nhập, hoặc lấy mã ở POST /api/v1/report-tokens và gửi trong tiêu đề Report-Token · Sign in, or get a token from POST /api/v1/report-tokens and send it in the header Report-Token',
  );
}

/** The stranger of a browser's session, who begins with this request if there was none. */
export function strangerOfSession(req: Request): Actor {
  if (req.actor) return req.actor;
  req.session.stranger ??= newStranger();
  return actorOf(req.session.stranger);
}

/** Digits and letters that nobody mistakes for one another (Crockford). */
const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/**
 * The word that brings somebody back to their report: twelve characters that only this installation can work out from its code,
 * so that nothing of it has to be kept.
 */
export function wordFor(deps: Secrets, code: string): string {
  const mark = createHmac('sha256', keyFor(deps, 'report words')).update(code).digest();
  const letters = Array.from({ length: 12 }, (_, at) => alphabet[mark[at]! % 32]).join('');
  return `${letters.slice(0, 4)}-${letters.slice(4, 8)}-${letters.slice(8)}`;
}

/** Says whether a word, as people type it, is that of a report. */
export function isWordOf(deps: Secrets, code: string, typed: string): boolean {
  const plain = (word: string) =>
    Buffer.from(
      word
        .toUpperCase()
        .replaceAll(/[^0-9A-Z]/g, '')
        .padEnd(12)
        .slice(0, 12),
    );
  return timingSafeEqual(plain(typed), plain(wordFor(deps, code)));
}

/** Where whoever reported without signing in reads their report and answers what it asks; guards and policies are everybody's. */
export const ownPlaces = [
  '/tasks/:id',
  '/cases/:code',
  '/uploads/resumable',
  '/api/v1/cases/:code',
  '/api/v1/documents/:id',
  '/api/v1/live',
];

/** Knows somebody by what they reported in this browser, where nobody has signed in. */
export function knowStranger(deps: Secrets): RequestHandler {
  return (req, _res, next) => {
    if (!req.actor && !req.ended) req.actor = strangerOfCookie(deps, req);
    next();
  };
}
