import supertest from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startSignInApi, type SignInApi } from '../testing/sign-in.ts';
import { issuerOf } from './identity.ts';

let api: SignInApi;
beforeAll(async () => {
  api = await startSignInApi();
});
afterAll(() => api.stop());

test('a stranger who opens the Temporal UI is shown the way to the sign-in; a program is refused', async () => {
  const browser = await api.stranger.get('/temporal/namespaces?x=1').set('Accept', 'text/html');
  expect(browser.headers['location']).toBe('/signin?return=%2Ftemporal%2Fnamespaces%3Fx%3D1');
  expect((await api.stranger.get('/temporal/api/v1/x').set('Accept', 'application/json')).status).toBe(401);
  expect((await api.stranger.post('/temporal/api/v1/x')).status).toBe(401);
});

test('an officer who is no admin does not see the Temporal UI', async () => {
  const { browser } = await api.signedIn('vungtau.leader');
  expect((await browser.get('/temporal')).body).toMatchObject({ type: '/problems/wrong-role' });
});

test('an admin reads the details of a case in the Temporal UI, and markup in them stays text', async () => {
  const path = '/temporal/render?content=' + encodeURIComponent('**H29** <script>x</script>');
  expect((await api.stranger.get(path).set('Accept', 'application/json')).status).toBe(401);
  const { browser } = await api.signedIn('admin');
  const { text, headers } = await browser.get(path);
  expect(text).toContain('<strong>H29</strong> &lt;script&gt;');
  expect(headers['content-security-policy']).toContain("default-src 'none'");
});

test('an admin comes back from the Temporal UI to a case, and nothing there leads to another site', async () => {
  const { browser } = await api.signedIn('admin');
  const shown = async (link: string) =>
    (await browser.get(`/temporal/render?content=${encodeURIComponent(`[H29](${link})`)}`)).text;
  expect(await shown('/cases/H29.16-261124-0001')).toContain(
    '<a href="/cases/H29.16-261124-0001" target="_blank">H29</a>',
  );
  for (const elsewhere of ['https://evil.example', '//evil.example', 'javascript:x'])
    expect(await shown(elsewhere)).not.toContain('<a ');
});

test('an answer of the identity provider that nobody waits for signs nobody in', async () => {
  const answer = await api.stranger.get('/signin/callback?code=x&state=y');
  expect(answer.body).toMatchObject({ type: '/problems/not-signed-in' });
  const browser = supertest.agent(api.url);
  await browser.get('/signin').expect(302);
  const forged = await browser.get('/signin/callback?code=x&state=y');
  expect(forged.body).toMatchObject({ type: '/problems/not-signed-in' });
});

test('an admin signs in and lands where they wanted to go', async () => {
  const { browser, landed } = await api.signedIn('admin', '/signin?return=%2Ftemporal%2Fnamespaces%3Fx%3D1');
  expect(landed.body).toEqual({
    url: '/temporal/namespaces?x=1',
    method: 'GET',
    host: new URL(api.url).host,
  });
  const home = await browser.get('/').set('Accept-Language', 'en');
  expect(home.text).toContain('Đặng Hải Quản Trị');
  expect(home.text).toContain('href="/temporal"');
});

test('nobody is sent to somebody else’s site after the sign-in', async () => {
  for (const elsewhere of ['https://evil.example', '//evil.example', '/\\evil.example']) {
    const { landed } = await api.signedIn('an', `/signin?return=${encodeURIComponent(elsewhere)}`);
    expect(landed.redirects.at(-1)).toBe(`${api.url}/`);
  }
});

test('the session’s cookie is out of reach of scripts, and its id is a new one after the sign-in', async () => {
  const browser = supertest.agent(api.url);
  const before = await browser.get('/signin').expect(302);
  const [cookie] = before.headers['set-cookie'] as unknown as string[];
  expect(cookie).toMatch(/^motcua=.*HttpOnly; SameSite=Lax$/);
  const signIn = await browser
    .get(new URL(String(before.headers['location'])).href.slice(api.url.length))
    .redirects(2);
  await browser
    .post(new URL(String(signIn.redirects.at(-1))).pathname)
    .type('form')
    .send({ person: 'an' })
    .redirects(5);
  const old = await api.stranger.get('/api/v1/cases').set('Cookie', String(cookie?.split(';')[0]));
  expect(old.status).toBe(401);
  expect((await browser.get('/api/v1/cases')).status).toBe(200);
});

test('a session changes nothing for a page of somebody else’s', async () => {
  const { browser } = await api.signedIn('admin');
  const decode = (headers: Record<string, string>) =>
    browser.post('/codec/decode').set(headers).send({ payloads: [] });
  expect((await decode({ Origin: 'https://evil.example' })).status).toBe(401);
  expect((await decode({})).status).toBe(401);
  expect((await decode({ Origin: api.url })).status).toBe(200);
  expect((await decode({ 'Sec-Fetch-Site': 'same-origin', Origin: 'null' })).status).toBe(200);
  expect((await decode({ 'Sec-Fetch-Site': 'cross-site', Origin: api.url })).status).toBe(401);
});

test('signing out ends the session, but only from our own page', async () => {
  const { browser } = await api.signedIn('an');
  expect((await browser.post('/signout').set('Origin', 'https://evil.example')).status).toBe(401);
  expect((await browser.get('/api/v1/cases')).status).toBe(200);
  const out = await browser.post('/signout').set('Origin', api.url);
  expect(out.status).toBe(303);
  expect(out.headers['location']).toMatch('/dev-idp/session/end?');
  expect((await browser.get('/api/v1/cases')).status).toBe(401);
});

test('a token of the sample identity provider’s own door is good for the API', async () => {
  const token = (await api.stranger.get('/dev-idp/token/an').expect(200)).text.trim();
  const url = await api.beside({ identity: issuerOf(api.config) });
  const answer = await fetch(`${url}/api/v1/cases`, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
});

test('while the Temporal UI is away its admins are told so', async () => {
  const config = { ...api.config, TEMPORAL_UI_URL: 'http://127.0.0.1:9' };
  const url = await api.beside({ config });
  const answer = await fetch(`${url}/temporal`, {
    headers: { authorization: `Bearer ${await api.token('admin')}` },
  });
  expect([answer.status, await answer.json()]).toMatchObject([503, { type: '/problems/not-ready' }]);
});
