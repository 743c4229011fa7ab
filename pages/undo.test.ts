import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { procedures as catalogue } from '../workflows/catalogue.ts';
import type { Procedure } from '../workflows/engine/procedure.ts';
import type { TaskFacts } from '../workflows/engine/task-facts.ts';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

const permit = catalogue.get('constructionPermit') as Procedure;
const acceptance: TaskFacts = { ...permit.tasks['acceptance']!, grace: '10m' };
const procedures = new Map(catalogue).set('constructionPermit', {
  ...permit,
  tasks: { ...permit.tasks, acceptance },
});

describe.skipIf(!browserPath)(`somebody thinks again${without}`, () => {
  let world: World;
  let browser: Browser;
  beforeAll(async () => {
    [world, browser] = await Promise.all([openWorld({ procedures }), startBrowser()]);
    await world.toMonday();
  });
  afterAll(async () => {
    await browser.close();
    await world.close();
  });

  test.each<Seat>([
    { language: 'vi', scripts: false, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
  ])(
    'and undoes by the button on the next page what was a slip: $language, scripts $scripts',
    async (seat) => {
      const code = await world.as('an').file('samples/construction-permit', samplePermit());
      const { id } = await world.as('vungtau.reception').task(code, 'acceptance');
      const officer = await Visitor.open(browser, world.url, seat, 'vungtau.reception');
      await officer.go(`/tasks/${id}`);
      await officer.follow('Đến phần trả lời', 'To your answer');
      await officer.fill({ answer: { decision: 'reject', reasons: 'Nhầm hồ sơ' } });
      await officer.press('Gửi', 'Send');
      expect(await officer.page.getByRole('alert').innerText()).toContain(
        officer.say('Có thể hoàn tác đến', 'It can be undone until'),
      );
      await officer.press('Hoàn tác', 'Undo');
      expect(await officer.page.getByRole('alert').innerText()).toContain(
        officer.say('Đã hoàn tác', 'Undone'),
      );
      await officer.go(`/tasks/${id}`);
      await officer.fill({ answer: { decision: 'accept' } });
      await officer.press('Gửi', 'Send');
      await world.pass('11m');
      const view = await world.as('an').until(code, ({ documents }) => documents.length > 0);
      // The rejection was never heard of: it is accepted, with the slip that says so.
      expect(view).toMatchObject({ state: { code: 4 }, documents: [{ document: 'form-01' }] });
      expect(officer.complaints).toEqual([]);
      await officer.close();
    },
    60_000,
  );
});
