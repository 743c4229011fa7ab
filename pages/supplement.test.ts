import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

const folder = 'samples/construction-permit';

describe.skipIf(!browserPath)(`something is missing, or somebody thinks again${without}`, () => {
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
    { language: 'vi', scripts: false, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
  ])(
    'an officer marks it, and the applicant supplies exactly that: $language, scripts $scripts',
    async (seat) => {
      const code = await world.as('an').file(folder, samplePermit());
      await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
      const { id } = await world.as('vungtau.specialist').task(code, 'appraisal');

      const officer = await Visitor.open(browser, world.url, seat, 'vungtau.specialist');
      const { page } = officer;
      await officer.go(`/tasks/${id}`);
      await officer.fill({ answer: { conclusion: 'not-eligible', reasons: 'Thiếu bản vẽ' } });
      await officer.press(
        'Đánh dấu thiếu: Mặt bằng trên lô đất, sơ đồ vị trí',
        'Mark as missing: Site plan and location',
      );
      // What was filled in before marking is still there.
      expect(await page.locator('[name="/answer/reasons"]').inputValue()).toBe('Thiếu bản vẽ');
      await page.locator('[name="/answer/missing/0/reason"]').fill('Bản vẽ không đọc được');
      await officer.press('Đánh dấu thiếu: Chiều cao (m)', 'Mark as missing: Height (m)');
      await page.locator('[name="/answer/missing/1/reason"]').fill('Không khớp bản vẽ');
      await officer.press('Gửi', 'Send');
      expect(page.url()).toBe(`${world.url}/inbox`);

      const { id: supply } = await world.as('an').task(code, 'supply');
      const citizen = await Visitor.open(browser, world.url, seat, 'an');
      await citizen.go(`/cases/${code}`);
      await citizen.follow('Bổ sung hồ sơ', 'Supply what is missing');
      expect(citizen.page.url()).toBe(`${world.url}/tasks/${supply}`);
      const asked = await citizen.page.locator('.motcua-about').innerText();
      for (const words of ['Bản vẽ không đọc được', 'Không khớp bản vẽ']) expect(asked).toContain(words);
      await citizen.page.locator('#kind').selectOption('sitePlan');
      await citizen.page.locator('#file').setInputFiles(join(folder, 'site-plan.pdf'));
      await citizen.page.getByRole('button', { name: citizen.say('Gửi tệp', 'Send the file') }).click();
      await citizen.page.getByRole('link', { name: 'site-plan.pdf' }).first().waitFor();
      await citizen.fill({ answer: { note: 'Chiều cao đúng là 9,5 m' } });
      await citizen.press('Gửi', 'Send');
      expect(citizen.page.url()).toBe(`${world.url}/cases/${code}`);

      const { id: again } = await world.as('vungtau.specialist').task(code, 'appraisal');
      await officer.go(`/tasks/${again}`);
      expect(await page.locator('.motcua-papers > li').count()).toBe(samplePermit().papers.length + 1);
      expect([...officer.complaints, ...citizen.complaints]).toEqual([]);
      await Promise.all([officer.close(), citizen.close()]);
    },
    90_000,
  );

  test('an applicant withdraws, says why, and sees that it has ended', async () => {
    const code = await world.as('an').file(folder, samplePermit());
    await world.as('an').task(code, 'withdraw');
    const citizen = await Visitor.open(
      browser,
      world.url,
      { language: 'vi', scripts: false, width: 320 },
      'an',
    );
    await citizen.go(`/cases/${code}`);
    await citizen.follow('Rút hồ sơ', 'Withdraw the application');
    await citizen.press('Gửi', 'Send');
    expect(await citizen.page.locator('.govuk-error-summary').innerText()).toContain('Lý do: Bắt buộc');
    await citizen.fill({ answer: { reason: 'Không xây nữa' } });
    await citizen.press('Gửi', 'Send');
    await world.as('an').until(code, ({ outcome }: { outcome: string | null }) => outcome === 'withdrawn');
    await citizen.go(`/cases/${code}`);
    expect(await citizen.page.locator('main').innerText()).toContain('đã rút');
    expect(citizen.complaints).toEqual([]);
    await citizen.close();
  }, 180_000);

  test('at the counter an officer enters what somebody has brought on paper', async () => {
    const officer = await Visitor.open(
      browser,
      world.url,
      { language: 'vi', scripts: true, width: 1280 },
      'vungtau.reception',
    );
    const { page } = officer;
    const { applicant, answers, papers } = samplePermit() as unknown as Record<
      string,
      Record<string, unknown>
    > & {
      papers: { kind: string; file: string }[];
    };
    await officer.go('/counter');
    await officer.follow('Cấp giấy phép xây dựng', 'House construction permit');
    await officer.press('Bắt đầu nhập', 'Begin');
    await officer.follow('Người nộp hồ sơ', 'The applicant');
    await officer.fill({ applicant });
    await officer.press('Lưu và tiếp tục', 'Save and continue');
    while (!page.url().endsWith('/papers')) {
      await officer.fill({ answers });
      await officer.press('Lưu và tiếp tục', 'Save and continue');
    }
    for (const { kind, file } of papers) {
      await page.locator('#kind').selectOption(kind);
      await page.locator('#brought').selectOption('certified');
      await page.locator('#file').setInputFiles(join(folder, file));
      await page.getByRole('button', { name: 'Gửi tệp' }).click();
      await page.getByRole('link', { name: file }).first().waitFor();
    }
    await officer.follow('Tiếp tục', 'Continue');
    await page.locator('#declared').check();
    await officer.press('Nộp hồ sơ', 'Hand in the application');
    const code = /[A-Z]\d{2}[\d.]*-\d{6}-\d{4}/.exec(await page.locator('.govuk-panel').innerText())![0];
    const { body } = await world.as('vungtau.reception').get(`/api/v1/cases/${code}`);
    expect(body).toMatchObject({ channel: 'counter', takenInBy: { name: 'Lê Thị Hoa' } });
    expect(body.papers[0].brought).toBe('certified');

    await world.as('vungtau.reception').task(code, 'acceptance');
    await officer.go(`/cases/${code}/filed`);
    await officer.follow('Tiếp nhận ngay', 'Accept it now');
    await officer.fill({ answer: { decision: 'accept' } });
    await officer.press('Gửi', 'Send');
    expect(page.url()).toBe(`${world.url}/cases/${code}/filed`);
    const print = page.getByRole('link', { name: 'In giấy tiếp nhận' });
    await expect
      .poll(async () => (await officer.go(`/cases/${code}/filed`), print.count()), { timeout: 15_000 })
      .toBe(1);
    const slip = await page.request.get(`${world.url}${await print.getAttribute('href')}`);
    expect([slip.status(), slip.headers()['content-type']]).toEqual([200, 'application/pdf']);
    expect(officer.complaints).toEqual([]);
    await officer.close();
  }, 180_000);
});
