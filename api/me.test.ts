import { randomUUID } from 'node:crypto';
import { importJWK, SignJWT, type JWTPayload } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSignInApi, type Browser, type SignInApi } from '../testing/sign-in.ts';
import { browserOf } from './browser.ts';
import { issuerOf } from './identity.ts';
import { sayBrowser } from './me.ts';

let api: SignInApi;
let now: Date;
const chrome =
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36';
const safari =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1';

beforeAll(async () => {
  api = await startSignInApi({}, { clock: { now: () => now } });
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date();
  await api.db('sessions').delete();
});

interface Own {
  id: string;
  browser: { vi: string; en: string };
  current: boolean;
}
const sessionsOf = async (browser: Browser) =>
  (await browser.get('/api/v1/me/sessions').expect(200)).body.items as Own[];
const act = () => ({ Origin: api.url, 'Idempotency-Key': randomUUID() });
const pass = (minutes: number) => (now = new Date(now.getTime() + minutes * 60_000));
const problemOf = async (browser: Browser) => {
  const { status, body } = await browser.get('/api/v1/me');
  return [status, body.type, body.detail];
};

describe('who I am', () => {
  test('a stranger is nobody', async () => {
    expect((await api.stranger.get('/api/v1/me')).status).toBe(401);
    expect((await api.stranger.get('/api/v1/me/sessions')).status).toBe(401);
    expect((await api.stranger.delete('/api/v1/me/sessions')).status).toBe(401);
    expect((await api.stranger.delete(`/api/v1/me/sessions/${randomUUID()}`)).status).toBe(401);
  });

  test('an officer reads their roles, agency and abilities, but no personal number', async () => {
    const clerk = await api.as('vungtau.clerk');
    const { body } = await clerk.get('/api/v1/me').expect(200);
    expect(body).toMatchObject({ sub: 'vungtau.clerk', roles: ['clerk'], agency: 'H29.16', session: null });
    expect(body.abilities).toContainEqual({ action: 'read', area: 'registers', agency: 'H29.16' });
    expect(body.abilities).not.toContainEqual(expect.objectContaining({ area: 'temporal' }));
    expect(JSON.stringify((await (await api.as('an')).get('/api/v1/me')).body)).not.toContain('077090990001');
  });
});

describe('my sessions', () => {
  test('each tells in which browser, and which one asks; others’ are not among them', async () => {
    await api.signedIn('binh', '/signin', chrome);
    const { browser: office } = await api.signedIn('an', '/signin', chrome);
    const { browser: phone } = await api.signedIn('an', '/signin', safari);
    const seen = (items: Own[]) => items.map(({ browser, current }) => [browser.vi, current]).sort();
    expect(seen(await sessionsOf(office))).toEqual([
      ['Chrome trên Windows', true],
      ['Safari trên iPhone', false],
    ]);
    expect(seen(await sessionsOf(phone))).toEqual([
      ['Chrome trên Windows', false],
      ['Safari trên iPhone', true],
    ]);
  });

  test('nobody ends a session of somebody else', async () => {
    const { browser: binh } = await api.signedIn('binh');
    const { browser: an } = await api.signedIn('an');
    const [theirs] = await sessionsOf(binh);
    expect((await an.delete(`/api/v1/me/sessions/${theirs!.id}`).set(act())).status).toBe(404);
    expect((await binh.get('/api/v1/me')).status).toBe(200);
  });

  test('one that I end is over at once, says so, and is not brought back by a request under way', async () => {
    const { browser: office } = await api.signedIn('an', '/signin', chrome);
    const { browser: phone } = await api.signedIn('an', '/signin', safari);
    const other = (await sessionsOf(office)).find(({ current }) => !current)!;
    const [kept] = await api.db('sessions').where({ id: other.id });
    await office.delete(`/api/v1/me/sessions/${other.id}`).set(act()).expect(204);
    // What a request does that had read the session before.
    await api
      .db('sessions')
      .where({ id: other.id })
      .update({ sess: JSON.stringify(kept.sess) });
    expect(await problemOf(phone)).toMatchObject([
      401,
      '/problems/session-ended',
      expect.stringContaining('from elsewhere'),
    ]);
    expect(await sessionsOf(office)).toHaveLength(1);
  });

  test('all of them end, here too', async () => {
    const { browser: office } = await api.signedIn('an', '/signin', chrome);
    const { browser: phone } = await api.signedIn('an', '/signin', safari);
    await office.delete('/api/v1/me/sessions').set(act()).expect(204);
    for (const browser of [office, phone])
      expect((await problemOf(browser))[1]).toBe('/problems/session-ended');
  });

  test('after one has ended the same browser signs in again', async () => {
    const { browser } = await api.signedIn('vungtau.clerk');
    pass(30);
    expect((await problemOf(browser))[1]).toBe('/problems/session-ended');
    const page = await browser.get('/signin?return=/api/v1/me').redirects(5);
    const signInPage = new URL(String(page.redirects.at(-1))).pathname;
    const landed = await browser.post(signInPage).type('form').send({ person: 'vungtau.clerk' }).redirects(5);
    expect(landed.body).toMatchObject({ sub: 'vungtau.clerk' });
  });
});

