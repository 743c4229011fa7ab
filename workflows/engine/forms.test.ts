import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../activities/documents/pdf-text.ts';
import { bundleWorkflows } from '../../bundle.ts';
import * as catalogue from '../../testing/articles-catalogue.ts';
import { sampleCalendar } from '../../testing/calendar.ts';
import { applicant } from '../../testing/street-light.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';
import { workingDaysBefore } from './clock-account.ts';

// The legal forms 01 to 05 (Circular 03/2025/TT-VPCP, Annex I), each read from the PDF of a real case.

const entry = fileURLToPath(new URL('../../testing/articles-catalogue.ts', import.meta.url));
const procedures = new Map(Object.entries(catalogue).map(([id, { procedure }]) => [id, procedure]));

let world: World;
beforeAll(async () => {
  world = await openWorld({ bundle: await bundleWorkflows(entry, [entry]), procedures });
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = (role: string) => world.as(`vungtau.${role}`);

interface Issued {
  id: string;
  document: string;
}

/** The words of the last form of a kind in a case, when there are so many. */
async function words(code: string, form: string, count = 1): Promise<string> {
  const those = (documents: Issued[]) => documents.filter(({ document }) => document === form);
  const seen = await citizen().until(code, (now) => those(now.documents as Issued[]).length >= count);
  const found = those(seen.documents as Issued[]).at(-1);
  const pdf = (await citizen().get(`/api/v1/documents/${found?.id}`)).body as Buffer;
  return (await textOf(pdf)).replaceAll(/\s+/g, ' ');
}

async function survey(): Promise<string> {
  const filing = { procedure: '9.000031', agency: 'H29.16', applicant, answers: { plot: '143' } };
  return ((await citizen().request('POST', '/api/v1/applications', filing)).body as { code: string }).code;
}

describe('Form 01 (Circular 03/2025/TT-VPCP, Annex I): receipt and appointment', () => {
  it('says who handed in what on which way, until when and how that was counted', async () => {
    const code = await citizen().file('samples/construction-permit', samplePermit());
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    const { dueAt } = (await citizen().until(code, (seen) => seen.state.code === 4)) as { dueAt: string };
    const [, month, day] = dueAt.slice(0, 10).split('-');
    const said = await words(code, 'form-01');
    for (const part of [
      `Mã hồ sơ: ${code}`,
      'Nguyễn Văn An (nộp trực tuyến)',
      'số định danh cá nhân 077090990001',
      'Cấp giấy phép xây dựng nhà ở riêng lẻ (mã thủ tục 1.013225)',
      'Giấy tờ về đất đai',
      '01 bộ (hồ sơ điện tử)',
      '3. Thời gian giải quyết hồ sơ theo quy định: 07 ngày làm việc',
      '4. Thời gian nhận hồ sơ: 09 giờ 00 phút',
      `ngày ${day}/${month}/`,
      '(7 ngày làm việc kể từ thứ Hai',
      'xác thực bằng tài khoản định danh điện tử',
      'Lê Thị Hoa',
      '02543000016',
    ])
      expect(said).toContain(part);
    expect(said).not.toContain('thay thế');
    expect(said).not.toContain('02 bản');
  });

  it('counts the papers that the counter has seen, and is made in two copies there', async () => {
    const sample = samplePermit() as { papers: object[] };
    const papers = sample.papers.map((paper, index) => ({
      ...paper,
      brought: index === 0 ? 'original' : 'copy',
    }));
    const counter = { ...sample, papers, channel: 'counter' };
    const code = await officer('reception').file('samples/construction-permit', counter);
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    const said = await words(code, 'form-01');
    for (const part of ['(nộp trực tiếp)', 'hồ sơ giấy, đã được số hóa', 'Ký, ghi rõ họ tên', '02 bản'])
      expect(said).toContain(part);
    expect(said).not.toContain('trực tuyến, xác thực');
  });

  it('says, when it is issued again, that it replaces the former one, and why', async () => {
    const code = await survey();
    await officer('reception').complete(code, 'acceptance', {});
    await officer('specialist').complete(code, 'measure', { lacking: 'Sơ đồ mờ.' });
    await citizen().complete(code, 'supply', { note: 'Đã vẽ lại.' });
    const said = await words(code, 'form-01', 2);
    expect(said).toContain('Giấy này thay thế Giấy tiếp nhận hồ sơ và hẹn trả kết quả đã cấp trước đó.');
    expect(said).toContain('Lý do: Hồ sơ đã được bổ sung đầy đủ.');
  });
});

describe('Form 02 (Circular 03/2025/TT-VPCP, Annex I): request for a supplement', () => {
  it('lists what is missing with the reason, until when, whom to ask, and what silence means', async () => {
    const code = await survey();
    await officer('reception').complete(code, 'acceptance', { lacking: 'Thiếu tọa độ.' });
    const said = await words(code, 'form-02');
    for (const part of [
      'Sơ đồ Thiếu tọa độ.',
      'Thời hạn bổ sung: chậm nhất',
      'dừng giải quyết hồ sơ và thông báo',
      'chỉ được đưa ra một lần',
      'liên hệ Lê Thị Hoa',
      'NGƯỜI HƯỚNG DẪN',
    ])
      expect(said).toContain(part);
  });
});

describe('Form 03 (Circular 03/2025/TT-VPCP, Annex I): refusal to accept', () => {
  it('gives the reasons and says whom to ask', async () => {
    const code = await citizen().file('samples/construction-permit', samplePermit());
    await officer('reception').complete(code, 'acceptance', {
      decision: 'reject',
      reasons: 'Không thuộc thẩm quyền.',
    });
    const said = await words(code, 'form-03');
    for (const part of [
      'lý do cụ thể như sau: Không thuộc thẩm quyền.',
      'liên hệ Lê Thị Hoa',
      'NGƯỜI TỪ CHỐI',
    ])
      expect(said).toContain(part);
  });
});

describe('Form 04 (Circular 03/2025/TT-VPCP, Annex I): apology and one new date', () => {
  it('says what was promised, why it cannot be kept, and the new date', async () => {
    const code = await citizen().file('samples/construction-permit', samplePermit());
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    const { dueAt } = (await citizen().until(code, (seen) => seen.state.code === 4)) as { dueAt: string };
    await world.passUntil(workingDaysBefore(new Date(dueAt), 2, sampleCalendar()));
    await officer('leader').complete(code, 'extend', { reason: 'Chờ khảo sát thực địa.', workingDays: 2 });
    const said = await words(code, 'form-04');
    const [year, month, day] = dueAt.slice(0, 10).split('-');
    for (const part of [
      `ngày ${day}/${month}/${year} Lý do chưa trả kết quả đúng hẹn: Chờ khảo sát thực địa.`,
      'xin lỗi Ông/Bà',
      'lần hẹn lại duy nhất',
      'TM. ỦY BAN NHÂN DÂN CHỦ TỊCH',
    ])
      expect(said).toContain(part);
  });
});

describe('Form 05 (Circular 03/2025/TT-VPCP, Annex I): notice that work stops', () => {
  it.each([
    ['the applicant withdraws', 'người nộp hồ sơ đề nghị rút hồ sơ', 'Điều 21 Nghị định'],
    ['nothing was supplied in time', 'hồ sơ chưa được bổ sung, hoàn thiện', 'Điều 19 Nghị định'],
  ])('says when and why, and what is given back: %s', async (_what, reason, basis) => {
    const code = await survey();
    if (basis.includes('19')) {
      await officer('reception').complete(code, 'acceptance', { lacking: 'Thiếu sơ đồ.' });
      await citizen().until(code, (seen) => seen.state.code === 5);
      await world.pass('20 days');
    } else await citizen().complete(code, 'withdraw', { reason: 'Nộp nhầm.' });
    const said = await words(code, 'form-05');
    for (const part of [reason, basis, 'Thời điểm dừng giải quyết:', 'Giấy tờ trả lại:', 'đã nộp: không có'])
      expect(said).toContain(part);
  });
});
