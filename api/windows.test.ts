import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, Officers } from '../testing/light-case.ts';

let now: Date;
let api: TestApi;
let people: Officers;
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  people = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(() => {
  now = new Date('2027-06-30T03:00:00Z'); // Wednesday 10:00 in Vietnam
});
afterEach(async () => {
  await api.db('filing_windows').update({ withdrawn: true });
});

const opening = {
  kind: 'opening',
  procedureCode: '9.000001',
  agency: null,
  from: '2027-07-01T08:00:00+07:00',
  to: '2027-07-03T17:00:00+07:00',
  cap: 1,
  reason: 'Kế hoạch tuyển sinh 2027',
};
const maintenance = {
  kind: 'closing',
  procedureCode: null,
  agency: null,
  from: '2027-06-30T09:00:00+07:00',
  to: '2027-06-30T12:00:00+07:00',
  message: { vi: 'Hệ thống bảo trì.', en: 'This site is being maintained.' },
  reason: 'Nâng cấp',
};
const ask = (method: 'get' | 'post' | 'put' | 'delete', path: string, body?: object, by = 'admin') =>
  people.request(by, method, `/api/v1/${path}`, body);
const set = async (body: object) => {
  const answer = await ask('post', 'windows', body);
  expect(answer.body).toMatchObject({ id: expect.any(String), change: expect.any(Number) });
  return answer.body as { id: string; change: number };
};
const filing = async (query = '') =>
  (await api.stranger.get(`/api/v1/filing?procedure=9.000001${query}`).expect(200)).body;
const file = async (more: object = {}, by = 'an') =>
  people.request(by, 'post', '/api/v1/applications', { ...(await application(api)), ...more });
const pointers = (answer: { body: { errors?: { pointer: string }[] } }) =>
  answer.body.errors?.map(({ pointer }) => pointer);
const cases = async () => Number((await api.db('cases').count<{ count: number }[]>())[0]?.count);

describe('nobody but an admin sets when applications are taken', () => {
  test.each(['an', 'vungtau.head', 'vungtau.leader'])('%s may not', async (by) => {
    const { id, change } = await set(opening);
    for (const [method, path, body] of [
      ['get', 'windows', undefined],
      ['post', 'windows', opening],
      ['put', `windows/${id}`, opening],
      ['delete', `windows/${id}`, { reason: 'x' }],
      ['get', 'settings/changes?area=windows', undefined],
      ['post', `settings/changes/${change}/undo`, undefined],
    ] as const)
      expect((await ask(method, path, body, by)).status, `${method} ${path}`).toBe(403);
  });

  test('and not without a reason, for a procedure or agency that is none, or with parts that do not fit', async () => {
    expect(pointers(await ask('post', 'windows', { ...opening, reason: '' }))).toEqual(['/reason']);
    expect(
      pointers(await ask('post', 'windows', { ...opening, procedureCode: '9.999999', agency: 'H99' })),
    ).toEqual(['/procedureCode', '/agency']);
    expect(pointers(await ask('post', 'windows', { ...opening, to: opening.from }))).toEqual(['/to']);
    expect(pointers(await ask('post', 'windows', { ...opening, procedureCode: null }))).toEqual([
      '/procedureCode',
    ]);
    expect(pointers(await ask('post', 'windows', { ...maintenance, message: null, cap: 3 }))).toEqual([
      '/message',
      '/cap',
    ]);
    expect(await filing()).toMatchObject({ state: 'open', window: null });
  });

  test('two openings of the same procedure and agency do not overlap', async () => {
    const { id } = await set(opening);
    expect(pointers(await ask('post', 'windows', opening))).toEqual(['/from']);
    await set({ ...opening, agency: 'H29.16' });
    await set({ ...opening, from: opening.to, to: null });
    const changed = { ...opening, to: '2027-07-04T17:00:00+07:00', reason: 'Gia hạn' };
    const { kind: _kind, procedureCode: _code, agency: _agency, ...facts } = changed;
    expect(pointers(await ask('put', `windows/${id}`, facts))).toEqual(['/from']);
  });
});

