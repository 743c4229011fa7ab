import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createRemoteJWKSet, decodeProtectedHeader, jwtVerify } from 'jose';
import * as oidc from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { machineToken } from './agencies/machine-token.ts';
import { clientSecret, startIdentity } from './identity.fixture.ts';

const publicUrl = 'http://127.0.0.1:9';
let folder: string;
let provider: Awaited<ReturnType<typeof startIdentity>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-identity-'));
  provider = await startIdentity(folder, publicUrl);
});

afterAll(async () => {
  await provider.close();
  await rm(folder, { recursive: true });
});

/** Verifies a token as the API does: discovery, its key set, issuer, audience. */
async function verify(token: string) {
  const { jwks_uri } = await discover();
  const keys = createRemoteJWKSet(new URL(jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    issuer: provider.issuer,
    audience: 'motcua',
    typ: 'at+jwt',
  });
  return payload;
}

async function discover() {
  const response = await fetch(`${provider.issuer}/.well-known/openid-configuration`);
  return (await response.json()) as { jwks_uri: string; issuer: string };
}

describe('a token from the terminal', () => {
  test('a name that nobody has is answered with the names that somebody has', async () => {
    const response = await fetch(`${provider.issuer}/token/nobody`);
    expect(response.status).toBe(404);
    expect(await response.text()).toMatch(/Nobody here has that name.*an, binh, vungtau\.reception/);
  });

  test('whoever asks for nobody is told whose tokens there are', async () => {
    const { items } = (await (await fetch(`${provider.issuer}/token`)).json()) as { items: object[] };
    expect(items).toContainEqual({
      sub: 'vungtau.head',
      name: 'Đỗ Quốc Hùng',
      roles: ['head'],
      agency: 'H29.16',
    });
  });

  test('an officer gets a bearer token with roles, agency and title', async () => {
    const response = await fetch(`${provider.issuer}/token/vungtau.head`);
    const token = (await response.text()).trim();
    expect(response.headers.get('content-type')).toContain('text/plain');
    const payload = await verify(token);
    expect(payload).toMatchObject({
      sub: 'vungtau.head',
      name: 'Đỗ Quốc Hùng',
      roles: ['head'],
      agency: 'H29.16',
      title: 'Trưởng phòng Kinh tế, Hạ tầng và Đô thị',
    });
    expect(Number(payload.exp) - Number(payload.iat)).toBe(12 * 3600);
  });

  test('a citizen gets the personal number that the provider vouches for', async () => {
    const response = await fetch(`${provider.issuer}/token/an`);
    expect(await verify((await response.text()).trim())).toMatchObject({ personal_number: '077090990001' });
  });

  test('the signing key stays the same over a restart and is readable by its owner only', async () => {
    const again = await startIdentity(folder, publicUrl);
    const ask = async (url: string) => decodeProtectedHeader((await (await fetch(url)).text()).trim());
    expect(await ask(`${again.issuer}/token/an`)).toEqual(await ask(`${provider.issuer}/token/an`));
    expect((await stat(join(folder, 'keys', 'identity.jwk'))).mode & 0o077).toBe(0);
    await again.close();
  });
});

describe('a machine', () => {
  test('a wrong secret is refused', async () => {
    const token = machineToken({
      issuer: provider.issuer,
      clientId: 'treasury',
      clientSecret: 'another secret',
    });
    await expect(token()).rejects.toThrow();
  });

  test('client credentials give a token that verifies like a person’s', async () => {
    const token = machineToken({ issuer: provider.issuer, clientId: 'fire-service', clientSecret });
    const payload = await verify(await token());
    expect(payload).toMatchObject({ sub: 'fire-service', roles: ['consulted'], agency: 'G01.07' });
    expect(await token()).toBe(await token());
  });
});

