import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { performerOf } from '../records/case-file.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';
import { streetLight } from '../testing/street-light.ts';

const repair = streetLight.tasks['repair']!;
const procedures = new Map([
  ['streetLight', { ...streetLight, tasks: { repair, review: { ...repair, by: 'head' as const } } }],
]);
let now = new Date('2026-11-23T02:00:00Z');
let api: TestApi;
let officers: Officers;
let code: string;
let task: string;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
  officers = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date('2026-11-23T02:00:00Z');
  await api.db('delegations').delete();
  for (const sub of ['vungtau.head', 'vungtau.specialist', 'tamthang.head']) await officers.signIn(sub);
  await officers.signIn('deputy', 'vungtau.specialist', { name: 'Phó phòng' });
  code = await fileCase(api);
  task = await openTask(api, code, { name: 'review', role: 'head', not_by: ['repair'] });
});

const hour = 3_600_000;
const week = () => ({ from: now.toISOString(), to: new Date(now.getTime() + 168 * hour).toISOString() });
const delegate = (by: string, body: object = {}) =>
  officers.request(by, 'post', '/api/v1/delegations', { substitute: 'deputy', ...week(), ...body });
const review = (by: string) =>
  officers.request(by, 'post', `/api/v1/tasks/${task}/complete`, { answer: { repaired: true } });
const refusal = async (answer: Promise<{ body: { type: string } }>) => (await answer).body.type;

test('a stranger and a citizen appoint nobody, and an officer only for themselves', async () => {
  expect((await api.stranger.post('/api/v1/delegations').send({})).status).toBe(401);
  expect(await refusal(delegate('an'))).toBe('/problems/wrong-role');
  expect(await refusal(delegate('vungtau.specialist', { principal: 'vungtau.head' }))).toBe(
    '/problems/wrong-role',
  );
});

test.each([
  ['an officer of another agency', { substitute: 'tamthang.head' }, 'wrong-agency'],
  ['somebody who never signed in', { substitute: 'nobody' }, 'unknown-person'],
  ['themselves', { substitute: 'vungtau.head' }, 'invalid-form'],
  ['a role that they do not have', { roles: ['leader'] }, 'invalid-form'],
  ['the role of an admin', { roles: ['admin'] }, 'invalid-form'],
  ['a period that is over', { from: '2026-11-01T00:00:00Z', to: '2026-11-02T00:00:00Z' }, 'invalid-form'],
])('the head cannot appoint %s', async (_whom, body, type) => {
  expect(await refusal(delegate('vungtau.head', body))).toBe(`/problems/${type}`);
});

test('a substitute acts in their own name in the place of the head, and everybody can see for whom', async () => {
  expect(await refusal(review('deputy'))).toBe('/problems/wrong-role');
  expect((await delegate('vungtau.head')).status).toBe(201);
  const list = await officers.request('deputy', 'get', '/api/v1/tasks?name=review&limit=100');
  expect(list.body.items).toContainEqual(
    expect.objectContaining({ id: task, for: { sub: 'vungtau.head', name: 'Đỗ Quốc Hùng' } }),
  );
  const seen = await officers.request('deputy', 'get', `/api/v1/tasks/${task}`);
  expect(seen.body).toMatchObject({ may: { complete: true }, for: { sub: 'vungtau.head' } });

  expect((await review('deputy')).status).toBe(200);
  expect(await performerOf(api.db, code, 'review')).toMatchObject({
    sub: 'deputy',
    name: 'Phó phòng',
    for: { sub: 'vungtau.head', name: 'Đỗ Quốc Hùng' },
  });
  const timeline = await officers.request('vungtau.head', 'get', `/api/v1/cases/${code}/timeline`);
  expect(timeline.body.items.at(-1)).toMatchObject({
    event: 'completed',
    actor: { name: 'Phó phòng', for: { name: 'Đỗ Quốc Hùng' } },
  });
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
});

