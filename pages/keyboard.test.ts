import type { Browser, Locator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

/** Goes on with the tabulator to a control, which must show that it has the focus. */
async function tabTo(page: Page, control: Locator): Promise<void> {
  for (let pressed = 0; pressed < 250; pressed++) {
    await page.keyboard.press('Tab');
    if ((await control.and(page.locator(':focus')).count()) === 0) continue;
    const shows = await control.evaluate((element) => {
      const { getComputedStyle } = element.ownerDocument.defaultView!;
      const { outlineStyle, boxShadow } = getComputedStyle(element);
      // A radio shows its focus on the circle that is drawn beside it.
      const label = element.nextElementSibling;
      const drawn = label ? getComputedStyle(label, '::before').boxShadow : 'none';
      return outlineStyle !== 'none' || boxShadow !== 'none' || drawn !== 'none';
    });
    expect(shows).toBe(true);
    return;
  }
  throw new Error('the tabulator does not lead there');
}

describe.skipIf(!browserPath)(`an officer without a mouse${without}`, () => {
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

  test.each<Seat>([
    { language: 'vi', scripts: true, width: 1280 },
    { language: 'en', scripts: false, width: 1280 },
  ])(
    'opens a task, reads a paper, marks it and decides: $language, scripts $scripts',
    async (seat) => {
      const code = await world.as('an').file('samples/construction-permit', samplePermit());
      await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
      const { id } = await world.as('vungtau.specialist').task(code, 'appraisal');
      const officer = await Visitor.open(browser, world.url, seat, 'vungtau.specialist');
      const { page } = officer;
      const pressed = async (control: Locator, key = 'Enter') => {
        await tabTo(page, control);
        await page.keyboard.press(key);
      };
      const arrived = async (work: Promise<void>) => {
        await Promise.all([page.waitForNavigation(), work]);
      };

      await officer.go('/inbox');
      await pressed(page.locator('.govuk-skip-link'));
      await arrived(pressed(page.locator(`[href="/tasks/${id}"]`)));
      await pressed(page.locator('.govuk-skip-link'));
      const paper = page.locator('.motcua-papers summary').first();
      await pressed(paper);
      expect(await page.locator('.motcua-papers details[open] iframe').count()).toBe(1);
      await arrived(
        pressed(
          page.getByRole('button', {
            name: officer.say(
              'Đánh dấu thiếu: Mặt bằng trên lô đất, sơ đồ vị trí',
              'Mark as missing: Site plan and location',
            ),
          }),
        ),
      );
      // The page comes back at the form, where the mark is.
      await tabTo(page, page.locator('[name="/answer/conclusion"]').first());
      await page.keyboard.press('ArrowDown');
      expect(await page.locator('[name="/answer/conclusion"]:checked').inputValue()).toBe('not-eligible');
      await tabTo(page, page.locator('[name="/answer/reasons"]'));
      await page.keyboard.type('Thiếu bản vẽ');
      await tabTo(page, page.locator('[name="/answer/missing/0/reason"]'));
      await page.keyboard.type('Không đọc được');
      await arrived(
        pressed(page.getByRole('button', { name: officer.say('Gửi', 'Send'), exact: true }).last()),
      );
      expect(page.url()).toBe(`${world.url}/inbox`);
      const supply = await world.as('an').task(code, 'supply');
      expect(supply.case).toBe(code);
      expect(officer.complaints).toEqual([]);
      await officer.close();
    },
    60_000,
  );

  test('signs with the keyboard', async () => {
    const code = await world.as('an').file('samples/construction-permit', samplePermit());
    const does = (sub: string, task: string, answer: object) =>
      world.as(`vungtau.${sub}`).complete(code, task, answer);
    await does('reception', 'acceptance', { decision: 'accept' });
    await does('specialist', 'appraisal', { conclusion: 'not-eligible', reasons: 'Vượt chiều cao.' });
    await does('specialist', 'draft', { outcome: 'refuse', reasons: 'Vượt chiều cao.' });
    await does('head', 'review', { decision: 'approve' });
    const { id } = await world.as('vungtau.leader').task(code, 'approval');
    const seat: Seat = { language: 'vi', scripts: true, width: 1280 };
    const { page } = await Visitor.open(browser, world.url, seat, 'vungtau.leader');
    await page.goto(`${world.url}/tasks/${id}`);
    await tabTo(page, page.locator('[name="/answer/decision"]').first());
    await page.keyboard.press('Space');
    await tabTo(page, page.getByRole('button', { name: 'Gửi', exact: true }).last());
    await Promise.all([page.waitForNavigation(), page.keyboard.press('Enter')]);
    const clerk = await world.as('vungtau.clerk').task(code, 'registration');
    expect(clerk.case).toBe(code);
  }, 180_000);
});
