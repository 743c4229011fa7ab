import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../activities/documents/pdf-text.ts';
import { verify } from '../records/signatures.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

let world: World;
let code: string;
let day: string;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  day = new Date(world.clock.now().getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
  code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
  await world.as('vungtau.specialist').task(code, 'appraisal');
});
afterAll(() => world.close());

const slip = () => `/api/v1/cases/${code}/control-slip/pdf`;
const register = () => `/api/v1/registers/H29.16/pdf?from=${day}&to=${day}`;

/** The text of a PDF on one line, as a reader takes it in. */
const read = async (pdf: Buffer) => (await textOf(pdf)).replace(/\s+/g, ' ');

describe('Form 06 (Circular 03/2025/TT-VPCP, Annex I), the control slip as a signed paper', () => {
  it('is closed to strangers, the applicant and other agencies', async () => {
    expect((await fetch(`${world.url}${slip()}`)).status).toBe(401);
    for (const sub of ['an', 'tamthang.reception'])
      expect((await world.as(sub).get(slip())).status).toBe(403);
  });

  it('names who gave and who took the case, when, and whether in time, under the seal of the agency', async () => {
    const { status, body } = await world.as('vungtau.head').get(slip());
    expect(status).toBe(200);
    const text = await read(body as Buffer);
    for (const words of [
      'PHIẾU KIỂM SOÁT',
      `Mã hồ sơ: ${code}`,
      'Cơ quan giải quyết hồ sơ: Ủy ban nhân dân phường Vũng Tàu',
      'Người nộp hồ sơ: Nguyễn Văn An',
      '1. Giao: Người nộp hồ sơ',
      '2. Nhận: Bộ phận Tiếp nhận và Trả kết quả',
      '1. Giao: Bộ phận Tiếp nhận và Trả kết quả',
      '2. Nhận: Bộ phận chuyên môn',
    ])
      expect(text).toContain(words);
    expect(text).toMatch(/\d\d giờ \d\d phút, ngày \d\d\/\d\d\/\d{4}/);
    expect(verify(body as Buffer)).toMatchObject([
      { kind: 'signature', valid: true },
      { kind: 'timestamp', valid: true, coversWholeFile: true },
    ]);
  });

  it('leaves nothing behind: no document in the case, no number, no file', async () => {
    const { db } = world.database;
    const before = await db('documents').where({ case_code: code });
    await world.as('vungtau.head').get(slip());
    expect(await db('documents').where({ case_code: code })).toEqual(before);
    expect(await db('printouts')).toEqual([]);
  });
});

describe('Form 07 (Circular 03/2025/TT-VPCP, Annex I), the register as a signed paper', () => {
  beforeEach(() => world.database.db('cases').where('code', 'like', 'H29.16-990101-%').delete());

  it('is closed to strangers, citizens, other agencies and officers who do not keep it', async () => {
    expect((await fetch(`${world.url}${register()}`)).status).toBe(401);
    for (const sub of ['an', 'tamthang.reception', 'vungtau.specialist'])
      expect((await world.as(sub).get(register())).status).toBe(403);
  });

  it('has a line for each case, with its dates and how it came, under the seal of the agency', async () => {
    const { status, body } = await world.as('vungtau.clerk').get(register());
    expect(status).toBe(200);
    const text = await read(body as Buffer);
    for (const words of ['SỔ THEO DÕI HỒ SƠ', 'Nguyễn Văn An', 'trực tuyến', 'Tổng số: 1 hồ sơ', 'Trang 1/1'])
      expect(text).toContain(words);
    expect(verify(body as Buffer)).toMatchObject([
      { kind: 'signature', valid: true },
      { kind: 'timestamp', valid: true, coversWholeFile: true },
    ]);
  });

  it('goes over pages whose heads repeat, and refuses more cases than one file should hold', async () => {
    await copies(300);
    const started = performance.now();
    const { body } = await world.as('vungtau.clerk').get(register());
    const pages = (await PDFDocument.load(body as Buffer, { updateMetadata: false })).getPages();
    const [first] = pages;
    expect(first!.getWidth()).toBeGreaterThan(first!.getHeight());
    const text = await read(body as Buffer);
    expect(text).toContain('Tổng số: 301 hồ sơ');
    expect(text.split('STT').length - 1).toBe(pages.length);
    expect(text).toContain(`Trang ${pages.length}/${pages.length}`);
    expect(performance.now() - started).toBeLessThan(30_000);

    await copies(700, 300);
    const refused = await world.as('vungtau.clerk').get(register());
    expect(refused).toMatchObject({ status: 400, body: { type: '/problems/invalid-request' } });
    expect(refused.body.detail).toContain('1000');
  });
});

/** Cases like the one that was filed, for the register only. */
async function copies(count: number, after = 0): Promise<void> {
  await world.database.db.raw(
    `INSERT INTO cases (code, procedure, procedure_code, agency, applicant_sub, applicant, answers, state, filed_at)
     SELECT 'H29.16-990101-' || lpad(n::text, 4, '0'), procedure, procedure_code, agency, applicant_sub, applicant, answers, 1, filed_at
       FROM cases, generate_series(:first::int, :last::int) n WHERE code = :code`,
    { code, first: after + 1, last: after + count },
  );
}
