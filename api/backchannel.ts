import express, { Router } from 'express';
import { z } from 'zod';
import { required } from '../config.ts';
import { Refusal, refusalOr } from '../records/refusal.ts';
import { endByProvider } from '../records/sessions.ts';
import { everybody } from './abilities.ts';
import type { Deps } from './deps.ts';
import { judge, slackSeconds } from './identity.ts';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';

/** What OpenID Connect Back-Channel Logout 1.0 §2.4 makes a logout token of. */
const LogoutToken = z
  .object({
    iat: z.number(),
    exp: z.number(),
    jti: z.string().min(1).max(500),
    events: z.object({ [logoutEvent]: z.object({}).loose() }).loose(),
    sub: z.string().min(1).max(500).optional(),
    sid: z.string().min(1).max(500).optional(),
    // Not a token of a sign-in: that one has a nonce.
    nonce: z.undefined().optional(),
  })
  .refine(({ sub, sid }) => sub !== undefined || sid !== undefined);
const Sent = z.object({ logout_token: z.string().min(1).max(20_000) });

/** How old a logout token may be: providers send it at once. */
const fresh = '5 minutes';

/** Where the identity provider tells that somebody has signed out there. */
export function backchannel({
  config,
  identity,
  db,
  clock,
  log,
}: Pick<Deps, 'config' | 'identity' | 'db' | 'clock' | 'log'>): Router {
  const router = Router();

  /** The claims of a logout token that is right; undefined for any other. */
  const verified = async (token: string): Promise<z.infer<typeof LogoutToken> | undefined> => {
    const judged = await refusalOr(
      judge(await identity.keys(), token, {
        issuer: required(config, 'OIDC_ISSUER'),
        audience: config.OIDC_CLIENT_ID,
        requiredClaims: ['iat', 'exp', 'jti', 'events'],
        maxTokenAge: fresh,
      }),
    );
    if (judged instanceof Refusal) {
      if (judged.type === 'not-ready') throw judged;
      return undefined;
    }
    // The type is only recommended, but a token of another type is none for us.
    const type = judged.protectedHeader.typ?.toLowerCase() ?? 'jwt';
    const isOurs = ['jwt', 'logout+jwt', 'application/logout+jwt'].includes(type);
    return isOurs ? LogoutToken.safeParse(judged.payload).data : undefined;
  };

  router.post(
    '/signin/backchannel-logout',
    everybody,
    express.urlencoded({ extended: false }),
    async (req, res) => {
      res.set('Cache-Control', 'no-store');
      const sent = Sent.safeParse(req.body);
      const claims = sent.success ? await verified(sent.data.logout_token) : undefined;
      const taken = claims && (await endByProvider(db, claims, rememberUntil(claims), clock.now()));
      if (taken) {
        res.status(200).end();
        return;
      }
      log.warn({ replayed: claims !== undefined }, 'a logout token was refused');
      res.status(400).json({ error: 'invalid_request', error_description: 'The logout token is not valid' });
    },
  );

  return router;
}

/** After this instant the token would be too old anyway. */
const rememberUntil = ({ jti, exp }: z.infer<typeof LogoutToken>) => ({
  jti,
  until: new Date((exp + 2 * slackSeconds) * 1000),
});
