import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../testing/visitor.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

const folder = 'samples/construction-permit';

describe.skipIf(!browserPath)(`a house is built, in the browser only${without}`, () => {
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
    { language: 'vi', scripts: true, width: 320 },
    { language: 'en', scripts: false, width: 320 },
    { language: 'en', scripts: true, width: 1280 },
  ])(
    'from the search to the signed permit: $language, scripts $scripts, $width pixels',
    async (seat) => {
      const citizen = await Visitor.open(browser, world.url, seat, 'an');
      const code = await apply(citizen);

      await decide(seat, 'vungtau.reception', code, { decision: 'accept' });
      await decide(seat, 'vungtau.specialist', code, {
        conclusion: 'eligible',
        reasons: 'Phù hợp quy hoạch',
      });
      const pay = ['Ngân hàng thử nghiệm: trả tiền', 'Sandbox bank: pay'] as const;
      await until(citizen, code, citizen.say(...pay));
      expect(await citizen.page.getByRole('img', { name: 'VietQR' }).isVisible()).toBe(true);
      await citizen.press(...pay);
      await decide(seat, 'vungtau.specialist', code, { outcome: 'grant', reasons: 'Đủ điều kiện' });
      await decide(seat, 'vungtau.head', code, { decision: 'approve' });
      await decide(seat, 'vungtau.leader', code, { decision: 'approve' });
      await decide(seat, 'vungtau.clerk', code, { registered: true });

      await until(citizen, code, citizen.say('Giấy phép xây dựng (PDF)', 'Construction permit (PDF)'));
      await citizen.page
        .getByRole('link', {
          name: citizen.say('Xác thực Giấy phép xây dựng', 'Verify Construction permit'),
          exact: true,
        })
        .click();
      await citizen.look();
      expect(await citizen.page.locator('h1').innerText()).toContain(
        citizen.say('do hệ thống phát hành', 'is genuine'),
      );
      await citizen.go(`/cases/${code}/readers`);
      expect(await citizen.page.locator('table').innerText()).toContain('Phạm Minh Khoa');
      expect(citizen.complaints).toEqual([]);
      await citizen.close();
    },
    300_000,
  );

  /** Finds the procedure, fills in every page of the application and hands it in; gives the case code. */
  async function apply(citizen: Visitor): Promise<string> {
    const { page } = citizen;
    const { applicant, answers, agency, papers } = samplePermit() as unknown as Sample;
    await citizen.go(`/?lang=${citizen.say('vi', 'en')}`);
    await page.locator('#q').fill(citizen.say('giay phep xay dung', 'house construction'));
    await citizen.press('Tìm thủ tục', 'Find a procedure');
    await citizen.follow('Cấp giấy phép xây dựng', 'House construction permit');
    await citizen.follow('Nộp trực tuyến', 'Apply online');
    await citizen.press('Bắt đầu hồ sơ mới', 'Start a new application');
    await citizen.follow('Cơ quan tiếp nhận', 'The agency');
    await citizen.fill({ agency });
    await next(citizen);
    await citizen.fill({ applicant });
    await next(citizen);
    while (!page.url().endsWith('/papers')) {
      await citizen.fill({ answers });
      await next(citizen);
    }
    for (const { kind, file } of papers) {
      await page.locator('#kind').selectOption(kind);
      await page.locator('#file').setInputFiles(join(folder, file));
      await page.getByRole('button', { name: citizen.say('Gửi tệp', 'Send the file') }).click();
      await page.getByRole('link', { name: file }).first().waitFor();
    }
    await citizen.look();
    await citizen.follow('Tiếp tục', 'Continue');
    await citizen.press('Nộp hồ sơ', 'Hand in the application');
    expect(await page.locator('.govuk-error-summary').innerText()).toContain(
      citizen.say('Hãy xác nhận lời cam đoan', 'Confirm the declaration'),
    );
    await page.locator('#declared').check();
    await citizen.press('Nộp hồ sơ', 'Hand in the application');
    return /[A-Z]\d{2}[\d.]*-\d{6}-\d{4}/.exec(await page.locator('.govuk-panel').innerText())![0];
  }

  /** An officer finds the case in the inbox, fills the form in and sends it. */
  async function decide(
    seat: Seat,
    sub: string,
    code: string,
    answer: Record<string, unknown>,
  ): Promise<void> {
    const officer = await Visitor.open(browser, world.url, seat, sub);
    await officer.decide(code, answer);
    expect(officer.page.url()).toBe(`${world.url}/inbox`);
    expect(officer.complaints).toEqual([]);
    await officer.close();
  }

  async function until(citizen: Visitor, code: string, words: string): Promise<void> {
    expect(await citizen.until(`/cases/${code}`, words)).toEqual([]);
  }
});

interface Sample {
  agency: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
  papers: { kind: string; file: string }[];
}

const next = (citizen: Visitor) => citizen.press('Lưu và tiếp tục', 'Save and continue');
