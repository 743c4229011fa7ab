import { mkdirSync, readFileSync } from 'node:fs';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { browserPath, without } from '../../testing/browser.ts';
import { startBrowser, Visitor, type Seat } from '../../testing/visitor.ts';
import { openWorld, type World } from '../../testing/world.ts';

interface Sample {
  agency: string;
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
}
const sampleOf = (name: string) =>
  JSON.parse(readFileSync(`samples/${name}/application.json`, 'utf8')) as Sample;
/** Where the pages are kept as pictures, for whoever wants to look at them. */
const pictures = process.env['PICTURES'];

describe.skipIf(!browserPath)(`health in the browser only${without}`, () => {
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

  // The citizen at a telephone in English, officials and doctors at a desk in Vietnamese.
  const seat: Seat = { language: 'en', scripts: true, width: 390 };
  const desk: Seat = { language: 'vi', scripts: true, width: 1280 };
  const sub = 'binh';

  test('from no record to who has seen it', async () => {
    const citizen = await Visitor.open(browser, world.url, seat, sub);
    const keep = async (visitor: Visitor, name: string) => {
      if (!pictures) return;
      mkdirSync(pictures, { recursive: true });
      await visitor.page.screenshot({ path: `${pictures}/${name}.png`, fullPage: true });
    };
    await citizen.go(`/health?lang=${seat.language}`);
    await citizen.follow('Mở hồ sơ sức khỏe', 'Open a health record');
    await keep(citizen, 'procedure');
    const record = await apply(citizen, sampleOf('health-record'));
    await openTask(citizen, record, 'Xem, bổ sung và công bố hồ sơ', 'Review, add to and publish the record');
    await citizen.press('Thêm: Dị ứng', 'Add: Allergies');
    await citizen.fill({
      answer: { allergies: { 0: { substance: 'Penicillin', severity: 'severe' } }, publish: true },
    });
    await keep(citizen, 'review');
    await citizen.press('Gửi', 'Send');
    await decide(desk, 'station.head', record, { decision: 'approve' });
    await shown(citizen, '/health', citizen.say('Dị ứng', 'Allergy'), 'Penicillin');
    await keep(citizen, 'record');

    await citizen.follow('Ai được xem dữ liệu của tôi', 'Who may see my data');
    await citizen.follow('Đồng ý cho một bên mới', 'Consent to another recipient');
    const consent = await apply(citizen, sampleOf('health-consent'));
    await decide(desk, 'station.head', consent, { decision: 'register' });
    await shown(
      citizen,
      '/health/consents',
      citizen.say('Bệnh viện Bà Rịa', 'Ba Ria Hospital'),
      citizen.say('Thay đổi hoặc rút lại', 'Change or withdraw'),
    );
    await keep(citizen, 'consents');

    const doctor = await Visitor.open(browser, world.url, desk, 'hospital.doctor');
    await doctor.go('/health/patients');
    await doctor.page.locator('#number').fill('1');
    await doctor.press('Xem', 'Look up');
    expect(await doctor.page.content()).toContain(doctor.say('Nhập đủ 12 chữ số', 'Enter 12 digits'));
    await doctor.page.locator('#number').fill(binh.personalNumber);
    await doctor.press('Xem', 'Look up');
    expect(await doctor.page.content()).toContain('Penicillin');
    expect(await doctor.page.content()).not.toContain('F41.1');
    await keep(doctor, 'patient');
    await doctor.page.locator('#emergency-number').fill(binh.personalNumber);
    await doctor.page.locator('#reason').fill('Người bệnh hôn mê, cần biết dị ứng.');
    await doctor.press('Mở khẩn cấp', 'Open in an emergency');
    expect(await doctor.page.content()).toContain(doctor.say('Đã mở khẩn cấp', 'Opened for 24 hours'));
    expect(doctor.complaints).toEqual([]);
    await doctor.close();

    await shown(citizen, '/health/accesses', citizen.say('Đang được kiểm tra', 'Being reviewed'), 'hôn mê');
    const said = citizen.say(
      'Bệnh viện Bà Rịa (Thái Bá Duy) đã xem hồ sơ, mục đích khám bệnh, chữa bệnh',
      'Ba Ria Hospital (Thái Bá Duy) read the record, for treatment',
    );
    expect(await citizen.page.content()).toContain(said);
    await keep(citizen, 'accesses');

    await citizen.go('/health/consents');
    await citizen.follow('Thay đổi hoặc rút lại', 'Change or withdraw');
    await keep(citizen, 'change');
    await citizen.fill({ answer: { decision: 'withdraw' } });
    await citizen.press('Gửi', 'Send');
    await shown(citizen, '/health/consents', citizen.say('đã rút lại', 'withdrawn'));
    expect(citizen.complaints).toEqual([]);
    await citizen.close();
  }, 180_000);

  const binh = {
    fullName: 'Trần Thị Bình',
    personalNumber: '077185990002',
    dateOfBirth: '1985-11-03',
    gender: 'female',
  };

  /** Fills in every page of an application and hands it in; gives the case code. */
  async function apply(citizen: Visitor, { agency, applicant, answers }: Sample): Promise<string> {
    const { page } = citizen;
    await citizen.follow('Nộp trực tuyến', 'Apply online');
    await citizen.press('Bắt đầu hồ sơ mới', 'Start a new application');
    await citizen.follow('Cơ quan tiếp nhận', 'The agency');
    await citizen.fill({ agency });
    await next(citizen);
    await citizen.fill({ applicant: { ...applicant, ...binh } });
    await next(citizen);
    while (!page.url().endsWith('/papers')) {
      await citizen.fill({ answers });
      await next(citizen);
    }
    await citizen.follow('Tiếp tục', 'Continue');
    await page.locator('#declared').check();
    await citizen.press('Nộp hồ sơ', 'Hand in the application');
    return /[A-Z]\d{2}[\d.]*-\d{6}-\d{4}/.exec(await page.locator('.govuk-panel').innerText())![0];
  }

  /** The citizen opens what a case asks of them. */
  async function openTask(citizen: Visitor, code: string, vi: string, en: string): Promise<void> {
    await shown(citizen, `/cases/${code}`, citizen.say(vi, en));
    await citizen.follow(vi, en);
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
    expect(officer.complaints).toEqual([]);
    await officer.close();
  }

  async function shown(citizen: Visitor, path: string, ...words: string[]): Promise<void> {
    expect(await citizen.until(path, ...words)).toEqual([]);
  }
});

const next = (citizen: Visitor) => citizen.press('Lưu và tiếp tục', 'Save and continue');
