import type { Request, RequestHandler } from 'express';
import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import type pg from 'pg';
import { required, type Config } from '../config.ts';
import type { Actor } from '../records/actor.ts';
import type { Database } from '../records/db.ts';
import { noteSeen, type OwnSession, type SessionLimits } from '../records/sessions.ts';
import type { Proof } from './claims.ts';
import type { Deps } from './deps.ts';

/** Who is signed in with a browser. */
export interface SignedIn {
  actor: Actor;
  proof: Proof;
  /** Instants (ISO): of the sign-in, and of the last time that the person proved who they are. */
  signedInAt: string;
  provedAt: string;
  browser: OwnSession['browser'];
  /** Tells the identity provider whom to ask for again, and whom to sign out. */
  login: string;
  idToken: string | undefined;
  /** The session at the identity provider. */
  providerSid: string | undefined;
}

declare module 'express-session' {
  interface SessionData extends SignedIn {
    /** What the answer of the identity provider must match, where the person wanted to go, and whom to ask for a step-up. */
    signIn: { state: string; nonce: string; verifier: string; returnTo: string; stepUp?: boolean };
    /** What was filled in on a page when a step-up was needed to send it. */
    beforeStepUp: { page: string; filled: Record<string, string | string[]> };
  }
}

const hour = 60 * 60 * 1000;

/** The browser's session, kept in PostgreSQL for a workday. */
export function sessions(config: Config, db: Database): RequestHandler {
  const Store = connectPgSimple(session);
  const secure = config.publicUrl.startsWith('https:');
  return session({
    name: secure ? '__Host-motcua' : 'motcua',
    secret: required(config, 'SESSION_SECRET'),
    store: new Store({ pool: poolOf(db), tableName: 'sessions', disableTouch: true }),
    cookie: { httpOnly: true, sameSite: 'lax', secure, maxAge: config.SESSION_HOURS * hour, path: '/' },
    resave: false,
    saveUninitialized: false,
  });
}

/** Notes that a session is used, and whether it is over: unused for too long, too old, or ended from elsewhere. */
export function watchSessions({ db, config, clock }: Pick<Deps, 'db' | 'config' | 'clock'>): RequestHandler {
  return async (req, _res, next) => {
    const { actor, signedInAt, provedAt } = req.session;
    if (actor) {
      // What was kept before sessions were watched says no instant: it began too long ago.
      const begun = { signedInAt: new Date(signedInAt ?? 0), provedAt: new Date(provedAt ?? 0) };
      req.ended = await noteSeen(db, req.sessionID, begun, clock.now(), limitsOf(config, actor));
    }
    next();
  };
}

/** How long the session of somebody lasts; only officers leave a counter unattended at which citizens sit. */
export function limitsOf(config: Config, { roles }: Actor): SessionLimits {
  const isOfficer = roles.some((role) => role !== 'citizen');
  return {
    longest: config.SESSION_HOURS * 60,
    idle: isOfficer ? config.SESSION_IDLE_MINUTES : undefined,
  };
}

/** Begins a session under a new id, since the one from before may be known to somebody else; the old one is gone. */
export async function beginSession(
  req: Request,
  signedIn: SignedIn & Partial<session.SessionData>,
): Promise<void> {
  await settled((done) => req.session.regenerate(done));
  Object.assign(req.session, signedIn);
  await keepSession(req);
}

/** Keeps a session before the browser is sent on: it goes when it has read the address, and would come too early. */
export const keepSession = (req: Request): Promise<void> => settled((done) => req.session.save(done));

/** Ends a session at the wish of its browser; nothing of it is left. */
export const dropSession = (req: Request): Promise<void> => settled((done) => req.session.destroy(done));

const settled = (work: (done: (error?: Error | null) => void) => void) =>
  new Promise<void>((resolve, reject) => {
    work((error) => (error ? reject(error) : resolve()));
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