describe('time', () => {
  test('an officer who does nothing for half an hour is signed out, and told so', async () => {
    const { browser } = await api.signedIn('vungtau.clerk');
    pass(20);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    pass(29);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
    pass(30);
    expect(await problemOf(browser)).toMatchObject([
      401,
      '/problems/session-ended',
      expect.stringContaining('did nothing'),
    ]);
    // It stays ended, whatever the clock says later.
    now = new Date();
    expect((await problemOf(browser))[1]).toBe('/problems/session-ended');
  });

  test('a citizen may leave it for longer, but nobody’s session is longer than a workday', async () => {
    const { browser } = await api.signedIn('an');
    pass(7 * 60);
    expect((await browser.get('/api/v1/me')).body.session).not.toHaveProperty('idleMinutes');
    pass(60);
    expect(await problemOf(browser)).toMatchObject([
      401,
      '/problems/session-ended',
      expect.stringContaining('as long as it may'),
    ]);
  });
});

describe('a sign-out at the identity provider', () => {
  const event = 'http://schemas.openid.net/event/backchannel-logout';

  /** A logout token of the provider, with other claims where a test wants them. */
  async function logoutToken(claims: JWTPayload, typ = 'logout+jwt') {
    const seconds = Math.floor(Date.now() / 1000);
    return new SignJWT({
      iss: api.config.OIDC_ISSUER,
      aud: 'motcua-web',
      iat: seconds,
      exp: seconds + 120,
      jti: randomUUID(),
      events: { [event]: {} },
      ...claims,
    })
      .setProtectedHeader({ alg: 'RS256', kid: api.key.kid, typ })
      .sign(await importJWK(api.key, 'RS256'));
  }
  const tell = (token: string) =>
    api.stranger.post('/signin/backchannel-logout').type('form').send({ logout_token: token });
  const providerSid = async (sub: string) =>
    (await api.db('sessions').where({ sub }).first('provider_sid')).provider_sid as string;

  test.each([
    ['of another issuer', { iss: 'http://127.0.0.1:9' }],
    ['for another client', { aud: 'motcua' }],
    ['that is too old', { iat: Math.floor(Date.now() / 1000) - 600 }],
    ['that has expired', { exp: Math.floor(Date.now() / 1000) - 60 }],
    ['without an id', { jti: undefined }],
    ['without the event', { events: {} }],
    ['that names nobody', { sub: undefined }],
    ['with a nonce, as of a sign-in', { nonce: 'x' }],
  ])('by a token %s ends nothing', async (_which, claims) => {
    const { browser } = await api.signedIn('an');
    const refused = await tell(await logoutToken({ sub: 'an', ...claims }));
    expect([refused.status, refused.body]).toMatchObject([400, { error: 'invalid_request' }]);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  test('by a token of another type, or none at all, ends nothing', async () => {
    const { browser } = await api.signedIn('an');
    expect((await tell(await logoutToken({ sub: 'an' }, 'at+jwt'))).status).toBe(400);
    expect((await tell('nonsense')).status).toBe(400);
    expect((await api.stranger.post('/signin/backchannel-logout')).status).toBe(400);
    expect((await browser.get('/api/v1/me')).status).toBe(200);
  });

  test('ends the session that began with it, and no other of the same person', async () => {
    const { browser: first } = await api.signedIn('an');
    const sid = await providerSid('an');
    const { browser: second } = await api.signedIn('an');
    const told = await tell(await logoutToken({ sid, sub: 'an' }));
    expect([told.status, told.headers['cache-control']]).toEqual([200, 'no-store']);
    expect(await problemOf(first)).toMatchObject([
      401,
      '/problems/session-ended',
      expect.stringContaining('identity provider'),
    ]);
    expect((await second.get('/api/v1/me')).status).toBe(200);
  });

  test('of a person ends all of theirs; the same token counts once', async () => {
    const { browser: first } = await api.signedIn('an');
    const { browser: binh } = await api.signedIn('binh');
    const token = await logoutToken({ sub: 'an' });
    expect((await tell(token)).status).toBe(200);
    expect((await problemOf(first))[0]).toBe(401);
    expect((await binh.get('/api/v1/me')).status).toBe(200);
    const { browser: again } = await api.signedIn('an');
    expect((await tell(token)).status).toBe(400);
    expect((await again.get('/api/v1/me')).status).toBe(200);
  });

  test('a logout token is no bearer token', async () => {
    const token = await logoutToken({ sub: 'an', aud: 'motcua' }, 'JWT');
    const url = await api.beside({ identity: issuerOf(api.config) });
    const answer = await fetch(`${url}/api/v1/me`, { headers: { authorization: `Bearer ${token}` } });
    expect(answer.status).toBe(401);
  });
});

test.each([
  [chrome, 'Chrome on Windows'],
  [safari, 'Safari on iPhone'],
  [`${chrome} Edg/142.0.0.0`, 'Edge on Windows'],
  ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
  ['curl/8.0', 'A browser'],
])('%s is %s', (userAgent, words) => {
  expect(sayBrowser(browserOf(userAgent)).en).toBe(words);
});
