import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';

let api: TestApi;
let officers: Officers;
/** Monday, 09:00 in Vietnam. */
const now = new Date('2026-11-23T02:00:00Z');
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  officers = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(() => api.db.raw(`TRUNCATE tasks CASCADE`));

type Item = { id: string; case: string; seen: boolean };
async function list(by: string, query = ''): Promise<Item[]> {
  const { status, body } = await officers.request(by, 'get', `/api/v1/tasks?limit=100&${query}`);
  expect(status).toBe(200);
  return body.items as Item[];
}
const ids = async (by: string, query = '') => (await list(by, query)).map(({ id }) => id);
const inHours = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
async function named(code: string, fullName: string, area: string | null = null) {
  await api.db.raw(
    `UPDATE cases SET applicant = applicant || jsonb_build_object('fullName', ?::text), area = ?
                     WHERE code = ?`,
    [fullName, area, code],
  );
}

test('all queues of an agency are for its officers and for admins', async () => {
  const task = await openTask(api, await fileCase(api), {});
  const path = '/api/v1/tasks?agency=H29.16';
  expect((await api.stranger.get(path)).status).toBe(401);
  expect((await api.stranger.get('/api/v1/queues')).status).toBe(401);
  expect((await officers.request('an', 'get', path)).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await officers.request('tamthang.head', 'get', path)).body).toMatchObject({
    type: '/problems/wrong-agency',
  });
  expect((await officers.request('tamthang.head', 'get', '/api/v1/queues?agency=H29.16')).body).toMatchObject(
    {
      type: '/problems/wrong-agency',
    },
  );
  for (const sub of ['vungtau.head', 'vungtau.clerk', 'admin'])
    expect(await ids(sub, 'agency=H29.16')).toEqual([task]);
  expect(await ids('vungtau.head')).toEqual([]);
  expect(await ids('vungtau.head', 'agency=H29.16&role=specialist')).toEqual([task]);
  expect(await ids('vungtau.head', 'agency=H29.16&role=clerk')).toEqual([]);
});

test('a queue is read page by page, forwards and backwards, in each order', async () => {
  const code = await fileCase(api);
  const due = [inHours(5), inHours(1), undefined, inHours(3), undefined, inHours(1)];
  for (const [number, due_at] of due.entries())
    await openTask(api, code, { ...(due_at ? { due_at } : {}), name: `repair${number}` });
  for (const order of ['deadline', 'opened', 'case']) {
    const all = await ids('vungtau.specialist', `order=${order}`);
    expect(all).toHaveLength(6);
    const page = async (cursor?: string) =>
      (
        await officers.request(
          'vungtau.specialist',
          'get',
          `/api/v1/tasks?limit=2&order=${order}${cursor ? `&cursor=${cursor}` : ''}`,
        )
      ).body as { items: Item[]; next?: string; previous?: string };
    const first = await page();
    const second = await page(first.next);
    const third = await page(second.next);
    expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(all);
    expect([first.previous, third.next]).toEqual([undefined, undefined]);
    const back = await page(third.previous);
    expect(back.items).toEqual(second.items);
    const start = await page(back.previous);
    expect(start.items).toEqual(first.items);
    expect(start.previous).toBeUndefined();
    expect((await page(start.next)).items).toEqual(second.items);
  }
  const { body } = await officers.request('vungtau.specialist', 'get', '/api/v1/tasks?limit=2');
  for (const wrong of [`order=case&cursor=${String(body.next)}`, 'cursor=abcdef'])
    expect(
      (await officers.request('vungtau.specialist', 'get', `/api/v1/tasks?${wrong}`)).body,
    ).toMatchObject({
      type: '/problems/invalid-request',
    });
});

test('deadlines are past, of the local day or of the local week', async () => {
  const code = await fileCase(api);
  const at = (due_at: Date, name: string) => openTask(api, code, { due_at, name });
  const [late, today, sunday, monday] = [
    await at(inHours(-30), 'a'),
    await at(inHours(14.9), 'b'),
    await at(inHours(6 * 24 + 14.9), 'c'),
    await at(inHours(7 * 24), 'd'),
  ];
  expect(await ids('vungtau.specialist', 'due=overdue')).toEqual([late]);
  expect(await ids('vungtau.specialist', 'due=today')).toEqual([today]);
  expect(await ids('vungtau.specialist', 'due=week')).toEqual([today, sunday]);
  expect(await ids('vungtau.specialist')).toEqual([late, today, sunday, monday]);
});