describe('signing in with a browser', () => {
  test('a choice that is not on the list is refused with the list', async () => {
    const browser = createBrowser();
    const { url } = await beginSignIn();
    const page = await browser.get(url);
    const refused = await browser.post(page.url, { person: 'nobody' });
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('Nobody here is called that.');
  });

  test('an authorization request without PKCE comes back as an error', async () => {
    const { configuration, url } = await beginSignIn();
    expect(configuration.serverMetadata().code_challenge_methods_supported).toEqual(['S256']);
    url.searchParams.delete('code_challenge');
    url.searchParams.delete('code_challenge_method');
    const answer = await createBrowser().get(url);
    expect(new URL(answer.url).searchParams.get('error')).toBe('invalid_request');
  });

  test('a click on a person ends at Motcua, signed in as that person', async () => {
    const { tokens } = await signInAs(createBrowser(), 'binh');
    expect(tokens.claims()).toMatchObject({
      sub: 'binh',
      name: 'Trần Thị Bình',
      roles: ['citizen'],
      personal_number: '077185990002',
    });
    expect(await verify(tokens.access_token)).toMatchObject({ sub: 'binh', roles: ['citizen'] });
  });

  test('the same browser is asked again and may be somebody else', async () => {
    const browser = createBrowser();
    await signInAs(browser, 'an');
    const { tokens, page } = await signInAs(browser, 'vungtau.leader');
    expect(page.text).toContain('Vũ Thanh Sơn');
    expect(tokens.claims()).toMatchObject({ sub: 'vungtau.leader', agency: 'H29.16', title: 'Chủ tịch' });
  });

  test('signing out returns to Motcua', async () => {
    const browser = createBrowser();
    const { configuration, tokens } = await signInAs(browser, 'an');
    const url = oidc.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: publicUrl,
      id_token_hint: tokens.id_token ?? '',
    });
    const page = await browser.get(url);
    const xsrf = /name="xsrf" value="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const left = await browser.post(new URL('session/end/confirm', `${provider.issuer}/`).href, {
      xsrf,
      logout: 'yes',
    });
    expect(left.url).toBe(`${publicUrl}/`);
  });

  test('a sign-in that was never begun is explained', async () => {
    const page = await createBrowser().get(new URL(`${provider.issuer}/sign-in/unknown`));
    expect(page.status).toBe(400);
    expect(page.text).toContain('This sign-in has expired');
  });
});

async function beginSignIn() {
  const configuration = await oidc.discovery(
    new URL(provider.issuer),
    'motcua-web',
    clientSecret,
    undefined,
    {
      execute: [oidc.allowInsecureRequests],
    },
  );
  const verifier = oidc.randomPKCECodeVerifier();
  const state = oidc.randomState();
  const url = oidc.buildAuthorizationUrl(configuration, {
    redirect_uri: `${publicUrl}/signin/callback`,
    scope: 'openid',
    code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
  });
  return { configuration, verifier, state, url };
}

async function signInAs(browser: ReturnType<typeof createBrowser>, person: string) {
  const { configuration, verifier, state, url } = await beginSignIn();
  const page = await browser.get(url);
  expect(page.status).toBe(200);
  const arrived = await browser.post(page.url, { person });
  const tokens = await oidc.authorizationCodeGrant(configuration, new URL(arrived.url), {
    pkceCodeVerifier: verifier,
    expectedState: state,
  });
  return { configuration, page, tokens };
}

/** A browser without scripts: keeps cookies, follows redirects, stops where it leaves the provider. */
function createBrowser() {
  const cookies = new Map<string, string>();
  async function go(url: string, init: RequestInit): Promise<{ url: string; status: number; text: string }> {
    if (!url.startsWith(provider.url)) return { url, status: 0, text: '' };
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(url, { ...init, headers: { cookie }, redirect: 'manual' });
    for (const set of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location !== null) return go(new URL(location, url).href, {});
    return { url, status: response.status, text: await response.text() };
  }
  return {
    get: (url: URL) => go(url.href, {}),
    post: (url: string, form: Record<string, string>) =>
      go(url, { method: 'POST', body: new URLSearchParams(form) }),
  };
}
