import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { isPushService } from '../messaging/push.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { browserPath, without } from '../testing/browser.ts';
import { openPushService, type PushService } from '../testing/push-service.ts';
import { startBrowser, Visitor } from '../testing/visitor.ts';

const path = '/api/v1/me/push-subscriptions';
const key = () => ({ 'Idempotency-Key': randomUUID() });
const firefox = 'Mozilla/5.0 (Android 14; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0';

let api: TestApi;
let service: PushService;
beforeAll(async () => {
  service = await openPushService();
  const WEB_PUSH_KEY = Buffer.alloc(32, 9).toString('base64');
  api = await startApi({}, () => Promise.resolve({ WEB_PUSH_KEY, WEB_PUSH_SERVICES: '127.0.0.1' }));
});
afterAll(async () => {
  await api.stop();
  await service.close();
});
beforeEach(() => api.db.raw('TRUNCATE push_subscriptions'));

/** Subscribes a browser of a sample person; gives its id. */
async function subscribe(sub: string, given: object = service.browser().subscription): Promise<string> {
  const person = await api.as(sub);
  const sent = person.post(path).set(key()).set('User-Agent', firefox).send(given);
  return ((await sent.expect(201)).body as { id: string }).id;
}
const browsersOf = async (sub: string) =>
  ((await (await api.as(sub)).get(path).expect(200)).body as { items: { id: string }[] }).items;

describe('notices in one’s browser', () => {
  it('are for those who are signed in, and each sees and ends their own', async () => {
    await api.stranger.get(path).expect(401);
    await api.stranger.post(path).set(key()).send(service.browser().subscription).expect(401);
    const id = await subscribe('an');
    await api.stranger.delete(`${path}/${id}`).set(key()).expect(401);
    await (await api.as('binh')).delete(`${path}/${id}`).set(key()).expect(404);
    expect(await browsersOf('binh')).toEqual([]);
  });

  it('are wanted, listed by the name of the browser and ended', async () => {
    const id = await subscribe('an');
    const browser = { vi: 'Firefox trên Android', en: 'Firefox on Android' };
    expect(await browsersOf('an')).toMatchObject([{ id, browser }]);
    await (await api.as('an')).delete(`${path}/${id}`).set(key()).expect(204);
    expect(await browsersOf('an')).toEqual([]);
  });

  it('are one person’s in one browser: whoever subscribes in it last', async () => {
    const { subscription } = service.browser();
    const id = await subscribe('an', subscription);
    expect(await subscribe('binh', subscription)).toBe(id);
    expect(await browsersOf('an')).toEqual([]);
  });

  it('go to ten browsers at most, those that came last', async () => {
    const ids: string[] = [];
    for (let count = 0; count < 11; count += 1) ids.push(await subscribe('an'));
    expect((await browsersOf('an')).map(({ id }) => id).sort()).toEqual(ids.slice(1).sort());
  });

  it('end where somebody signs out everywhere', async () => {
    await subscribe('an');
    await (await api.as('an')).delete('/api/v1/me/sessions').set(key()).expect(204);
    expect(await browsersOf('an')).toEqual([]);
  });

  it.each([
    ['another host', { endpoint: 'https://169.254.169.254/latest' }],
    ['no address', { endpoint: 'push' }],
    ['a key that is none', { p256dh: 'abc' }],
  ])('are refused with %s', async (_, wrong) => {
    const given = { ...service.browser().subscription, ...wrong };
    const { body } = await (await api.as('an')).post(path).set(key()).send(given).expect(422);
    expect(body).toMatchObject({ errors: [{ pointer: `/${Object.keys(wrong)[0]}` }] });
  });

  it('are not offered where the installation has no key for them', async () => {
    const url = await api.beside({ config: { ...api.config, WEB_PUSH_KEY: undefined } });
    const headers = { authorization: `Bearer ${await api.token('an')}`, ...key() };
    const body = JSON.stringify(service.browser().subscription);
    const sent = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    expect((await fetch(url + path, sent)).status).toBe(409);
    const answer = await fetch(`${url}/account/contact`, { headers: { ...headers, accept: 'text/html' } });
    expect(await answer.text()).not.toContain('data-push');
  });
});

