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
    const seen = await citizen().until(code, ({ state }) => state.code === 4);
    const { dueAt, dueExplained } = seen as unknown as { dueAt: string; dueExplained: { vi: string } };
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
      'cách tính: 7 ngày làm việc kể từ thứ Hai',
      `cách tính: ${dueExplained.vi}`, // as the case itself explains it
      'xác thực bằng tài khoản định danh điện tử',
      'Lê Thị Hoa',
      'số điện thoại 02543000016, đường dây nóng 1022',
    ])
      expect(said).toContain(part);
    expect(said).not.toContain('thay thế');
    expect(said).not.toContain('02 bản');
  });

  it('counts the papers that the counter has seen from a representative, and is made in two copies there', async () => {
    const sample = samplePermit() as { papers: object[]; applicant: object };
    const papers = sample.papers.map((paper, index) => ({
      ...paper,
      brought: index === 0 ? 'original' : 'copy',
    }));
    const code = await officer('reception').file('samples/construction-permit', {
      ...sample,
      papers,
      channel: 'counter',
      applicant: { ...sample.applicant, onBehalf: 'authorised', receiveBy: 'oneStop' },
      representative: {
        fullName: 'Trần Thị Bình',
        personalNumber: '077185990002',
        authorisation: {
          number: '88/2026/UQ',
          issuedOn: '2026-11-02',
          validUntil: '2027-11-02',
          upload: await officer('reception').upload('samples/construction-permit/site-plan.pdf'),
        },
      },
    });
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    const said = await words(code, 'form-01');
    for (const part of [
      'tiếp nhận hồ sơ của Ông/Bà: Trần Thị Bình (nộp trực tiếp)',
      'Chủ hồ sơ: Nguyễn Văn An',
      'Người đại diện: Trần Thị Bình',
      'giấy ủy quyền số 88/2026/UQ có giá trị đến ngày 02/11/2027',
      'hồ sơ giấy, đã được số hóa',
      'Đăng ký nhận kết quả tại: Bộ phận Tiếp nhận và Trả kết quả, 89 Lý Thường Kiệt',
      'Ký, ghi rõ họ tên',
      '02 bản',
    ])
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
    // Whoever acted last is the specialist; the slip is the reception's.
    expect(said).toMatch(/NGƯỜI TIẾP NHẬN HỒ SƠ .* Lê Thị Hoa\s*$/);
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
      '(89 Lý Thường Kiệt, phường Vũng Tàu, Thành phố Hồ Chí Minh), điện thoại 02543000016, đường dây nóng 1022',
      'tra cứu tại https://example.vn',
    ])
      expect(said).toContain(part);
  });

  it('states, when it is a second one, the reason for which the head allows it', async () => {
    const code = await survey();
    await officer('reception').complete(code, 'acceptance', { lacking: 'Thiếu tọa độ.' });
    await citizen().complete(code, 'supply', { note: 'Đã vẽ lại.' });
    await officer('specialist').complete(code, 'measure', { lacking: 'Thiếu tỷ lệ.' });
    const allowed = { decision: 'allow', reason: 'Mẫu sơ đồ vừa được thay đổi.' };
    await officer('head').complete(code, 'supplementAgain', allowed);
    const said = await words(code, 'form-02', 2);
    expect(said).toContain('do người đứng đầu cơ quan cho phép với lý do: Mẫu sơ đồ vừa được thay đổi.');
    expect(said).not.toContain('chỉ được đưa ra một lần');
  });
});

describe('Form 03 (Circular 03/2025/TT-VPCP, Annex I): refusal to accept', () => {
  it('gives the reasons and the law, and says whom to ask', async () => {
    const code = await citizen().file('samples/construction-permit', samplePermit());
    await officer('reception').complete(code, 'acceptance', {
      decision: 'reject',
      reasons: 'Không thuộc thẩm quyền.',
    });
    const said = await words(code, 'form-03');
    for (const part of [
      'lý do cụ thể như sau: Không thuộc thẩm quyền.',
      'Căn cứ pháp lý: Luật Xây dựng số 135/2025/QH15, Điều 44-46; ',
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
  const always = [
    'Thời điểm dừng giải quyết:',
    'Giấy tờ trả lại:',
    'đã nộp: không có',
    'đường dây nóng 1022',
  ];

  it('names the applicant who withdraws, with their reason', async () => {
    const code = await survey();
    await citizen().complete(code, 'withdraw', { reason: 'Nộp nhầm thửa đất.' });
    const said = await words(code, 'form-05');
    for (const part of [
      ...always,
      'Người đề nghị dừng giải quyết: Nguyễn Văn An , lúc 09 giờ 00 phút',
      'nêu lý do: Nộp nhầm thửa đất.',
      'Điều 21 Nghị định số 118/2025',
    ])
      expect(said).toContain(part);
    // Nobody signs it in person, so nobody's name stands under the seal of the agency.
    expect(said).not.toContain('TM. ỦY BAN NHÂN DÂN');
  });

  it('says that what was missing was not supplied in time', async () => {
    const code = await survey();
    await officer('reception').complete(code, 'acceptance', { lacking: 'Thiếu sơ đồ.' });
    await citizen().until(code, (seen) => seen.state.code === 5);
    await world.pass('20 days');
    const said = await words(code, 'form-05');
    for (const part of [...always, 'hồ sơ chưa được bổ sung, hoàn thiện', 'Điều 19 Nghị định số 118/2025'])
      expect(said).toContain(part);
    expect(said).not.toContain('Người đề nghị');
  });

  it('says that the fee was not paid in time', async () => {
    const code = await citizen().file('samples/construction-permit', samplePermit());
    await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
    const found = { conclusion: 'eligible', reasons: 'Theo quy hoạch.' };
    await officer('specialist').complete(code, 'appraisal', found);
    await citizen().until(code, (seen) => seen.state.code === 6);
    await world.pass('17 days');
    const said = await words(code, 'form-05');
    for (const part of [...always, 'phí, lệ phí chưa được nộp', 'Điều 24 Nghị định số 118/2025'])
      expect(said).toContain(part);
  });
});
