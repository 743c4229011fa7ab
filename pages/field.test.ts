import { randomUUID } from 'node:crypto';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleCity } from '../embedded/samples.ts';
import { applyCity } from '../records/city.ts';
import { browserPath, without } from '../testing/browser.ts';
import { openTask } from '../testing/light-case.ts';
import { startSignInApi, type SignInApi } from '../testing/sign-in.ts';
import { startBrowser, Visitor } from '../testing/visitor.ts';
import { procedures } from '../workflows/catalogue.ts';

const photo = 'samples/street-report/dark-lamp.jpg';

describe.skipIf(!browserPath)(`the orders of a team${without}`, () => {
  let api: SignInApi;
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  beforeAll(async () => {
    const clock = { now: () => new Date() };
    [api, browser] = await Promise.all([startSignInApi({}, { procedures, clock }), startBrowser()]);
    await applyCity(api.db, sampleCity(), clock.now());
    context = await browser.newContext({ viewport: { width: 390, height: 900 }, locale: 'en-GB' });
    context.setDefaultTimeout(20_000);
    page = await context.newPage();
  });
  afterAll(async () => {
    await browser.close();
    await api.stop();
  });

  /** A report that the lighting team has been sent to. */
  async function ordered(): Promise<{ code: string; id: string }> {
    const { body } = await api.stranger.post('/api/v1/report-tokens').expect(201);
    const report = {
      service: 'street-light',
      place: { lat: 10.3415, lng: 107.081 },
      description: 'Đèn đường cột VT-17 không sáng ba đêm liền.',
      details: { fault: ['dark'] },
    };
    const filed = await api.stranger
      .post('/api/v1/reports')
      .set({ 'report-token': body.token, 'idempotency-key': randomUUID() })
      .send(report)
      .expect(201);
    const { code } = filed.body as { code: string };
    const due_at = new Date(Date.now() + 86_400_000);
    await api.db('cases').where({ code }).update({ agency: 'H29.33', due_at });
    const id = await openTask(api, code, { name: 'work', role: 'field', agency: 'H29.33.01', due_at });
    return { code, id };
  }
  const order = (id: string) => page.locator(`[data-order="${id}"]`);
  const progress = (id: string) => api.db('task_progress').where({ task_id: id });
  const state = () => page.locator('[data-state]').innerText();

  async function finish(id: string, findings: string): Promise<void> {
    const opened = order(id);
    await opened.locator('summary').click();
    await opened.locator('[name$="/result"][value="done"]').check();
    await opened.locator('[name$="/findings"]').fill(findings);
  }

  it('are for its people only', async () => {
    await api.stranger.get('/field').set('accept', 'text/html').expect(303);
    const an = await api.as('an');
    await an.get('/field').expect(403);
    const { id } = await ordered();
    const filled = { filled: { '/result': 'done', '/findings': 'Không phải đội.' } };
    await an.post(`/field/${id}`).set('idempotency-key', randomUUID()).send(filled).expect(403);
  });

  it('are done where there is no network, and arrive once when there is one', async () => {
    const { id } = await ordered();
    await page.goto(`${api.url}/signin?return=/field`);
    await page.locator('button[name="person"][value="light.crew"]').click();
    await page.goto(`${api.url}/field`);
    await page.evaluate('navigator.serviceWorker.ready.then(() => undefined)');
    await expect.poll(() => page.evaluate(`caches.match('/field').then(Boolean)`)).toBe(true);

    await context.setOffline(true);
    await order(id).getByRole('button', { name: 'Arrived' }).click();
    await expect.poll(state).toBe('There is no network.');
    await page.goto(`${api.url}/field`);
    await finish(id, 'Thay bóng LED 120 W.');
    await order(id).locator('[data-photos]').setInputFiles(photo);
    await order(id).locator('form .govuk-button').click();
    await expect.poll(() => page.locator('[data-outbox] > li').count()).toBe(2);
    expect(await progress(id)).toEqual([]);

    await context.setOffline(false);
    await expect.poll(async () => (await api.db('tasks').where({ id }).first()).state).toBe('done');
    expect(await progress(id)).toMatchObject([{ status: 'arrived' }]);
    const task = await api.db('tasks').where({ id }).first();
    expect(task.answer).toMatchObject({ result: 'done', findings: 'Thay bóng LED 120 W.' });
    const papers = await api.db('case_papers').where({ case_code: task.case_code, kind: 'after' });
    expect(papers).toHaveLength(1);
    await page.waitForLoadState();
    await expect.poll(() => order(id).count()).toBe(0);
    expect(await progress(id)).toHaveLength(1);
  });

  it('say plainly when an order was taken away meanwhile, and keep what was written', async () => {
    const { id } = await ordered();
    await page.goto(`${api.url}/field`);
    await context.setOffline(true);
    await finish(id, 'Đã nối lại dây.');
    await order(id).locator('form .govuk-button').click();
    await api.db('tasks').where({ id }).update({ state: 'cancelled', closed_at: new Date() });
    await context.setOffline(false);
    await expect.poll(() => page.locator('[data-outbox] [role="alert"]').count()).toBe(1);
    expect(await page.locator('[data-outbox]').innerText()).toContain('Đã nối lại dây.');
    await page.getByRole('button', { name: 'Discard it' }).click();
    await expect.poll(() => page.locator('[data-outbox] > li').count()).toBe(0);
  });

  it('are a plain page without scripts, readable by everybody', async () => {
    const { id, code } = await ordered();
    const plain = await Visitor.open(
      browser,
      api.url,
      { language: 'vi', scripts: false, width: 390 },
      await api.token('light.crew'),
    );
    plain.page.setDefaultTimeout(20_000);
    await plain.go('/field');
    await plain.page.locator(`[data-order="${id}"] summary`).click();
    const shown = await plain.page.locator(`[data-order="${id}"]`).innerText();
    expect(shown).toContain(code);
    expect(shown).toContain('Đèn chiếu sáng');
    expect(shown).toContain('Không sáng');
    await plain.page.locator(`[data-order="${id}"] [name$="/result"][value="done"]`).check();
    await plain.page.locator(`[data-order="${id}"] [name$="/findings"]`).fill('Đã siết lại đui đèn.');
    await plain.page.locator(`[data-order="${id}"] form .govuk-button`).click();
    await plain.page.waitForLoadState();
    expect((await api.db('tasks').where({ id }).first()).state).toBe('done');
    await ordered();
    const seat = { language: 'en', scripts: true, width: 1280 } as const;
    const wide = await Visitor.open(browser, api.url, seat, await api.token('light.crew'));
    await wide.go('/field');
    expect([...plain.complaints, ...wide.complaints]).toEqual([]);
    await plain.close();
    await wide.close();
  });
});
