import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileLight } from '../testing/filed-case.ts';

const now = new Date('2026-11-23T03:00:00Z');
let api: TestApi;
let codes: string[];
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  codes = [];
  for (let count = 0; count < 3; count++) codes.push(await fileLight(api.db, now));
  await api
    .db('cases')
    .where('code', codes[0])
    .update({ applicant: JSON.stringify({ fullName: '=HYPERLINK("http://x")', phone: '0901234567' }) });
});
afterAll(() => api.stop());

const register = '/api/v1/registers/H29.16?from=2026-11-23&to=2026-11-23';
const csvOf = '/api/v1/registers/H29.16/csv?from=2026-11-23&to=2026-11-23';
const get = async (sub: string, path: string) => (await api.as(sub)).get(path);

describe('Form 07, the register (Circular 03/2025/TT-VPCP)', () => {
  it('is closed to strangers, citizens, other agencies and officers who do not keep it', async () => {
    for (const path of [register, csvOf]) {
      expect((await api.stranger.get(path)).status).toBe(401);
      for (const sub of ['an', 'tamthang.reception', 'vungtau.specialist'])
        expect((await get(sub, path)).status).toBe(403);
    }
  });

  it('lists the cases of the period page by page', async () => {
    const first = (await get('vungtau.reception', `${register}&limit=2`)).body;
    const second = (await get('vungtau.reception', `${register}&limit=2&cursor=${first.next}`)).body;
    expect([...first.items, ...second.items].map(({ code }) => code)).toEqual(codes);
    expect(first.items[1]).toMatchObject({
      applicant: { fullName: 'Nguyễn Văn An', phone: '0901234567' },
      state: { en: 'Filed' },
      timeliness: 'running',
      channel: 'online',
      agency: { code: 'H29.16' },
    });
    const before = '/api/v1/registers/H29.16?from=2026-11-22&to=2026-11-22';
    expect((await get('admin', before)).body.items).toEqual([]);
  });

  it('refuses a period that ends before it begins', async () => {
    const wrong = '/api/v1/registers/H29.16?from=2026-11-23&to=2026-11-22';
    expect((await get('admin', wrong)).body).toMatchObject({ type: '/problems/invalid-request' });
  });

  it('is a table whose cells no spreadsheet takes for formulas', async () => {
    const authorization = `Bearer ${await api.token('vungtau.clerk')}`;
    const answer = await fetch(`${api.url}${csvOf}`, { headers: { authorization } });
    expect(answer.headers.get('content-type')).toContain('text/csv');
    const bytes = Buffer.from(await answer.arrayBuffer());
    expect(bytes.subarray(0, 3)).toEqual(Buffer.from([0xef, 0xbb, 0xbf]));
    const lines = bytes.toString().trim().split('\r\n');
    expect(lines).toHaveLength(4);
    expect(lines[0]).toContain('"Mã hồ sơ"');
    expect(lines[0]).toContain('"Hình thức nộp"');
    expect(lines[1]).toContain('"online"');
    expect(lines[1]).toContain(`"'=HYPERLINK(""http://x"")"`);
  });
});

describe('Form 06, the control slip', () => {
  it('is closed to the applicant and to other agencies', async () => {
    const path = `/api/v1/cases/${codes[1]}/control-slip`;
    expect((await get('an', path)).status).toBe(403);
    expect((await get('tamthang.reception', path)).status).toBe(403);
    expect((await get('admin', '/api/v1/cases/H29.16-200101-0001/control-slip')).status).toBe(404);
  });

  it('tells who had the case from when to when, and whether in time', async () => {
    await api.db('tasks').insert({
      id: crypto.randomUUID(),
      case_code: codes[1],
      name: 'repair',
      number: 1,
      role: 'specialist',
      agency: 'H29.16',
      context: '{}',
      state: 'done',
      opened_at: new Date('2026-11-20T03:00:00Z'),
      due_at: new Date('2026-11-23T10:00:00Z'),
      closed_at: new Date('2026-11-24T01:00:00Z'),
      closed_by: JSON.stringify({ sub: 'vungtau.specialist', name: 'Lê Thu Hà' }),
    });
    const { body } = await get('vungtau.head', `/api/v1/cases/${codes[1]}/control-slip`);
    expect(body).toMatchObject({ code: codes[1], agency: { code: 'H29.16' }, coordinating: [], dueAt: null });
    expect(body.items).toMatchObject([
      {
        task: 'repair',
        title: { en: 'Repair the light' },
        by: 'Lê Thu Hà',
        timeliness: 'overdue',
        from: null,
      },
    ]);
  });
});
