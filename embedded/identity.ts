import express, { type Express, type Request, type Response } from 'express';
import { importJWK, SignJWT } from 'jose';
import Provider, { type Context, type Token } from 'oidc-provider';
import type { City } from '../records/city.ts';
import type { SigningKey } from './identity-keys.ts';
import {
  confirmPage,
  expiredPage,
  samplePin,
  signedOutPage,
  signInPage,
  signOutPage,
} from './identity-pages.ts';
import { sampleAcr, type People } from './samples.ts';

export interface IdentityOptions {
  /** Ends in `/dev-idp`, the path where the API's proxy and this server answer. */
  issuer: string;
  /** Motcua's address, where sign-in returns to `/signin/callback`. */
  publicUrl: string;
  audience: string;
  /** Client of the browser sign-in. */
  web: { clientId: string; clientSecret: string };
  /** Secrets of the machine clients, by their id. */
  machines: Readonly<Record<string, string>>;
  people: People;
  city: City;
  key: SigningKey;
  /** Secret that signs the provider's cookies. */
  cookieSecret: string;
}

type Somebody = People['people'][number] | People['machines'][number];

const mount = '/dev-idp';
const hours = 3600;
/** The API as a protected resource (RFC 8707 wants an absolute URI); its tokens carry the plain audience. */
const resource = 'urn:motcua:api';

/**
 * A real OpenID provider with sample people who sign in by a click, for embedded mode only.
 *
 * Code flow with PKCE for the browser, client credentials for machines, and `GET /dev-idp/token/:sub`
 * for a terminal: all give access tokens that verify alike through discovery.
 */
export async function createIdentityProvider(options: IdentityOptions): Promise<Express> {
  const everybody = new Map<string, Somebody>(
    [...options.people.people, ...options.people.machines].map((somebody) => [somebody.sub, somebody]),
  );
  const provider = createProvider(options, everybody);
  const sign = await tokenSigner(options);
  const app = express();
  app.disable('x-powered-by');

  app.get(`${mount}/token`, (_request, response) => {
    const items = [...everybody.values()].map(({ sub, name, roles, agency = null }) => ({
      sub,
      name,
      roles,
      agency,
    }));
    response.json({ items });
  });

  app.get(`${mount}/token/:sub`, async (request, response) => {
    const somebody = everybody.get(request.params.sub);
    response.type('text/plain').set('cache-control', 'no-store');
    if (somebody) response.send(`${await sign(somebody)}\n`);
    else
      response
        .status(404)
        .send(`Nobody here has that name. Ask for one of: ${[...everybody.keys()].join(', ')}\n`);
  });

  /** Whom a step-up asks for by name; undefined for a sign-in of anybody. */
  const confirming = async (request: Request, response: Response) => {
    const { params } = await provider.interactionDetails(request, response);
    return params.prompt === 'login' && params.acr_values !== undefined
      ? options.people.people.find(({ sub }) => sub === params.login_hint)
      : undefined;
  };

  app.get(`${mount}/sign-in/:uid`, async (request, response) => {
    const hinted = await confirming(request, response);
    sendPage(response, 200, hinted ? confirmPage(hinted) : signInPage(options.people, options.city));
  });

  app.post(
    `${mount}/sign-in/:uid`,
    express.urlencoded({ extended: false }),
    async (request: Request, response: Response) => {
      const { person, pin } = (request.body ?? {}) as { person?: unknown; pin?: unknown };
      const hinted = await confirming(request, response);
      const chosen = options.people.people.find(({ sub }) => sub === person);
      if (!chosen) {
        sendPage(response, 422, signInPage(options.people, options.city, true));
        return;
      }
      if (hinted && pin !== samplePin) {
        sendPage(response, 422, confirmPage(hinted, true));
        return;
      }
      await provider.interactionFinished(request, response, {
        login: { accountId: chosen.sub, remember: false, ...(hinted ? { acr: sampleAcr } : {}) },
      });
    },
  );

  // Every sign-in asks again who you are: whoever tries several roles must not be kept as the last one.
  app.use(`${mount}/auth`, (request, _response, next) => {
    const cookies = (request.headers.cookie ?? '').split(/;\s*/);
    request.headers.cookie = cookies.filter((cookie) => !/^_session(\.sig)?=/.test(cookie)).join('; ');
    next();
  });
  app.use(mount, provider.callback());
  app.use((error: unknown, _request: Request, response: Response, next: express.NextFunction) => {
    if (error instanceof Error && 'status' in error && Number(error.status) < 500) {
      sendPage(response, 400, expiredPage());
    } else next(error);
  });
  return app;
}

