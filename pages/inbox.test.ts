import type { Browser } from 'playwright-core';
import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

let world: World;
const codes: string[] = [];
const file = async () => {
  const code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').task(code, 'acceptance');
  return code;
};
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  for (let number = 0; number < 4; number++) codes.push(await file());
});
afterAll(() => world.close());

test.each([
  ['get', '/inbox'],
  ['post', '/inbox'],
  ['post', '/inbox/bulk'],
  ['post', '/inbox/filters'],
] as const)('a citizen is refused: %s %s', async (method, path) => {
  const answer = await supertest(world.url)
    [method](path)
    .set({ authorization: 'Bearer an', accept: 'text/html' });
  expect(answer.status).toBe(403);
});

test('officers of one agency do not look into the queues of another', async () => {
  const asked = supertest(world.url).get('/inbox?agency=H29.16');
  const answer = await asked.set({ authorization: 'Bearer tamthang.head', accept: 'text/html' });
  expect(answer.status).toBe(403);
  expect(answer.text).not.toContain(codes[0]);
});

describe.skipIf(!browserPath)(`the inbox in a browser${without}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await startBrowser();
  });
  afterAll(() => browser.close());

  const row = (officer: Visitor, code: string) => officer.page.locator('tr', { hasText: code });
  const unfold = (officer: Visitor, vi: string, en: string) =>
    officer.page.locator('summary', { hasText: officer.say(vi, en) }).click();
  /** Lets the bulk act be done and looks at its report. */
  async function done(officer: Visitor, count: number): Promise<void> {
    expect(officer.page.url()).toContain('/inbox/bulk/');
    await world.bulk.drain();
    await officer.page.reload();
    await officer.look();
    const text = await officer.page.locator('main').innerText();
    expect(text).toContain(`${officer.say('Đã xong', 'Done')}: ${count} / ${count}`);
  }

  test.each<Seat & { claims: number; shares: number }>([
    { language: 'vi', scripts: true, width: 1280, claims: 0, shares: 1 },
    { language: 'en', scripts: false, width: 320, claims: 2, shares: 3 },
  ])(
    'a list is found, kept, claimed and shared out: $language, scripts $scripts, $width pixels',
    async (seat) => {
      const [claimed, shared] = [codes[seat.claims]!, codes[seat.shares]!];
      const reception = await Visitor.open(browser, world.url, seat, 'vungtau.reception');
      await reception.go('/inbox');
      expect(await reception.page.locator('[data-live-part=queues]').innerText()).toMatch(/[1-4]/);

      await reception.page.locator('#sought').fill('nguyen van');
      await reception.press('Tìm', 'Search');
      expect(await row(reception, claimed).count()).toBe(1);
      expect(reception.page.url()).toBe(`${world.url}/inbox`);
      await reception.page.locator('#sought').fill('Washington');
      await reception.press('Tìm', 'Search');
      expect(await row(reception, claimed).count()).toBe(0);
      await reception.page.locator('#sought').fill(claimed.toLowerCase().replaceAll('-', ''));
      await reception.press('Tìm', 'Search');
      expect(reception.page.url()).toContain('code=');
      expect(await row(reception, claimed).count()).toBe(1);
      expect(await row(reception, shared).count()).toBe(0);

      await reception.go('/inbox');
      await unfold(reception, 'Lọc và sắp xếp', 'Filter and order');
      await reception.page.locator('#claimed').selectOption('none');
      await reception.page.locator('#area').fill('le lai');
      await reception.press('Lọc', 'Filter');
      expect(await row(reception, claimed).innerText()).toContain('đường Lê Lai');
      const name = reception.say('Lê Lai, chưa ai nhận', 'Lê Lai, nobody’s');
      await unfold(reception, 'Lưu bộ lọc này', 'Save this filter');
      await reception.page.locator('#filter-name').fill(name);
      await reception.press('Lưu bộ lọc', 'Save the filter');
      await reception.go('/inbox');
      await reception.page.getByRole('link', { name, exact: true }).click();
      await row(reception, claimed).locator('input').check();
      await reception.press('Nhận việc đã chọn', 'Claim the chosen tasks');
      await done(reception, 1);
      await reception.page.goto(`${world.url}/inbox?claimed=me`);
      expect(await row(reception, claimed).count()).toBe(1);

      const head = await Visitor.open(browser, world.url, seat, 'vungtau.head');
      await head.go('/inbox?agency=H29.16&role=reception&claimed=none');
      expect(await row(head, shared).count()).toBe(1);
      await unfold(head, 'Phân công hàng đợi này', 'Distribute this queue');
      // All of them: their deadlines are the same minute, so which are the most urgent is anybody’s guess.
      await head.page.locator('#count').fill('3');
      await head.press('Phân công', 'Distribute');
      await world.bulk.drain();
      await head.page.goto(`${world.url}/cases/${shared}`);
      await head.look();
      expect(await head.page.locator('.motcua-timeline').innerText()).toContain(
        head.say('việc đang mở', 'open task'),
      );
      expect([...reception.complaints, ...head.complaints]).toEqual([]);
      await Promise.all([reception.close(), head.close()]);
      await releaseAll();
    },
    60_000,
  );

  test('a new task appears while somebody looks, and nothing moves under who has ticked something', async () => {
    const seat: Seat = { language: 'vi', scripts: true, width: 1280 };
    const reception = await Visitor.open(browser, world.url, seat, 'vungtau.reception');
    const heard = reception.page.waitForResponse((answer) => answer.url().endsWith('/api/v1/live'));
    await reception.go('/inbox');
    await heard;
    const first = await file();
    await row(reception, first).waitFor();
    await row(reception, first).locator('input').check();
    const second = await file();
    await reception.page.locator('[data-live]').waitFor();
    expect(await row(reception, first).locator('input').isChecked()).toBe(true);
    expect(await row(reception, second).count()).toBe(0);
    expect(reception.complaints).toEqual([]);
    await reception.close();
  }, 180_000);

  async function releaseAll(): Promise<void> {
    await world.database.db('tasks').update({ claimed_by: null, claimed_name: null, claimed_at: null });
  }
});