describe('an opening', () => {
  test('takes nothing before it opens, and says when that is', async () => {
    await set(opening);
    expect(await filing()).toMatchObject({
      state: 'not-yet',
      mayPrepare: true,
      said: { vi: 'Mở nhận hồ sơ lúc 08:00 ngày 01/07/2027.', en: 'Opens on 1 July 2027 at 08:00.' },
    });
    const answer = await file();
    expect(answer.body).toMatchObject({ type: '/problems/filing-closed', status: 409 });
    expect(answer.body.detail).toContain('1 July 2027 at 08:00');
  });

  test('opens and closes by itself, to the second', async () => {
    await set({ ...opening, cap: null });
    now = new Date('2027-07-01T07:59:59+07:00');
    expect((await filing()).state).toBe('not-yet');
    now = new Date('2027-07-01T08:00:00+07:00');
    expect((await file()).status).toBe(201);
    now = new Date('2027-07-03T17:00:00+07:00');
    expect((await file()).body).toMatchObject({ type: '/problems/filing-closed' });
    expect(await filing()).toMatchObject({
      state: 'over',
      said: { en: 'Closed since 3 July 2027 at 17:00.' },
    });
  });

  test('of two who file at once for the last place one gets it, and the other is told clearly', async () => {
    await set(opening);
    now = new Date('2027-07-01T08:00:00+07:00');
    const before = await cases();
    const [one, other] = await Promise.all([file(), file()]);
    expect([one.status, other.status].sort()).toEqual([201, 409]);
    const refused = one.status === 409 ? one : other;
    expect(refused.body).toMatchObject({ type: '/problems/no-place-left' });
    expect(await cases()).toBe(before + 1);
    expect(await filing()).toMatchObject({
      state: 'full',
      said: { vi: 'Đã nhận đủ 1/1 hồ sơ.', en: 'Closed: 1 of 1 taken.' },
      window: { taken: 1, cap: 1 },
    });
  });

  test('a file that is refused for another reason takes no place', async () => {
    await set(opening);
    now = new Date('2027-07-01T08:00:00+07:00');
    expect((await file({ papers: [{ kind: 'photo', upload: randomUUID() }] })).status).toBe(422);
    expect(await filing()).toMatchObject({ state: 'open', window: { taken: 0 } });
  });

  test('of an agency counts for itself; the others keep the one for all', async () => {
    await set(opening);
    await set({ ...opening, agency: 'H29.16', from: '2027-06-29T08:00:00+07:00' });
    expect((await filing('&agency=H29.16')).state).toBe('open');
    expect((await filing('&agency=H29.17')).state).toBe('not-yet');
    expect((await file()).status).toBe(201);
    expect((await filing('&agency=H29.17')).window).toMatchObject({ taken: 0 });
  });

  test('binds the counter only where it says so', async () => {
    await set(opening);
    expect((await filing('&channel=counter')).state).toBe('open');
    await api.db('filing_windows').update({ withdrawn: true });
    await set({ ...opening, counterToo: true });
    expect((await filing('&channel=postal')).state).toBe('not-yet');
  });

  test('that lets nobody prepare says so', async () => {
    await set({ ...opening, prepareBefore: false });
    expect((await filing()).mayPrepare).toBe(false);
  });

  test('keeps what it has taken: its cap cannot be less', async () => {
    const { id } = await set({ ...opening, cap: 2, from: '2027-06-29T08:00:00+07:00' });
    expect((await file()).status).toBe(201);
    expect((await file()).status).toBe(201);
    const { from, to } = opening;
    const less = { from, to, cap: 1, reason: 'Giảm' };
    expect(pointers(await ask('put', `windows/${id}`, less))).toEqual(['/cap']);
    expect((await ask('put', `windows/${id}`, { ...less, cap: 3, from: maintenance.from })).status).toBe(200);
    expect(await filing()).toMatchObject({ state: 'open', window: { taken: 2, cap: 3 } });
  });
});

test('maintenance stops filing on every way that it names, with its own words, and ends by itself', async () => {
  await set({ ...maintenance, counterToo: true });
  const closed = await file();
  expect(closed.body).toMatchObject({ type: '/problems/filing-closed' });
  expect(closed.body.detail).toContain('Hệ thống bảo trì. Mở lại lúc 12:00 ngày 30/06/2027.');
  expect((await filing('&channel=counter')).state).toBe('closed');
  now = new Date('2027-06-30T12:00:00+07:00');
  expect((await file()).status).toBe(201);
});

test('online filing of one procedure is off without end while its counter stays on', async () => {
  await set({ ...maintenance, procedureCode: '9.000001', to: null });
  expect(await filing()).toMatchObject({
    state: 'closed',
    said: { en: 'This site is being maintained. The counter still takes applications.' },
  });
  expect((await filing('&channel=counter')).state).toBe('open');
});

test('every change is kept with who and why, and the latest of each is undone', async () => {
  const { id, change } = await set(maintenance);
  const gone = await ask('delete', `windows/${id}`, { reason: 'Xong sớm' });
  expect((await filing()).state).toBe('open');
  expect((await ask('post', `settings/changes/${change}/undo`)).body).toMatchObject({
    type: '/problems/undo-over',
  });
  expect((await ask('post', `settings/changes/${gone.body.change}/undo`)).status).toBe(200);
  expect((await filing()).state).toBe('closed');
  const { body } = await ask('get', 'settings/changes?area=windows&limit=3');
  expect(body.items).toMatchObject([
    { before: null, after: { message: maintenance.message }, latest: true },
    { before: { kind: 'closing' }, after: null, reason: 'Xong sớm', latest: false },
    { before: null, actor: { sub: 'admin' }, reason: 'Nâng cấp' },
  ]);
});

test('a window that is not there is neither changed nor taken away', async () => {
  const { from, to } = opening;
  expect((await ask('put', `windows/${randomUUID()}`, { from, to, reason: 'x' })).status).toBe(404);
  expect((await ask('delete', `windows/${randomUUID()}`, { reason: 'x' })).status).toBe(404);
  expect((await ask('post', 'settings/changes/999999/undo')).status).toBe(404);
});
