import { Router, type Request, type RequestHandler } from 'express';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import * as oidc from 'openid-client';
import type pg from 'pg';
import { z } from 'zod';
import { required, type Config } from '../config.ts';
import type { Actor } from '../records/actor.ts';
import type { Database } from '../records/db.ts';
import { noteOfficer } from '../records/people.ts';
import { Refusal } from '../records/refusal.ts';
import { isFromOwnPages } from './auth.ts';
import { checkAddress } from './check.ts';
import { actorOf } from './claims.ts';
import type { Deps } from './deps.ts';

declare module 'express-session' {
  interface SessionData {
    /** Who is signed in. */
    actor: Actor;
    /** What the answer of the identity provider must match, and where the person wanted to go. */
    signIn: { state: string; nonce: string; verifier: string; returnTo: string };
    /** Tells the identity provider whom to sign out. */
    idToken: string;
  }
}

const workday = 8 * 60 * 60 * 1000;
// The browser would resolve `//host` and `/\host` to somebody else's site.
const OwnPath = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])/)
  .catch('/');
const SignIn = z.object({ return: OwnPath });

/** The browser's session, kept in PostgreSQL for a workday. */
export function sessions(config: Config, db: Database): RequestHandler {
  const Store = connectPgSimple(session);
  const secure = config.publicUrl.startsWith('https:');
  return session({
    name: secure ? '__Host-motcua' : 'motcua',
    secret: required(config, 'SESSION_SECRET'),
    store: new Store({ pool: poolOf(db), tableName: 'sessions', disableTouch: true }),
    cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: workday, path: '/' },
    resave: false,
    saveUninitialized: false,
  });
}

/** Sign-in by the identity provider (code flow with PKCE) and sign-out. */
export function signIn({
  config,
  identity,
  db,
  clock,
}: Pick<Deps, 'config' | 'identity' | 'db' | 'clock'>): Router {
  const router = Router();
  const callback = `${config.publicUrl}/signin/callback`;

  router.get('/signin', async (req, res) => {
    const client = await identity.client();
    const verifier = oidc.randomPKCECodeVerifier();
    const { return: returnTo } = checkAddress(req, SignIn, req.query);
    const started = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier, returnTo };
    req.session.signIn = started;
    const address = oidc.buildAuthorizationUrl(client, {
      redirect_uri: callback,
      scope: 'openid profile',
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state: started.state,
      nonce: started.nonce,
    });
    res.redirect(address.href);
  });

  router.get('/signin/callback', async (req, res) => {
    const started = req.session.signIn;
    if (!started) throw notSignedIn();
    const { actor, idToken } = await personOf(
      await identity.client(),
      new URL(req.originalUrl, callback),
      started,
    );
    await noteOfficer(db, actor, clock.now());
    // A new session id: the one from before the sign-in may be known to somebody else.
    await renew(req);
    Object.assign(req.session, { actor, idToken });
    res.redirect(303, started.returnTo);
  });

  router.post('/signout', async (req, res) => {
    if (!isFromOwnPages(req, config.publicUrl)) throw notSignedIn();
    const { idToken } = req.session;
    await new Promise<void>((resolve, reject) => {
      req.session.destroy((error?: Error | null) => (error ? reject(error) : resolve()));
    });
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

type Started = session.SessionData['signIn'];

async function personOf(client: oidc.Configuration, answer: URL, started: Started) {
  const checks = {
    expectedState: started.state,
    expectedNonce: started.nonce,
    pkceCodeVerifier: started.verifier,
  };
  const tokens = await oidc.authorizationCodeGrant(client, answer, checks).catch((error: unknown) => {
    throw isTheirs(error)
      ? notSignedIn()
      : new Refusal('not-ready', 'Hệ thống định danh chưa trả lời · Try again');
  });
  const actor = actorOf(tokens.claims());
  if (!actor) throw notSignedIn();
  return { actor, idToken: tokens.id_token };
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

const renew = (req: Request) =>
  new Promise<void>((resolve, reject) => {
    req.session.regenerate((error?: Error | null) => (error ? reject(error) : resolve()));
  });

/** The one thing that the session store asks of a pool, done on a connection of ours. */
function poolOf(db: Database): pg.Pool {
  const client = db.client as {
    acquireConnection(): Promise<pg.Client>;
    releaseConnection(connection: pg.Client): Promise<void>;
  };
  const query = async (sql: string, values: unknown[]) => {
    const connection = await client.acquireConnection();
    try {
      return await connection.query(sql, values);
    } finally {
      await client.releaseConnection(connection);
    }
  };
  return { query } as unknown as pg.Pool;
}
