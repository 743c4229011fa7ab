import { createHmac } from 'node:crypto';
import type { RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit } from 'express-rate-limit';
import { required } from '../config.ts';
import { countCall, forgetCalls, uncountCall } from '../records/rate-limits.ts';
import type { Deps } from './deps.ts';
import { TooManyRequests } from './errors.ts';

const minute = 60_000;

/**
 * Limits how often one caller (an IPv4 address, or a /56 of IPv6) may use what anybody may use without signing in:
 * `RATE_LIMIT` times a minute for each such thing, over all API processes. Whoever is over it is answered 429 with
 * `Retry-After`; PostgreSQL keeps no address, only a keyed hash.
 *
 * @param what is limited, for example `verify`
 */
export function limited(
  { db, clock, config }: Pick<Deps, 'db' | 'clock' | 'config'>,
  what: string,
): RequestHandler {
  const secret = required(config, 'SESSION_SECRET');
  const named = (key: string) => `${what}:${createHmac('sha256', secret).update(key).digest('base64url')}`;
  return rateLimit({
    windowMs: minute,
    limit: config.RATE_LIMIT,
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    keyGenerator: (req) => ipKeyGenerator(req.ip ?? ''),
    store: {
      increment: async (key) => {
        const { calls, endsAt } = await countCall(db, named(key), clock.now(), minute);
        return { totalHits: calls, resetTime: endsAt };
      },
      decrement: (key) => uncountCall(db, named(key)),
      resetKey: (key) => forgetCalls(db, named(key)),
    },
    handler: (_req, _res, next) => {
      const detail =
        'Bạn gọi quá nhiều lần, hãy thử lại sau một phút · Too many calls; try again in a minute';
      next(new TooManyRequests(detail));
    },
  });
}
