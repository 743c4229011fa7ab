import { Router, type Request } from 'express';
import * as oidc from 'openid-client';
import { z } from 'zod';
import type { Config } from '../config.ts';
import { noteContact } from '../records/contacts.ts';
import { noteOfficer } from '../records/people.ts';
import { Refusal } from '../records/refusal.ts';
import { everybody } from './abilities.ts';
import { actorIn, isFromOwnPages } from './auth.ts';
import { browserOf } from './browser.ts';
import { checkAddress } from './check.ts';
import type { Vouched } from './claims.ts';
import type { Deps } from './deps.ts';
import { limited } from './limits.ts';
import type { Identity } from './identity.ts';
import { beginSession, dropSession, keepSession } from './session.ts';
import { signsUntil, StepUpNeeded } from './step-up.ts';

// The browser would resolve `//host` and `/\host` to somebody else's site.
const OwnPath = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])/)
  .catch('/');
const SignIn = z.object({ return: OwnPath });

/** Sign-in by the identity provider (code flow with PKCE), step-up before a signature, and sign-out. */
export function signIn(deps: Pick<Deps, 'config' | 'identity' | 'db' | 'clock'>): Router {
  const { config, identity, db, clock } = deps;
  const router = Router();
  const callback = `${config.publicUrl}/signin/callback`;

  /** Where the browser is sent; the session keeps what the answer must match. */
  const begin = async (req: Request, asked: { stepUp?: true }, parameters: Record<string, string>) => {
    const client = await identity.client();
    const verifier = oidc.randomPKCECodeVerifier();
    const { return: returnTo } = checkAddress(req, SignIn, req.query);
    const started = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, returnTo, ...asked };
    req.session.signIn = started;
    await keepSession(req);
    return oidc.buildAuthorizationUrl(client, {
      redirect_uri: callback,
      scope: 'openid profile email phone',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: started.state,
      nonce: started.nonce,
      ...parameters,
    }).href;
  };

  router.get('/signin', everybody, limited(deps, 'sign-in'), async (req, res) => {
    res.redirect(await begin(req, {}, {}));
  });

  router.get('/signin/step-up', everybody, async (req, res) => {
    const { return: returnTo } = checkAddress(req, SignIn, req.query);
    const { login } = req.session;
    // Who is not signed in yet, or no more, signs in first and comes back here.
    if (!req.actor || !login) {
      const here = `/signin/step-up?return=${encodeURIComponent(returnTo)}`;
      res.redirect(303, `/signin?return=${encodeURIComponent(here)}`);
      return;
    }
    res.redirect(await begin(req, { stepUp: true }, stepUpParameters(config, login)));
  });

  router.get('/signin/callback', everybody, async (req, res) => {
    const started = req.session.signIn;
    if (!started) throw notSignedIn();
    const answer = new URL(req.originalUrl, callback);
    // Each answer is looked at once.
    delete req.session.signIn;
    const { vouched, idToken } = await personOf(identity, config, answer, started);
    if (started.stepUp) expectSame(req, vouched, deps);
    const now = clock.now();
    await noteOfficer(db, vouched.actor, now);
    await noteContact(db, { ...vouched.actor, ...vouched.contact });
    const { signedInAt, beforeStepUp } = started.stepUp ? req.session : {};
    const { sid: providerSid, actor, proof, login } = vouched;
    await beginSession(req, {
      actor,
      proof,
      login,
      providerSid,
      idToken,
      ...(beforeStepUp ? { beforeStepUp } : {}),
      signedInAt: signedInAt ?? now.toISOString(),
      provedAt: now.toISOString(),
      browser: browserOf(req.get('user-agent')),
    });
    res.redirect(303, started.returnTo);
  });

  router.post('/signout', everybody, async (req, res) => {
    if (!isFromOwnPages(req, config.publicUrl)) throw notSignedIn();
    const { idToken } = req.session;
    await dropSession(req);
    const client = await identity.client();
    const home = `${config.publicUrl}/`;
    const canSignOut = idToken !== undefined && client.serverMetadata().end_session_endpoint !== undefined;
    const address = canSignOut
      ? oidc.buildEndSessionUrl(client, { id_token_hint: idToken, post_logout_redirect_uri: home }).href
      : home;
    res.redirect(303, address);
  });

  return router;
}

/** Asks for the same person again, now, and as strongly as a signature needs. */
const stepUpParameters = (config: Config, login: string): Record<string, string> => ({
  prompt: 'login',
  login_hint: login,
  max_age: String(config.OIDC_STEP_UP_MAX_AGE),
  ...(config.OIDC_STEP_UP_ACR ? { acr_values: config.OIDC_STEP_UP_ACR } : {}),
});

type Started = NonNullable<Request['session']['signIn']>;

async function personOf(
  identity: Identity,
  config: Config,
  answer: URL,
  started: Started,
): Promise<{ vouched: Vouched; idToken: string | undefined }> {
  const checks = {
    expectedState: started.state,
    expectedNonce: started.nonce,
    pkceCodeVerifier: started.verifier,
    ...(started.stepUp ? { maxAge: config.OIDC_STEP_UP_MAX_AGE } : {}),
  };
  const tokens = await oidc
    .authorizationCodeGrant(await identity.client(), answer, checks)
    .catch((error: unknown) => {
      throw isTheirs(error)
        ? notSignedIn()
        : new Refusal('not-ready', 'Hệ thống định danh chưa trả lời · Try again');
    });
  const vouched = identity.read(tokens.claims());
  if (!vouched) throw notSignedIn();
  return { vouched, idToken: tokens.id_token };
}

/**
 * Lets through who came back from a step-up as the person who went, having proved it strongly enough. For anybody else
 * everything stays as it was.
 *
 * @throws Refusal `session-ended`, `not-signed-in` or `step-up-needed`
 */
function expectSame(
  req: Request,
  { actor, proof }: Vouched,
  { config, clock }: Pick<Deps, 'config' | 'clock'>,
): void {
  if (actorIn(req).sub !== actor.sub)
    throw new StepUpNeeded(
      config,
      'Người vừa xác thực không phải là bạn; không có gì thay đổi · Somebody else proved who they are, not you: nothing has changed',
    );
  if (!signsUntil(config, proof, clock.now()))
    throw new StepUpNeeded(
      config,
      'Hệ thống định danh chưa xác thực đủ mạnh để ký · The identity provider did not authenticate you strongly enough to sign',
    );
}

/** The person declined, or the answer does not belong to this sign-in. */
const isTheirs = (error: unknown) =>
  error instanceof oidc.AuthorizationResponseError ||
  error instanceof oidc.ResponseBodyError ||
  error instanceof oidc.ClientError;

const notSignedIn = () =>
  new Refusal(
    'not-signed-in',
    'Đăng nhập không thành công, hãy thử lại · The sign-in did not succeed, try again',
  );
