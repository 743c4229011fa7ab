import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as jose from 'jose';
import supertest from 'supertest';
import { pino } from 'pino';
import { createApp } from '../api/app.ts';
import type { Deps } from '../api/deps.ts';
import { LiveHub } from '../api/live-hub.ts';
import { issuerOf, verifyWith } from '../api/identity.ts';
import { CasePayloadCodec, openCaseKeys } from '../codec/index.ts';
import { readConfig } from '../config.ts';
import { openIssuer } from '../credentials/issuer.ts';
import { samplePeople } from '../embedded/samples.ts';
import { openObjectStore } from '../records/objects.ts';
import { createTestDatabase } from './database.ts';
import { streetLight } from './street-light.ts';

const issuer = 'http://127.0.0.1:9/dev-idp';
const masterKey = Buffer.alloc(32, 7).toString('base64');

/** A running API on a free port with its own database and files, and people who hold tokens. */
export interface TestApi extends Deps {
  url: string;
  /** Lines that the API has logged. */
  logged: string[];
  /** A client without a token. */
  stranger: ReturnType<typeof supertest>;
  /** A bearer token of a sample person; `claims` replace the person's own. */
  token(sub: string, claims?: Record<string, unknown>): Promise<string>;
  /** Sends a request as a sample person, without an Idempotency-Key. */
  as(sub: string): Promise<ReturnType<typeof supertest.agent>>;
  /** The same API with other parts, under its own address; it ends with this one. */
  beside(parts: Partial<Deps>): Promise<string>;
  stop(): Promise<void>;
}

/** Starts an API for one test file; `parts` replace what it is made of, `environment` its variables. */
export async function startApi(
  parts: Partial<Deps> = {},
  environment?: (publicUrl: string) => Promise<NodeJS.ProcessEnv>,
): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'motcua-api-'));
  const database = await createTestDatabase();
  const { db } = database;
  const server = createServer();
  const servers = [server];
  const publicUrl = await listen(server);
  const config = readConfig({
    DATABASE_URL: database.url,
    DATA_DIR: folder,
    PUBLIC_URL: publicUrl,
    OIDC_ISSUER: issuer,
    MASTER_KEY: masterKey,
    ISSUER_KEY: Buffer.alloc(32, 8).toString('base64'),
    SESSION_SECRET: 'a session secret for tests, 32 long',
    RATE_LIMIT: '100000',
    ...(await environment?.(publicUrl)),
  });
  const provider = await tokens();
  const keys = openCaseKeys(db, masterKey);
  const logged: string[] = [];
  const clock = parts.clock ?? { now: () => new Date() };
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(line) });
  const deps: Deps = {
    config,
    db,
    clock,
    log,
    live: new LiveHub({ db, databaseUrl: database.url, clock, log }),
    objects: await openObjectStore(join(folder, 'objects')),
    issuer: await openIssuer(config),
    identity: { ...issuerOf(config), verify: (token) => verifyWith(provider.keys, token, provider.expected) },
    procedures: new Map([['streetLight', streetLight]]),
    codec: new CasePayloadCodec(keys),
    newCaseKey: () => keys.wrapNew(),
    ...parts,
  };
  server.on('request', createApp(deps));
  return {
    ...deps,
    logged,
    url: publicUrl,
    stranger: supertest(publicUrl),
    token: provider.sign,
    async as(sub) {
      return supertest.agent(publicUrl).auth(await provider.sign(sub), { type: 'bearer' });
    },
    async beside(others) {
      const another = createServer(createApp({ ...deps, ...others }));
      servers.push(another);
      return listen(another);
    },
    async stop() {
      await deps.live.stop();
      for (const each of servers) {
        each.closeAllConnections();
        await new Promise((closed) => each.close(closed));
      }
      await database.drop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Signs tokens for the sample people as their identity provider would. */
async function tokens() {
  const { publicKey, privateKey } = await jose.generateKeyPair('ES256');
  const key = { ...(await jose.exportJWK(publicKey)), kid: 'test', alg: 'ES256' };
  const { people, machines } = samplePeople();
  const sign = (sub: string, claims: Record<string, unknown> = {}) => {
    const somebody = [...people, ...machines].find((each) => each.sub === sub);
    const { personalNumber, ...rest } = { ...somebody, sub, ...claims } as Record<string, unknown>;
    const expiry = typeof claims['exp'] === 'number' ? {} : { exp: Math.floor(Date.now() / 1000) + 600 };
    const known = { auth_time: Math.floor(Date.now() / 1000), ...rest, personal_number: personalNumber };
    return new jose.SignJWT({ iss: issuer, aud: 'motcua', ...expiry, ...known })
      .setProtectedHeader({ alg: 'ES256', kid: 'test' })
      .sign(privateKey);
  };
  return { sign, keys: jose.createLocalJWKSet({ keys: [key] }), expected: { issuer, audience: 'motcua' } };
}
