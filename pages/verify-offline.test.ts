import { chromium, type Browser, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { stateDocument } from '../credentials/statement.ts';
import { browserArguments, browserPath, without } from '../testing/browser.ts';
import { startApi, type TestApi } from '../testing/api.ts';

const id = '3f2b1c4d-1111-4222-8333-444455556666';

describe.skipIf(!browserPath)(`a paper that is scanned where there is no network${without}`, () => {
  let api: TestApi;
  let browser: Browser;
  let page: Page;
  let qr: string;
  beforeAll(async () => {
    api = await startApi();
    qr = `${api.url}/verify/${id}#${await stateDocument(api.issuer, {
      id,
      number: '01/GPXD-UBND',
      title: 'Giấy phép xây dựng',
      agency: 'Ủy ban nhân dân phường Vũng Tàu',
      signatory: 'Nguyễn Thị Bình',
      holder: 'Đỗ Hoà An',
      at: new Date('2026-11-23T03:00:00Z'),
    })}`;
    browser = await chromium.launch({ executablePath: browserPath!, args: browserArguments });
    const context = await browser.newContext({ locale: 'vi-VN' });
    page = await context.newPage();
    // One look at the page of verification with a network keeps what is needed without one.
    await page.goto(`${api.url}/verify`);
    await page.evaluate('navigator.serviceWorker.ready');
    await context.setOffline(true);
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  it('is known for what it is, and whether it is of whom it names', async () => {
    await page.goto(qr);
    const answer = page.locator('[data-verdict=genuine]');
    await answer.waitFor();
    for (const words of ['Giấy phép xây dựng', '01/GPXD-UBND', '23/11/2026', 'Nguyễn Thị Bình'])
      expect(await answer.textContent()).toContain(words);
    await page.getByLabel('Tên người được cấp').fill('Trần Văn Bảy');
    await page.getByRole('button', { name: 'Kiểm tra' }).click();
    await answer.getByText('Tên KHÔNG đúng').waitFor();
    await page.getByLabel('Tên người được cấp').fill('đỗ hòa an');
    await page.getByRole('button', { name: 'Kiểm tra' }).click();
    await answer.getByText('Tên đúng với người được cấp').waitFor();
  });

  it('is not believed when its number was changed', async () => {
    const [header = '', payload = '', signature = ''] = qr.split('#')[1]!.split('.');
    const claims = Buffer.from(payload, 'base64url').toString().replace('01/', '02/');
    const forged = [header, Buffer.from(claims).toString('base64url'), signature].join('.');
    await page.getByLabel('Nội dung của mã QR').fill(`${api.url}/verify/${id}#${forged}`);
    await page.getByRole('button', { name: 'Kiểm tra' }).click();
    await page.getByRole('heading', { name: 'Chữ ký không đúng' }).waitFor();
    expect(await page.locator('[data-verdict=genuine]').isVisible()).toBe(false);
  });
});
