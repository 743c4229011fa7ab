import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';
import { BulkRunner } from './bulk-runner.ts';

let api: TestApi;
let officers: Officers;
/** Monday, 09:00 in Vietnam. */
const now = new Date('2026-11-23T02:00:00Z');
const [khoa, colleague] = ['vungtau.specialist', 'vungtau.specialist.2'];
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  officers = new Officers(api);
  await officers.signIn('vungtau.head');
  await officers.signIn(khoa);
  await officers.signIn(colleague, khoa, { name: 'Trịnh Thu Hà' });
});
afterAll(() => api.stop());
beforeEach(() => api.db.raw('TRUNCATE tasks, delegations CASCADE'));

const inHours = (hours: number) => new Date(now.getTime() + hours * 3_600_000);
const suggestions = (by: string, task: string) =>
  officers.request(by, 'get', `/api/v1/tasks/${task}/suggestions`);
async function order(task: string): Promise<string[]> {
  const { body } = await suggestions('vungtau.head', task);
  return (body.items as { officer: { sub: string } }[]).map(({ officer }) => officer.sub);
}
/** A task that somebody has claimed, or has done so many days ago. */
async function has(sub: string, row: { due_at?: Date; done?: number; code?: string; name?: string } = {}) {
  const { done, code, ...rest } = row;
  const id = await openTask(api, code ?? (await fileCase(api)), rest);
  const at = done === undefined ? undefined : inHours(-24 * done);
  await api
    .db('tasks')
    .where({ id })
    .update(
      at
        ? { state: 'done', closed_at: at, closed_by: JSON.stringify({ sub, name: sub }) }
        : { claimed_by: sub, claimed_name: sub },
    );
}
const entriesOf = (task: string) =>
  api
    .db('case_record')
    .join('tasks', 'tasks.case_code', 'case_record.case_code')
    .where({ 'tasks.id': task, event: 'assigned' })
    .select('details');

test('suggestions are for who leads the agency and for admins', async () => {
  const task = await openTask(api, await fileCase(api), {});
  expect((await api.stranger.get(`/api/v1/tasks/${task}/suggestions`)).status).toBe(401);
  expect((await suggestions(khoa, task)).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await suggestions('tamthang.head', task)).body).toMatchObject({ type: '/problems/wrong-agency' });
  expect((await suggestions('an', task)).status).toBe(403);
  for (const sub of ['vungtau.head', 'vungtau.leader', 'admin'])
    expect((await suggestions(sub, task)).body.items).toHaveLength(2);
});

test('who has less to do comes first, and urgent tasks weigh more', async () => {
  const task = await openTask(api, await fileCase(api), {});
  await has(khoa);
  await has(khoa);
  expect(await order(task)).toEqual([colleague, khoa]);
  await has(colleague, { due_at: inHours(-1) });
  expect(await order(task)).toEqual([khoa, colleague]);
  const { body } = await suggestions('vungtau.head', task);
  expect(body.items).toMatchObject([
    { load: { open: 2, overdue: 0, soon: 0 }, reason: { vi: expect.stringContaining('2 việc đang mở') } },
    {
      load: { open: 1, overdue: 1, soon: 0 },
      reason: {
        vi: '1 việc đang mở (1 quá hạn), đã làm 0 việc loại này trong 90 ngày',
        en: '1 open task (1 overdue), 0 of this kind done in 90 days',
      },
    },
  ]);
});

test('experience of the last ninety days counts, and who knows the case comes first', async () => {
  const code = await fileCase(api);
  const task = await openTask(api, code, {});
  await has(khoa, { done: 91 });
  await has(colleague, { done: 89 });
  expect(await order(task)).toEqual([colleague, khoa]);
  await has(khoa, { done: 1, code, name: 'inspection' });
  const { body } = await suggestions('vungtau.head', task);
  expect(body.items[0]).toMatchObject({
    officer: { sub: khoa },
    knowsCase: true,
    reason: { vi: expect.stringContaining('đã xử lý hồ sơ này') },
  });
});

test('who is away or must not decide twice is not suggested', async () => {
  const code = await fileCase(api);
  const task = await openTask(api, code, { not_by: ['inspection'] });
  await has(khoa, { done: 1, code, name: 'inspection' });
  expect(await order(task)).toEqual([colleague]);
  await officers.request(colleague, 'post', '/api/v1/delegations', {
    substitute: khoa,
    from: now.toISOString(),
    to: inHours(24).toISOString(),
  });
  expect(await order(task)).toEqual([]);
  const bulk = await officers.request('vungtau.head', 'post', '/api/v1/bulk', {
    act: 'distribute',
    tasks: [task],
  });
  await new BulkRunner(api).drain();
  const report = await officers.request('vungtau.head', 'get', `/api/v1/bulk/${String(bulk.body.id)}`);
  expect(report.body.items).toMatchObject([{ state: 'refused', why: { type: 'nobody-available' } }]);
});

test('a task given as suggested keeps why in the record, which applicants do not read', async () => {
  const code = await fileCase(api);
  const task = await openTask(api, code, {});
  const assign = (to: string) =>
    officers.request('vungtau.head', 'put', `/api/v1/tasks/${task}/assignee`, { to, suggested: true });
  expect((await assign('vungtau.head')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await assign(khoa)).status).toBe(200);
  expect(await entriesOf(task)).toMatchObject([
    { details: { to: { sub: khoa }, explanation: { vi: expect.stringContaining('việc đang mở') } } },
  ]);
  const timeline = async (by: string) =>
    JSON.stringify((await officers.request(by, 'get', `/api/v1/cases/${code}/timeline`)).body);
  expect(await timeline('vungtau.head')).toContain('việc đang mở');
  expect(await timeline('an')).not.toContain('việc đang mở');
});

test('the head distributes a queue at once: the most urgent ones, evenly, each with its reason', async () => {
  const tasks: string[] = [];
  for (let hours = 1; hours <= 7; hours++)
    tasks.push(await openTask(api, await fileCase(api), { due_at: inHours(72 + hours) }));
  const share = { act: 'distribute', tasks: { role: 'specialist', count: 6 } };
  expect((await officers.request(khoa, 'post', '/api/v1/bulk', share)).body).toMatchObject({
    type: '/problems/wrong-role',
  });
  expect(
    (
      await officers.request('tamthang.head', 'post', '/api/v1/bulk', {
        ...share,
        tasks: { ...share.tasks, agency: 'H29.16' },
      })
    ).body,
  ).toMatchObject({ type: '/problems/wrong-agency' });
  const bulk = await officers.request('vungtau.head', 'post', '/api/v1/bulk', share);
  expect(bulk.status).toBe(202);
  await new BulkRunner(api).drain();
  const claims = await api.db('tasks').whereIn('id', tasks).orderBy('due_at').pluck('claimed_by');
  expect(claims.at(-1)).toBeNull();
  for (const sub of [khoa, colleague]) expect(claims.filter((claim) => claim === sub)).toHaveLength(3);
  expect(await entriesOf(tasks[5]!)).toMatchObject([
    { details: { explanation: { en: expect.stringContaining('2 open tasks') } } },
  ]);
  const again = await officers.request('vungtau.head', 'post', '/api/v1/bulk', {
    act: 'distribute',
    tasks: { role: 'clerk', count: 5 },
  });
  expect(again.body).toMatchObject({ type: '/problems/not-found' });
});
