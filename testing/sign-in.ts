import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import supertest from 'supertest';
import type { Deps } from '../api/deps.ts';
import { createIdentityProvider } from '../embedded/identity.ts';
import { signingKey, type SigningKey } from '../embedded/identity-keys.ts';
import { sampleCity, samplePeople } from '../embedded/samples.ts';
import { startApi, type TestApi } from './api.ts';

const secret = 'a secret for tests only';

/** An API with the sample identity provider beside it, and browsers that sign in there. */
export interface SignInApi extends TestApi {
  /** What the provider signs with. */
  key: SigningKey;
  /** A browser in which a sample person has signed in; gives it with the page that it landed on. */
  signedIn(
    sub: string,
    path?: string,
    userAgent?: string,
  ): Promise<{ browser: Browser; landed: supertest.Response }>;
}
export type Browser = ReturnType<typeof supertest.agent>;

/** Starts both; `environment` are variables of the API, `parts` replace what it is made of. */
export async function startSignInApi(
  environment: NodeJS.ProcessEnv = {},
  parts: Partial<Deps> = {},
): Promise<SignInApi> {
  const folder = await mkdtemp(join(tmpdir(), 'motcua-session-'));
  const servers: Server[] = [];
  const key = await signingKey(folder);
  const serve = async (handler: Parameters<typeof createServer>[1]): Promise<string> => {
    const server = createServer(handler);
    servers.push(server);
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  const api = await startApi(parts, async (publicUrl) => {
    const issuer = `${publicUrl}/dev-idp`;
    const provider = await createIdentityProvider({
      issuer,
      publicUrl,
      audience: 'motcua',
      web: { clientId: 'motcua-web', clientSecret: secret },
      machines: {},
      people: samplePeople(),
      city: sampleCity(),
      key,
      cookieSecret: secret,
    });
    return {
      OIDC_ISSUER: issuer,
      OIDC_CLIENT_SECRET: secret,
      DEV_IDP_URL: await serve(provider),
      TEMPORAL_UI_URL: await serve(
        express().use(
          (req, res) =>
            void res.json({ url: req.url, method: req.method, host: req.get('x-forwarded-host') }),
        ),
      ),
      ...environment,
    };
  });
  return {
    ...api,
    key,
    async signedIn(sub, path = '/signin', userAgent = '') {
      const browser = supertest.agent(api.url).set('User-Agent', userAgent);
      const page = await browser.get(path).redirects(5);
      const signInPage = new URL(String(page.redirects.at(-1))).pathname;
      const landed = await browser.post(signInPage).type('form').send({ person: sub }).redirects(5);
      return { browser, landed };
    },
    async stop() {
      await api.stop();
      for (const server of servers) await new Promise((closed) => server.close(closed));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