function createProvider(options: IdentityOptions, everybody: ReadonlyMap<string, Somebody>): Provider {
  const { issuer, publicUrl, audience, web, machines } = options;
  const provider: Provider = new Provider(issuer, {
    jwks: { keys: [options.key] },
    cookies: { keys: [options.cookieSecret] },
    clients: [
      {
        client_id: web.clientId,
        client_secret: web.clientSecret,
        redirect_uris: [`${publicUrl}/signin/callback`],
        post_logout_redirect_uris: [publicUrl, `${publicUrl}/`],
        grant_types: ['authorization_code'],
        response_types: ['code'],
        require_auth_time: true,
        backchannel_logout_uri: `${publicUrl}/signin/backchannel-logout`,
        backchannel_logout_session_required: true,
      },
      ...Object.entries(machines).map(([clientId, clientSecret]) => ({
        client_id: clientId,
        client_secret: clientSecret,
        redirect_uris: [],
        grant_types: ['client_credentials'],
        response_types: [],
      })),
    ],
    claims: {
      openid: ['sub', 'name', 'roles', 'agency', 'title', 'personal_number', 'email', 'identity_level'],
    },
    conformIdTokenClaims: false,
    acrValues: [sampleAcr],
    scopes: ['openid'],
    pkce: { required: () => true },
    findAccount: (_context: Context, sub: string) => {
      const somebody = everybody.get(sub);
      return somebody && { accountId: sub, claims: () => claimsOf(somebody) };
    },
    extraTokenClaims: (_context: Context, token: Token) => {
      const somebody = everybody.get(token.accountId ?? token.clientId);
      return somebody && { ...claimsOf(somebody), ...(token.accountId ? {} : justProved()) };
    },
    loadExistingGrant: async ({ oidc }: Context) => {
      const grant = new provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
      grant.addOIDCScope('openid');
      await grant.save();
      return grant;
    },
    interactions: { url: (_context: Context, { uid }: { uid: string }) => `${mount}/sign-in/${uid}` },
    renderError: (context: Context) => {
      context.type = 'html';
      context.body = expiredPage();
    },
    ttl: {
      AccessToken: 12 * hours,
      ClientCredentials: 10 * 60,
      IdToken: hours,
      Session: hours,
      Grant: 12 * hours,
      Interaction: hours,
    },
    features: {
      devInteractions: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => resource,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: '',
          audience,
          accessTokenFormat: 'jwt',
          jwt: { sign: { alg: 'RS256' } },
        }),
      },
      backchannelLogout: { enabled: true },
      rpInitiatedLogout: {
        enabled: true,
        logoutSource: (context: Context, form: string) => {
          context.type = 'html';
          context.body = signOutPage(form);
        },
        postLogoutSuccessSource: (context: Context) => {
          context.type = 'html';
          context.body = signedOutPage();
        },
      },
    },
  });
  provider.proxy = true;
  return provider;
}

/** What tokens say of somebody: the claims that Motcua reads from every issuer. */
function claimsOf(somebody: Somebody): Record<string, unknown> {
  const { sub, name, roles, agency, title } = somebody;
  const personal = 'personalNumber' in somebody ? { personal_number: somebody.personalNumber } : {};
  const email = 'email' in somebody ? { email: somebody.email } : {};
  const level = 'identityLevel' in somebody ? { identity_level: somebody.identityLevel } : {};
  return {
    sub,
    name,
    roles,
    ...(agency === undefined ? {} : { agency }),
    ...(title === undefined ? {} : { title }),
    ...personal,
    ...email,
    ...level,
  };
}

/**
 * Tokens for terminals and machines count as a fresh and strong sign-in: there is no browser that could be sent to the
 * second page, and whoever can ask for one can ask for another, so the second page would prove nothing.
 */
const justProved = () => ({ acr: sampleAcr, auth_time: Math.floor(Date.now() / 1000) });

/** Sends a page of this provider; it needs no script, and its one style sheet is inline. */
function sendPage(response: Response, status: number, html: string) {
  response
    .status(status)
    .type('html')
    .set({
      'cache-control': 'no-store',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    })
    .send(html);
}

async function tokenSigner({ issuer, audience, key }: IdentityOptions) {
  const privateKey = await importJWK(key, 'RS256');
  return (somebody: Somebody) =>
    new SignJWT({ ...claimsOf(somebody), ...justProved() })
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setIssuedAt()
      .setExpirationTime('12h')
      .sign(privateKey);
}