test('authority begins and ends by itself, to the instant', async () => {
  const from = new Date(now.getTime() + hour);
  const to = new Date(now.getTime() + 2 * hour);
  await delegate('vungtau.head', { from: from.toISOString(), to: to.toISOString() });
  const may = async () =>
    (await officers.request('deputy', 'get', `/api/v1/tasks/${task}`)).body.may.complete as boolean;
  expect(await may()).toBe(false);
  now = from;
  expect(await may()).toBe(true);
  now = new Date(to.getTime() - 1);
  expect(await may()).toBe(true);
  now = to;
  expect(await may()).toBe(false);
  expect(await refusal(review('deputy'))).toBe('/problems/wrong-role');
});

test('a revoked delegation lends nothing any more; others cannot revoke it', async () => {
  const { body } = await delegate('vungtau.head');
  const revoke = (by: string) => officers.request(by, 'delete', `/api/v1/delegations/${body.id}`);
  expect(await refusal(revoke('deputy'))).toBe('/problems/not-yours');
  expect((await revoke('vungtau.head')).status).toBe(204);
  expect((await revoke('vungtau.head')).status).toBe(204);
  expect(await refusal(review('deputy'))).toBe('/problems/wrong-role');
});

test('what the head has lost cannot be used by the substitute, nor lent on', async () => {
  await delegate('vungtau.head');
  expect(await refusal(delegate('deputy', { substitute: 'vungtau.specialist', roles: ['head'] }))).toBe(
    '/problems/invalid-form',
  );
  await delegate('deputy', { substitute: 'vungtau.specialist' });
  expect(await refusal(review('vungtau.specialist'))).toBe('/problems/wrong-role');
  await officers.signIn('vungtau.head', 'vungtau.head', { roles: ['specialist'] });
  expect(await refusal(review('deputy'))).toBe('/problems/wrong-role');
});

test('a delegation for other procedures or roles does not reach the task', async () => {
  await delegate('vungtau.head', { procedures: ['constructionPermit'] });
  expect(await refusal(review('deputy'))).toBe('/problems/wrong-role');
  await delegate('vungtau.head', { procedures: ['streetLight'], roles: ['head'] });
  expect((await review('deputy')).status).toBe(200);
});

test('an admin appoints for an absent head, with a reason', async () => {
  expect(await refusal(delegate('admin', { principal: 'vungtau.head' }))).toBe('/problems/invalid-form');
  const reason = 'Trưởng phòng nghỉ ốm';
  expect((await delegate('admin', { principal: 'vungtau.head', reason })).status).toBe(201);
  expect((await review('deputy')).status).toBe(200);
  const mine = await officers.request('deputy', 'get', '/api/v1/delegations');
  expect(mine.body.items).toMatchObject([{ principal: { sub: 'vungtau.head' }, reason }]);
  const others = await officers.request('vungtau.specialist', 'get', '/api/v1/delegations');
  expect(others.body.items).toEqual([]);
});

test('separation of duties counts the substitute and the principal', async () => {
  const done = (by: object) =>
    openTask(api, code, { name: 'repair' }).then((id) =>
      api
        .db('tasks')
        .where({ id })
        .update({ state: 'done', closed_by: JSON.stringify(by) }),
    );
  await delegate('vungtau.head');
  // The repair was done by a specialist in the place of the head: the review is neither's.
  await done({ sub: 'vungtau.specialist', name: 'Khoa', for: { sub: 'vungtau.head', name: 'Hùng' } });
  expect(await refusal(review('vungtau.head'))).toBe('/problems/same-person');
  expect(await refusal(review('deputy'))).toBe('/problems/same-person');
  // Nor is it that of a substitute who did the repair themselves.
  await api
    .db('tasks')
    .where({ case_code: code, name: 'repair' })
    .update({ closed_by: JSON.stringify({ sub: 'deputy', name: 'Phó' }) });
  expect(await refusal(review('deputy'))).toBe('/problems/same-person');
  expect((await review('vungtau.head')).status).toBe(200);
});

test('what the head has claimed is free for the substitute, and for nobody else', async () => {
  await officers.signIn('other.head', 'vungtau.head', { name: 'Trưởng phòng khác' });
  await officers.request('vungtau.head', 'put', `/api/v1/tasks/${task}/claim`);
  expect(await refusal(review('other.head'))).toBe('/problems/claimed-by-another');
  await delegate('vungtau.head');
  expect((await review('deputy')).status).toBe(200);
});