test('only makers of browsers are written to, over https and on their own port', () => {
  const services = 'fcm.googleapis.com, push.apple.com';
  const known = ['https://fcm.googleapis.com/fcm/send/x', 'https://web.push.apple.com/Q'];
  const other = [
    'http://fcm.googleapis.com/x',
    'https://fcm.googleapis.com:8443/x',
    'https://fcm.googleapis.com.evil.example/x',
    'https://evilpush.apple.com.vn/x',
    'https://user@push.apple.com/x',
    'http://127.0.0.1/x',
    'file:///etc/passwd',
  ];
  expect(known.filter((each) => !isPushService(each, services))).toEqual([]);
  expect(other.filter((each) => isPushService(each, services))).toEqual([]);
});

describe.skipIf(!browserPath)(`in a real browser${without}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  it('a notice is shown, and leads to its case', async () => {
    const seat = { language: 'vi' as const, scripts: true, width: 1280 };
    const visitor = await Visitor.open(browser, api.url, seat, await api.token('an'));
    const { page } = visitor;
    await page.context().grantPermissions(['notifications'], { origin: api.url });
    await visitor.go('/account/contact');
    await page.getByRole('button', { name: 'Nhận thông báo trên trình duyệt này' }).waitFor();
    expect(await page.getByText('Chưa trình duyệt nào nhận thông báo.').isVisible()).toBe(true);

    await page.evaluate(`navigator.serviceWorker.register('/account/push-worker.js', { scope: '/account/' })
      .then(() => navigator.serviceWorker.ready).then(() => undefined)`);
    const devtools = await page.context().newCDPSession(page);
    const registered = new Promise<string>((found) =>
      devtools.on('ServiceWorker.workerRegistrationUpdated', ({ registrations }) => {
        const [first] = registrations;
        if (first) found(first.registrationId);
      }),
    );
    await devtools.send('ServiceWorker.enable');
    const notice = {
      title: 'Một cửa',
      body: 'Hồ sơ đã có kết quả',
      path: '/cases/H29.16-261124-0001',
      tag: '1',
    };
    const delivery = { origin: api.url, registrationId: await registered, data: JSON.stringify(notice) };
    const shown = `navigator.serviceWorker.ready
      .then((registration) => registration.getNotifications())
      .then((all) => all.map(({ title, body, tag, data }) => ({ title, body, tag, path: data.path })))`;
    // The browser answers before its worker has the message, and may lose it while that starts. A notice that comes twice shows once.
    const delivered = async () => {
      await devtools.send('ServiceWorker.deliverPushMessage', delivery);
      return page.evaluate(shown);
    };
    await expect.poll(delivered, { interval: 500, timeout: 30_000 }).toEqual([notice]);
    expect(visitor.complaints).toEqual([]);
    await visitor.close();
  });

  it('a browser whose maker cannot be reached, or that allows no notices, says so', async () => {
    const seat = { language: 'en' as const, scripts: true, width: 320 };
    const visitor = await Visitor.open(browser, api.url, seat, await api.token('an'));
    await visitor.go('/account/contact');
    const button = visitor.page.getByRole('button', { name: 'Show notices in this browser' });
    await button.click();
    await visitor.page.locator('[data-push-told]:not([hidden])').waitFor();
    expect(visitor.complaints).toEqual([]);
    await visitor.close();
  });

  it('a browser without scripts is told why it shows none', async () => {
    const seat = { language: 'en' as const, scripts: false, width: 320 };
    const visitor = await Visitor.open(browser, api.url, seat, await api.token('an'));
    await visitor.go('/account/contact');
    await visitor.page.getByText('This browser cannot show notices').waitFor();
    await visitor.close();
  });
});
