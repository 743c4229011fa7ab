import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest';
import { sampleCity } from '../embedded/samples.ts';
import { applyCity } from '../records/city.ts';
import { publish } from '../records/public-reports.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { procedures } from '../workflows/catalogue.ts';

const photo = 'samples/street-report/dark-lamp.jpg';
const codeIn = (text: string) => /[A-Z]\d\d[\d.]*-\d{6}-\d+/.exec(text)![0];

describe.skipIf(!browserPath)(`reporting something in a street${without}`, () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    const clock = { now: () => new Date() };
    [api, browser] = await Promise.all([startApi({ procedures, clock }), startBrowser()]);
    await applyCity(api.db, sampleCity(), clock.now());
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  it('shows officers’ pages to officers only, and a report that is not there to nobody', async () => {
    const an = await api.as('an');
    await an.get('/hot-spots').expect(403);
    await an.get('/admin/services').expect(403);
    await an.get('/admin/api-keys').expect(403);
    await api.stranger.get('/reports/H29.22-200101-0001').expect(404);
  });

  test.each<Seat>([
    { language: 'vi', scripts: false, width: 390 },
    { language: 'en', scripts: true, width: 1280 },
  ])('is done without signing in and found again by a word: $language, scripts $scripts', async (seat) => {
    const visitor = await Visitor.open(browser, api.url, seat);
    const { page } = visitor;
    page.setDefaultTimeout(20_000);
    await visitor.go('/reports');
    await page.goto(`${api.url}/reports/new`);
    await visitor.go(`/reports/new?q=${visitor.say('den', 'lamp')}`);
    await page.locator('.motcua-cards a').first().click();
    await visitor.look();
    await visitor.press('Gửi phản ánh', 'Send the report');
    expect(await page.locator('.govuk-error-summary').innerText()).not.toBe('');

    const lat = seat.scripts ? 10.3415 : 10.3495;
    await visitor.fill({
      description: `Đèn đường cột VT-17 không sáng ba đêm liền.`,
      address: 'Trước số nhà 12',
      place: { lat, lng: 107.081 },
      details: { fault: 'dark' },
    });
    await page.locator('#photos').setInputFiles(photo);
    await visitor.press('Gửi phản ánh', 'Send the report');
    expect(page.url()).toBe(`${api.url}/reports/filed`);
    const told = await page.locator('main').innerText();
    const code = codeIn(told);
    const [word] = /[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}/.exec(told)!;

    await visitor.follow('Xem phản ánh', 'See the report');
    const shown = await page.locator('main').innerText();
    expect(shown).toContain(visitor.say('Đây là phản ánh của bạn', 'This is your report'));
    expect(shown).not.toContain('VT-17');
    await visitor.follow('Xem đầy đủ', 'See all of it');
    expect(await page.locator('main').textContent()).toContain('VT-17');
    // The cookie alone, as another site would have it sent, does nothing.
    const headers = { 'tus-resumable': '1.0.0', 'upload-length': '10', 'sec-fetch-site': 'cross-site' };
    const foreign = await page.request.post(`${api.url}/uploads/resumable`, { headers });
    expect(foreign.status()).toBe(401);
    await visitor.close();

    // On another device the word brings its reporter back; a wrong one does not.
    const later = await Visitor.open(browser, api.url, seat);
    later.page.setDefaultTimeout(20_000);
    await later.go('/reports/mine');
    await later.page.locator('[name="code"]').fill(code);
    await later.page.locator('[name="word"]').fill('AAAA-BBBB-CCCC');
    await later.page.locator('form[action="/reports/open"] button').click();
    await later.look();
    expect(later.page.url()).toContain('wrong=1');
    await later.page.locator('[name="code"]').fill(code);
    await later.page.locator('[name="word"]').fill(word.toLowerCase());
    await later.page.locator('form[action="/reports/open"] button').click();
    await later.page.waitForLoadState();
    expect(later.page.url()).toBe(`${api.url}/reports/${code}`);
    expect([...visitor.complaints, ...later.complaints]).toEqual([]);
    await later.close();
  });

  it('asks whether it is one that is known, which somebody then follows instead', async () => {
    const known = await api.db('incidents').orderBy('case_code').first();
    const words = { kind: 'words', text: 'Đèn đường không sáng.', number: 1, document: null } as const;
    await publish(api.db, { code: known.case_code, ...words, at: new Date() });
    const seat = { language: 'vi', scripts: true, width: 390 } as const;
    const visitor = await Visitor.open(browser, api.url, seat);
    const { page } = visitor;
    page.setDefaultTimeout(20_000);
    await visitor.go('/reports/new?service=street-light');
    await visitor.fill({
      description: 'Đèn đường không sáng mấy đêm nay.',
      place: { lat: 10.3495, lng: 107.081 },
      details: { fault: 'dark' },
    });
    const before = Number((await api.db('incidents').count({ n: '*' }))[0]!['n']);
    await visitor.press('Gửi phản ánh', 'Send the report');
    expect(await page.locator('main').innerText()).toContain('Có phải một trong những phản ánh này không?');
    await page.locator(`form[action="/reports/${known.case_code}/follow"] button`).click();
    await page.waitForLoadState();
    await visitor.go(`/reports/${known.case_code}`);
    expect(await page.locator('main').innerText()).toContain('Bạn đang theo dõi phản ánh này');
    expect(Number((await api.db('incidents').count({ n: '*' }))[0]!['n'])).toBe(before);
    await visitor.go('/reports?service=street-light&ward=H29.16');
    expect(await page.locator('.motcua-cards').innerText()).toContain('Đèn đường không sáng.');
    await expect.poll(() => page.locator('#reports-map .leaflet-marker-icon').count()).toBeGreaterThan(0);
    expect(visitor.complaints).toEqual([]);
    await visitor.close();
  });

  it('shows a photo to everybody after an officer has looked at it', async () => {
    const { case_code: code } = await api.db('incidents').orderBy('case_code').first();
    const seat = { language: 'vi', scripts: true, width: 1280 } as const;
    const operator = await Visitor.open(browser, api.url, seat, await api.token('ioc.operator'));
    await operator.go(`/cases/${code}`);
    await operator.follow('Làm mờ, công khai', 'Blur, let it be public');
    const anybody = await Visitor.open(browser, api.url, { ...seat, width: 390 });
    await anybody.go(`/reports/${code}`);
    expect(await anybody.page.locator('.motcua-photos').count()).toBe(0);
    const first = operator.page.locator('#blur tbody tr').first();
    for (const side of ['x', 'y', 'width', 'height']) await first.locator(`[name="${side}"]`).fill('20');
    await operator.page.locator('#blur button[value="public"]').click();
    await operator.page.waitForLoadState();
    await anybody.go(`/reports/${code}`);
    expect(await anybody.page.locator('.motcua-photos img').count()).toBe(1);
    expect([...operator.complaints, ...anybody.complaints]).toEqual([]);
    await operator.close();
    await anybody.close();
  });

  it('shows officers and admins pages that are fit for everybody', async () => {
    for (const [sub, ...paths] of [
      ['ioc.operator', '/hot-spots'],
      ['admin', '/admin/services', '/admin/services/street-light', '/admin/api-keys'],
    ] as const) {
      const seat = { language: 'en', scripts: true, width: 390 } as const;
      const visitor = await Visitor.open(browser, api.url, seat, await api.token(sub));
      for (const path of paths) await visitor.go(path);
      expect(visitor.complaints).toEqual([]);
      await visitor.close();
    }
  });
});
