import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { samplePin } from '../embedded/identity-pages.ts';
import { sampleAcr } from '../embedded/samples.ts';
import { fileCase, openTask } from '../testing/light-case.ts';
import { startSignInApi, type Browser, type SignInApi } from '../testing/sign-in.ts';

let api: SignInApi;
let now: Date;
beforeAll(async () => {
  api = await startSignInApi({ OIDC_STEP_UP_ACR: sampleAcr }, { clock: { now: () => now } });
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date();
  await api.db('sessions').delete();
});

const chrome = 'Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/142.0.0.0 Safari/537.36';
const page = (browser: Browser, path: string) =>
  browser.get(path).set({ Accept: 'text/html', 'Accept-Language': 'en' });
const marksIn = (html: string) => ({
  _csrf: /name="_csrf" value="([^"]+)"/.exec(html)?.[1] ?? '',
  _key: /name="_key" value="([^"]+)"/.exec(html)?.[1] ?? '',
});
const send = (browser: Browser, path: string, html: string, fields: object = {}) =>
  browser
    .post(path)
    .set({ Accept: 'text/html', 'Accept-Language': 'en', Origin: api.url, Referer: `${api.url}/tasks` })
    .type('form')
    .send({ ...marksIn(html), ...fields });

test('a stranger is led to the sign-in and back', async () => {
  const answer = await api.stranger.get('/account/sessions').set('Accept', 'text/html').expect(303);
  expect(answer.headers['location']).toBe('/signin?return=%2Faccount%2Fsessions');
  expect((await api.stranger.post('/account/sessions/end').set('Accept', 'text/html')).status).toBe(401);
});

test('somebody sees where they are signed in, and signs out everywhere; the next page says so', async () => {
  const { browser: phone } = await api.signedIn('vungtau.specialist');
  const { browser } = await api.signedIn('vungtau.specialist', '/signin', chrome);
  const { text, status } = await page(browser, '/account/sessions');
  expect(status).toBe(200);
  expect(text).toContain('Chrome on Windows');
  expect(text).toContain('This one');
  const forged = await send(browser, '/account/sessions/end', '');
  expect(forged.text).toContain('out of date');
  await send(browser, '/account/sessions/end', text).expect(303);
  for (const each of [browser, phone]) {
    const after = await page(each, '/account/sessions').expect(401);
    expect(after.text).toContain('Your session has ended');
    expect(after.text).toContain('You ended this session from elsewhere');
    expect(after.text).toContain('href="/signin?return&#x3D;%2Faccount%2Fsessions"');
  }
});

test('one other session is ended by its button', async () => {
  const { browser: phone } = await api.signedIn('an');
  const { browser } = await api.signedIn('an', '/signin', chrome);
  const { body } = await browser.get('/api/v1/me/sessions');
  const other = (body.items as { id: string; current: boolean }[]).find(({ current }) => !current)!;
  const { text } = await page(browser, '/account/sessions');
  await send(browser, `/account/sessions/${other.id}/end`, text).expect(303);
  expect((await page(browser, '/account/sessions')).text).toContain('The session has ended.');
  expect((await page(phone, '/cases')).status).toBe(401);
});

test('whoever was away too long reads why they must sign in, and comes back to the same page', async () => {
  const { browser } = await api.signedIn('vungtau.specialist');
  now = new Date(now.getTime() + 31 * 60_000);
  const { text } = await page(browser, '/inbox').expect(401);
  expect(text).toContain('you did nothing for a time');
  expect(text).toContain('href="/signin?return&#x3D;%2Finbox"');
});

test('a signature that needs a step-up keeps what was filled in, and is sent after it', async () => {
  const task = await openTask(api, await fileCase(api), {});
  const { browser } = await api.signedIn('vungtau.specialist');
  const before = await page(browser, `/tasks/${task}`).expect(200);
  expect(before.text).toContain('You sign a document by this');

  const answer = {
    '/answer/repaired': 'true',
    '/answer/parts/#': '1',
    '/answer/parts/0/name': 'Bóng LED 40W',
  };
  const asked = await send(browser, `/tasks/${task}`, before.text, answer);
  expect([asked.status, asked.headers['location']]).toEqual([
    303,
    `/signin/step-up?return=${encodeURIComponent(`/tasks/${task}`)}`,
  ]);
  const confirm = await browser.get(String(asked.headers['location'])).redirects(5);
  const back = await browser
    .post(new URL(String(confirm.redirects.at(-1))).pathname)
    .set({ Accept: 'text/html', 'Accept-Language': 'en' })
    .type('form')
    .send({ person: 'vungtau.specialist', pin: samplePin })
    .redirects(5);
  expect(back.redirects.at(-1)).toBe(`${api.url}/tasks/${task}`);
  expect(back.text).toContain('Bóng LED 40W');
  expect(back.text).not.toContain('You sign a document by this');
  const done = await send(browser, `/tasks/${task}`, back.text, answer);
  expect([done.status, done.headers['location']]).toEqual([303, '/inbox']);
});

test('many are signed by one answer and one step-up, which keeps what was chosen', async () => {
  const tasks = [await openTask(api, await fileCase(api), {}), await openTask(api, await fileCase(api), {})];
  const { browser } = await api.signedIn('vungtau.specialist');
  const single = await page(browser, `/tasks/${tasks[0]}`).expect(200);
  const path = /\/inbox\/sign\/[^"]+/.exec(single.text.replaceAll('&#x3D;', '='))![0];
  const list = await page(browser, path).expect(200);
  for (const task of tasks) expect(list.text).toContain(`value="${task}"`);

  const none = await send(browser, path, list.text, {});
  expect([none.status, none.text.includes('Choose at least one case to sign')]).toEqual([422, true]);

  const answer = { task: tasks, '/answer/repaired': 'true' } as never;
  const asked = await send(browser, path, list.text, answer);
  expect([asked.status, asked.headers['location']]).toEqual([
    303,
    `/signin/step-up?return=${encodeURIComponent(path)}`,
  ]);
  const confirm = await browser.get(String(asked.headers['location'])).redirects(5);
  const back = await browser
    .post(new URL(String(confirm.redirects.at(-1))).pathname)
    .set({ Accept: 'text/html', 'Accept-Language': 'en' })
    .type('form')
    .send({ person: 'vungtau.specialist', pin: samplePin })
    .redirects(5);
  for (const task of tasks) expect(back.text).toContain(`value="${task}" checked`);
  const done = await send(browser, path, back.text, answer);
  expect([done.status, done.headers['location']]).toEqual([303, expect.stringMatching(/^\/inbox\/bulk\//)]);
  const report = await page(browser, String(done.headers['location'])).expect(200);
  for (const task of tasks) expect(report.text).toContain(`/tasks/${task}`);
});

test('menus show what somebody may do', async () => {
  const menu = async (sub: string) => {
    const { browser } = await api.signedIn(sub);
    const { text } = await page(browser, '/');
    return ['/inbox', '/counter', '/admin', '/cases'].filter((href) => text.includes(`href="${href}"`));
  };
  expect(await menu('an')).toEqual(['/cases']);
  expect(await menu('vungtau.reception')).toEqual(['/inbox', '/counter']);
  expect(await menu('vungtau.head')).toEqual(['/inbox']);
  // Admins look at the queues of any agency.
  expect(await menu('admin')).toEqual(['/inbox', '/admin']);
});
