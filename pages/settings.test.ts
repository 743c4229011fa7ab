import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, type World } from '../testing/world.ts';

describe.skipIf(!browserPath)(`what admins set on their pages${without}`, () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld(), startBrowser()]);
    await world.toMonday();
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  /** A local day, so many days after the world's. */
  const dayAfter = (days: number) =>
    new Date(world.clock.now().getTime() + (days * 24 + 7) * 3_600_000).toISOString().slice(0, 10);

  const seats: Seat[] = [
    { language: 'vi', scripts: true, width: 1280 },
    { language: 'en', scripts: false, width: 320 },
  ];

  test.each(seats)(
    'a closing is told to citizens, whose draft waits, until it is changed, undone and taken away: $language',
    async (seat) => {
      const citizen = await Visitor.open(browser, world.url, seat, 'an');
      await citizen.go('/procedures/1.013225/apply');
      await citizen.press('Bắt đầu hồ sơ mới', 'Start a new application');
      const draft = new URL(citizen.page.url()).pathname;

      const admin = await Visitor.open(browser, world.url, seat, 'admin');
      await admin.go('/admin/windows');
      await admin.follow('Tạm ngừng nhận hồ sơ', 'Stop taking applications');
      const message = { vi: 'Đang bảo trì.', en: 'Under maintenance.' };
      await admin.fill({ from: { day: dayAfter(-1), time: '08:00' }, message });
      await admin.press('Lưu', 'Save');
      // A reason is missing, and what was typed is still there.
      expect(await admin.page.locator('.govuk-error-summary').count()).toBe(1);
      expect(await admin.page.locator('[name="/message/en"]').inputValue()).toBe(message.en);
      await admin.fill({ reason: 'Nâng cấp' });
      await admin.press('Lưu', 'Save');
      expect(admin.page.url()).toBe(`${world.url}/admin/windows`);

      for (const path of ['/', '/procedures', '/procedures/1.013225', draft]) {
        await citizen.go(path);
        expect(await citizen.page.locator('main').innerText()).toContain(message[seat.language]);
      }

      await admin.follow('Sửa', 'Change');
      await admin.fill({ message: { vi: 'Sắp xong.', en: 'Nearly done.' }, reason: 'Báo lại' });
      await admin.press('Lưu', 'Save');
      await citizen.go(draft);
      expect(await citizen.page.locator('main').innerText()).toContain(
        citizen.say('Sắp xong.', 'Nearly done.'),
      );
      await admin.press('Hoàn tác', 'Undo');
      await citizen.go(draft);
      expect(await citizen.page.locator('main').innerText()).toContain(message[seat.language]);

      await admin.follow('Sửa', 'Change');
      await admin.page.locator('summary', { hasText: admin.say('Bỏ hẳn', 'Take it away') }).click();
      await admin.page.locator('#why').fill('Đã xong');
      await admin.press('Bỏ', 'Take it away');
      await citizen.go('/');
      expect(await citizen.page.locator('main').innerText()).not.toContain(message[seat.language]);
      expect([...admin.complaints, ...citizen.complaints]).toEqual([]);
      await Promise.all([admin.close(), citizen.close()]);
    },
    60_000,
  );

  test.each(seats)(
    'a new rate is looked at first, kept from a day on, and taken back before it begins: $language',
    async (seat) => {
      const admin = await Visitor.open(browser, world.url, seat, 'admin');
      await admin.go('/admin/fees/new');
      await admin.page.locator('[name="/of"]').selectOption('1.013225/');
      await admin.page.locator('[name="/agency"]').selectOption('H29.16');
      await admin.fill({
        validFrom: dayAfter(30),
        amount: 80_000,
        legalBasis: 'NQ 1/2026',
        reason: 'NQ mới',
      });
      await admin.press('Xem trước', 'Preview');
      const looked = await admin.page.locator('main').innerText();
      expect(looked).toContain(admin.say('75.000 đồng', '75,000 VND'));
      expect(looked).toContain(admin.say('80.000 đồng', '80,000 VND'));
      await admin.press('Lưu mức thu', 'Keep the rate');
      const row = admin.page.locator('tr', { hasText: admin.say('80.000 đồng', '80,000 VND') });
      expect(await row.innerText()).toContain(admin.say('Sắp tới', 'To come'));
      await row.getByRole('link', { name: admin.say('Sửa', 'Change') }).click();
      await admin.look();
      await admin.page
        .locator('summary', { hasText: admin.say('Bỏ mức thu này', 'Take this rate back') })
        .click();
      await admin.page.locator('#why').fill('Đặt nhầm');
      await admin.press('Bỏ', 'Take it back');
      expect(await row.count()).toBe(0);
      expect(admin.complaints).toEqual([]);
      await admin.close();
    },
    60_000,
  );
});
