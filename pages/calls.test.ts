import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { registerConnectors } from '../records/connectors.ts';
import { noteFailedTry } from '../records/retrying.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { browserPath, without } from '../testing/browser.ts';
import { fileCase } from '../testing/light-case.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';

const connectors = { land: { vi: 'Cơ quan đăng ký đất đai', en: 'Land registry' } };
const failure = { vi: 'trả lời 503', en: 'answers 503' };

describe.skipIf(!browserPath)(`an admin before work that does not flow${without}`, () => {
  let api: TestApi;
  let browser: Browser;
  beforeAll(async () => {
    [api, browser] = await Promise.all([startApi(), startBrowser()]);
    await registerConnectors(api.db, connectors);
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  /** A case whose question about the parcel has failed fourteen times, as a worker would note it. */
  async function stuck(): Promise<string> {
    const code = await fileCase(api);
    const failed = { at: api.clock.now(), failure, connector: 'land', standIn: { found: false } };
    for (let tries = 0; tries < 14; tries++)
      await noteFailedTry(api.db, { case: code, activity: 'ask parcel', number: 1 }, failed);
    return code;
  }
  const seats: Seat[] = [
    { language: 'vi', scripts: false, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
  ];
  const sit = async (seat: Seat) => Visitor.open(browser, api.url, seat, await api.token('admin'));

  test.each(seats)('reads why, and steps in with a reason: $language, scripts $scripts', async (seat) => {
    const code = await stuck();
    const admin = await sit(seat);
    const { page } = admin;
    await admin.go('/admin');
    const row = page.locator('tr', { has: page.locator(`[href*='/admin/calls/${code}']`) });
    const told = await row.innerText();
    expect(told).toContain(admin.say('Cơ quan đăng ký đất đai: trả lời 503', 'Land registry: answers 503'));
    expect(told).toContain(admin.say('đã thử 14 lần', 'tried 14 times'));
    await row.getByRole('link').first().click();
    await admin.look();
    await admin.press('Thử lại ngay', 'Try it now');
    expect(await page.locator('.govuk-error-summary').count()).toBe(1);
    await page.locator('[name="/reason"]').fill('Họ báo đã sửa xong');
    await admin.press('Thử lại ngay', 'Try it now');
    const asked = api.db('retrying_calls').where({ case_code: code }).whereNotNull('retry_asked_at');
    expect(await asked).toHaveLength(1);

    await admin.go(`/admin/calls/${code}/ask%20parcel/1`);
    await page.locator('[name="/reason"]').fill('Họ ngừng đến tuần sau');
    await admin.press('Đi tiếp không chờ trả lời', 'Go on without an answer');
    expect(await api.db('effects').where({ case_code: code }).pluck('answer')).toEqual([{ found: false }]);
    await admin.go(`/cases/${code}`);
    expect(await page.locator('.motcua-timeline').innerText()).toContain('(Họ ngừng đến tuần sau)');
    expect(admin.complaints).toEqual([]);
  });

  test.each(seats)('leaves a system alone for a time, and takes it back: $language', async (seat) => {
    const admin = await sit(seat);
    const { page } = admin;
    await admin.go('/admin/connectors');
    await admin.follow('Tạm ngừng Cơ quan đăng ký đất đai', 'Switch off Land registry');
    await admin.press('Tạm ngừng', 'Switch off');
    expect(await page.locator('.govuk-error-summary').count()).toBe(1);
    await page.locator('[name="/reason"]').fill('Bảo trì cuối tuần');
    await admin.press('Tạm ngừng', 'Switch off');
    expect(await page.locator('table').innerText()).toContain('Bảo trì cuối tuần');
    await admin.press('Hoàn tác', 'Undo');
    expect(await page.locator('table').innerText()).not.toContain('Bảo trì cuối tuần');
    expect(admin.complaints).toEqual([]);
  });
});