test('what nobody of the agency has opened is told from what somebody has', async () => {
  const task = await openTask(api, await fileCase(api), {});
  const open = (by: string) => officers.request(by, 'get', `/api/v1/tasks/${task}`);
  expect((await open('admin')).status).toBe(200);
  expect((await list('vungtau.specialist', 'seen=no'))[0]).toMatchObject({ id: task, seen: false });
  expect((await open('vungtau.head')).status).toBe(200);
  expect((await open('vungtau.specialist')).status).toBe(200);
  expect(await ids('vungtau.specialist', 'seen=no')).toEqual([]);
  expect((await list('vungtau.specialist'))[0]).toMatchObject({ seen: true });
  expect(await api.db('tasks').where({ id: task }).first('viewed_by', 'viewed_at')).toEqual({
    viewed_by: 'vungtau.head',
    viewed_at: now,
  });
});

test('tasks are found by applicant, case code and area, with or without diacritics and dashes', async () => {
  const [first, second] = [await fileCase(api), await fileCase(api)];
  await named(first, 'Đặng Thị Ước', 'đường Lê Lợi, Phường Vũng Tàu');
  await named(second, 'Nguyễn Văn Đức', 'đường Trần Phú, Phường Tam Thắng');
  const tasks = [await openTask(api, first, {}), await openTask(api, second, {})];
  const search = async (by: string, body: object) => {
    const answer = await officers.request(by, 'post', '/api/v1/queues/search', body);
    return ((answer.body.items ?? []) as Item[]).map(({ id }) => id);
  };
  for (const applicant of ['dang', 'Uoc', 'ĐẶNG THỊ', 'ước đặ'])
    expect(await search('vungtau.specialist', { applicant })).toEqual([tasks[0]]);
  expect(await search('vungtau.specialist', { applicant: 'uc' })).toEqual([]);
  expect(await search('vungtau.specialist', { applicant: '%', area: 'tran phu' })).toEqual([tasks[1]]);
  expect(await search('vungtau.head', { applicant: 'dang', agency: 'H29.16' })).toEqual([tasks[0]]);
  expect(await search('tamthang.specialist', { applicant: 'dang' })).toEqual([]);
  const whole = await list('vungtau.specialist', `case=${first}`);
  expect(whole.map(({ id }) => id)).toEqual([tasks[0]]);
  const short = first.split('-').slice(1).join('');
  for (const code of [first, first.replaceAll(/[.-]/g, ''), short, first.toLowerCase()])
    expect(await ids('vungtau.specialist', `code=${code}`)).toEqual([tasks[0]]);
  expect(await ids('vungtau.specialist', 'area=le%20loi')).toEqual([tasks[0]]);
  expect(await ids('vungtau.specialist', 'area=V%C5%A9ng')).toEqual([tasks[0]]);
  const inAddress = await officers.request('vungtau.specialist', 'get', '/api/v1/tasks?code=Nguyen');
  expect(inAddress.status).toBe(400);
});

test('of a closed task no name is kept to be found by, and undoing brings it back', async () => {
  const task = await openTask(api, await fileCase(api), {});
  const sought = async () =>
    (await api.db('tasks').where({ id: task }).first('sought')).sought as string | null;
  expect(await sought()).toContain('nguyen van an');
  await api.db('tasks').where({ id: task }).update({ state: 'done' });
  expect(await sought()).toBeNull();
  await api.db('tasks').where({ id: task }).update({ state: 'open' });
  expect(await sought()).toContain('nguyen van an');
});

test('queues are counted, those of a principal too', async () => {
  const code = await fileCase(api);
  await openTask(api, code, { name: 'a', due_at: inHours(-1) });
  const mine = await openTask(api, code, { name: 'b' });
  await openTask(api, code, { name: 'c', role: 'head' });
  await officers.request('vungtau.specialist', 'put', `/api/v1/tasks/${mine}/claim`);
  await officers.request('vungtau.specialist', 'get', `/api/v1/tasks/${mine}`);
  const counts = async (by: string, query = '') =>
    (await officers.request(by, 'get', `/api/v1/queues${query}`)).body.items as unknown[];
  const specialists = { agency: 'H29.16', role: 'specialist', open: 2, overdue: 1, unseen: 1, mine: 1 };
  expect(await counts('vungtau.specialist')).toEqual([specialists]);
  const heads = { agency: 'H29.16', role: 'head', open: 1, overdue: 0, unseen: 1, mine: 0 };
  expect(await counts('vungtau.head')).toEqual([heads]);
  expect(await counts('vungtau.leader', '?agency=H29.16')).toEqual([{ ...specialists, mine: 0 }, heads]);
  expect(await counts('an')).toEqual([]);
  await officers.signIn('vungtau.specialist');
  await officers.signIn('vungtau.head');
  await officers.request('vungtau.head', 'post', '/api/v1/delegations', {
    substitute: 'vungtau.specialist',
    from: now.toISOString(),
    to: inHours(24).toISOString(),
  });
  expect(await counts('vungtau.specialist')).toEqual([specialists, heads]);
  expect(await ids('vungtau.specialist', 'claimed=others')).toEqual([]);
  expect(await ids('vungtau.specialist', 'claimed=none')).toHaveLength(2);
});
