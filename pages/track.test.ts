import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readConfig } from '../config.ts';
import { openPostOffice, type PostOffice } from '../embedded/post-office/index.ts';
import { openSms } from '../messaging/sms.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { browserPath, without } from '../testing/browser.ts';
import { fileCase, openRepair } from '../testing/light-case.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';

describe.skipIf(!browserPath)(`following a case without signing in${without}`, () => {
  let office: PostOffice;
  let api: TestApi;
  let browser: Browser;
  let code: string;
  beforeAll(async () => {
    const clock = { now: () => new Date() };
    office = await openPostOffice({ clock });
    const sms = openSms(readConfig({ SMS_URL: office.smsUrl }));
    [api, browser] = await Promise.all([startApi({ clock, sms }), startBrowser()]);
    code = await fileCase(api);
    await openRepair(api, code, new Date(Date.now() + 86_400_000));
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
    await office.close();
  });

  test.each<Seat>([
    { language: 'vi', scripts: false, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
  ])('needs its code and the phone: $language, scripts $scripts', async (seat) => {
    const visitor = await Visitor.open(browser, api.url, seat);
    const { page } = visitor;
    await visitor.go('/');
    await visitor.follow('Theo dõi bằng mã hồ sơ', 'Follow a case by its code');
    await visitor.press('Gửi mã cho tôi', 'Send me a code');
    expect(await page.locator('.govuk-error-message').innerText()).toContain('H29.16-261122-0001');
    await page.locator('#case').fill(code.toLowerCase());
    const before = office.letters().length;
    await visitor.press('Gửi mã cho tôi', 'Send me a code');
    await expect.poll(() => office.letters().length).toBe(before + 1);
    const [digits] = /^\d{6}/.exec(office.letters()[0]!.text)!;

    await page.locator('#code').fill(digits === '000000' ? '000001' : '000000');
    await visitor.press('Xem hồ sơ', 'See the case');
    expect(await page.locator('.govuk-error-message').innerText()).toContain(
      visitor.say('Mã không đúng', 'The code is wrong'),
    );
    await page.locator('#code').fill(digits);
    await visitor.press('Xem hồ sơ', 'See the case');
    expect(page.url()).toBe(`${api.url}/track/${code}`);
    const text = await page.locator('main').innerText();
    expect(text).toContain(visitor.say('Nộp hồ sơ trực tuyến', 'Handed in online'));
    expect(text).not.toContain('Nguyễn Văn An');

    await visitor.press('Thôi xem trên máy này', 'Stop following on this device');
    await visitor.go(`/track/${code}`);
    expect(page.url()).toBe(`${api.url}/track?case=${code}`);
    expect(await page.locator('#case').inputValue()).toBe(code);
    expect(visitor.complaints).toEqual([]);
  });

  test('is not offered where no SMS is sent, and the page says so', async () => {
    const url = await api.beside({ sms: undefined });
    const page = await (await fetch(`${url}/track`, { headers: { accept: 'text/html' } })).text();
    expect(page).toContain('không gửi tin nhắn');
    expect(page).not.toContain('action="/track"');
  });
});
