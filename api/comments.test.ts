import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';

let api: TestApi;
let officers: Officers;
let code: string;
beforeAll(async () => {
  api = await startApi();
  officers = new Officers(api);
  for (const sub of ['vungtau.head', 'vungtau.reception', 'tamthang.head', 'fire.officer'])
    await officers.signIn(sub);
});
afterAll(() => api.stop());
beforeEach(async () => {
  code = await fileCase(api);
});

const comment = (by: string, body: string, of = code) =>
  officers.request(by, 'post', `/api/v1/cases/${of}/comments`, { body });
const list = (by: string, query = '') =>
  officers.request(by, 'get', `/api/v1/cases/${code}/comments${query}`);

test('strangers, citizens and officers of other agencies neither comment nor read comments', async () => {
  expect((await api.stranger.get(`/api/v1/cases/${code}/comments`)).status).toBe(401);
  const refusals = { an: 'wrong-role', binh: 'not-yours', 'tamthang.head': 'wrong-agency' };
  for (const [sub, type] of Object.entries(refusals)) {
    expect((await comment(sub, 'Xin chào')).body).toMatchObject({ type: `/problems/${type}` });
    expect((await list(sub)).body).toMatchObject({ type: `/problems/${type}` });
  }
});

test.each([
  ['nothing', '   '],
  ['more than 2000 characters', 'x'.repeat(2001)],
])('a comment of %s is refused', async (_what, body) => {
  expect((await comment('vungtau.head', body)).body).toMatchObject({
    type: '/problems/invalid-form',
    errors: [{ pointer: '/body' }],
  });
});

test('officers comment, and those whom they mention are told without a word of it', async () => {
  const body = 'Nhờ @vungtau.reception gọi lại cho anh An (0901234567, an@example.com).';
  expect((await comment('vungtau.head', body)).body).toMatchObject({
    number: 1,
    mentions: ['vungtau.reception'],
  });
  const notices = await api.db('notices').where({ case_code: code }).whereNot({ notice: 'received' });
  expect(notices).toMatchObject([{ notice: 'mention', recipient_sub: 'vungtau.reception' }]);
  expect(JSON.stringify(notices)).not.toContain('0901234567');
  expect((await list('vungtau.reception')).body.items).toMatchObject([
    { number: 1, body, author: { sub: 'vungtau.head', name: 'Đỗ Quốc Hùng' } },
  ]);
});

test('a comment stays out of the record, the logs and the outbox, and out of the applicant’s sight', async () => {
  await comment('vungtau.head', 'Số điện thoại 0987654321');
  const record = await api.db('case_record').where({ case_code: code });
  expect(record.at(-1)).toMatchObject({ event: 'commented', details: { comment: 1, mentions: [] } });
  const outbox = await api.db('outbox').where({ case_code: code });
  expect(JSON.stringify([record, outbox, api.logged])).not.toContain('0987654321');
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  const events = async (by: string) =>
    (await officers.request(by, 'get', `/api/v1/cases/${code}/timeline`)).body.items.map(
      ({ event }: { event: string }) => event,
    );
  expect(await events('an')).toEqual(['filed']);
  expect(await events('vungtau.reception')).toEqual(['filed', 'commented']);
});

test('nobody is mentioned who may not read the case or never signed in; nothing is written then', async () => {
  for (const sub of ['tamthang.head', 'an', 'nobody'])
    expect((await comment('vungtau.head', `@${sub} xem giúp`)).body).toMatchObject({
      type: '/problems/unknown-person',
      errors: [{ pointer: '/body', detail: `@${sub}` }],
    });
  expect((await list('vungtau.head')).body).toEqual({ items: [] });
  await openTask(api, code, { name: 'consult.fire', role: 'consulted', agency: 'G01.07' });
  expect((await comment('vungtau.head', '@fire.officer, xem giúp')).status).toBe(201);
});

test('comments are listed page by page, the latest first', async () => {
  for (const number of [1, 2, 3]) await comment('vungtau.head', `Ý kiến ${number}`);
  const first = await list('vungtau.reception', '?limit=2');
  expect(first.body).toMatchObject({ items: [{ number: 3 }, { number: 2 }], next: '2' });
  const rest = await list('vungtau.reception', '?limit=2&cursor=2');
  expect(rest.body.items).toMatchObject([{ number: 1, body: 'Ý kiến 1' }]);
  expect(rest.body.next).toBeUndefined();
  expect((await list('vungtau.reception', '?cursor=x')).status).toBe(400);
});

test('twenty comments at once are numbered without gaps, and the record holds', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => comment('vungtau.head', `Ý kiến ${index}`)));
  const numbers = await api.db('comments').where({ case_code: code }).orderBy('number').pluck('number');
  expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 1));
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
});

test('officers find each other by name; citizens and other agencies do not', async () => {
  const found = await officers.request('vungtau.reception', 'get', '/api/v1/people');
  expect(found.body.items).toContainEqual({
    sub: 'vungtau.head',
    name: 'Đỗ Quốc Hùng',
    roles: ['head'],
    agency: 'H29.16',
    title: 'Trưởng phòng Kinh tế, Hạ tầng và Đô thị',
  });
  expect((await api.stranger.get('/api/v1/people')).status).toBe(401);
  expect((await officers.request('an', 'get', '/api/v1/people')).status).toBe(403);
  expect((await officers.request('an', 'get', '/api/v1/people?agency=H29.16')).status).toBe(403);
  expect((await officers.request('tamthang.head', 'get', '/api/v1/people?agency=H29.16')).status).toBe(403);
  expect((await officers.request('admin', 'get', '/api/v1/people?agency=H29.16')).status).toBe(200);
  expect(await api.db('people').where({ sub: 'an' })).toEqual([]);
});
