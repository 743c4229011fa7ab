import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openRepair } from '../testing/light-case.ts';

let api: TestApi;
let code: string;
let task: string;
const dueAt = new Date('2026-12-01T10:00:00Z');
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  code = await fileCase(api);
  task = await openRepair(api, code, dueAt);
});

const done = { answer: { repaired: true } };
async function complete(sub: string, body: object = done, key = randomUUID()) {
  const person = await api.as(sub);
  return person.post(`/api/v1/tasks/${task}/complete`).set('Idempotency-Key', key).send(body);
}
async function claim(sub: string, method: 'put' | 'delete' = 'put') {
  return (await api.as(sub))[method](`/api/v1/tasks/${task}/claim`).set('Idempotency-Key', randomUUID());
}

test('a stranger, the wrong role and an officer of another ward complete nothing', async () => {
  const stranger = await api.stranger.post(`/api/v1/tasks/${task}/complete`).send(done);
  expect(stranger.body).toMatchObject({ type: '/problems/not-signed-in' });
  expect((await complete('vungtau.reception')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await complete('an')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await complete('tamthang.specialist')).body).toMatchObject({
    type: '/problems/wrong-agency',
    status: 403,
  });
});

test('an answer that does not fit the form is refused with pointers, and the task stays open', async () => {
  const answer = await complete('vungtau.specialist', { answer: { repaired: 'yes', parts: [{ name: '' }] } });
  expect(answer.status).toBe(422);
  expect(answer.body.errors).toMatchObject([
    { pointer: '/answer/repaired' },
    { pointer: '/answer/parts/0/name', detail: 'Không được để trống' },
  ]);
  expect((await complete('vungtau.specialist')).status).toBe(200);
});

test('a task that does not exist is not found', async () => {
  const answer = await (await api.as('vungtau.specialist')).get(`/api/v1/tasks/${randomUUID()}`);
  expect(answer.body).toMatchObject({ type: '/problems/not-found' });
});

test('an act without an Idempotency-Key is refused', async () => {
  const specialist = await api.as('vungtau.specialist');
  const path = `/api/v1/tasks/${task}`;
  const answers = [
    specialist.put(`${path}/claim`),
    specialist.delete(`${path}/claim`),
    specialist.post(`${path}/complete`),
  ];
  for (const answer of await Promise.all(answers))
    expect(answer.body).toMatchObject({ type: '/problems/key-missing' });
});

test('a specialist sees the task with its form and that they may do it', async () => {
  const specialist = await api.as('vungtau.specialist');
  const list = await specialist.get('/api/v1/tasks?name=repair&claimed=none').expect(200);
  expect(list.body.items).toContainEqual(expect.objectContaining({ id: task, case: code }));
  const answer = await specialist.get(`/api/v1/tasks/${task}`).expect(200);
  expect(answer.body).toMatchObject({
    case: code,
    title: { vi: 'Sửa đèn' },
    deadline: dueAt.toISOString(),
    context: { pole: 'VT-17' },
    form: { required: ['repaired'] },
    may: { complete: true },
  });
});

test('the ward’s head sees the task too, and why it is not theirs', async () => {
  const answer = await (await api.as('vungtau.head')).get(`/api/v1/tasks/${task}`).expect(200);
  expect(answer.body.may).toMatchObject({ complete: false, why: { type: 'wrong-role' } });
});

test('a list is narrowed by deadline and by claim', async () => {
  const specialist = await api.as('vungtau.specialist');
  const ids = async (query: string) =>
    (
      (await specialist.get(`/api/v1/tasks?limit=100&${query}`).expect(200)).body.items as { id: string }[]
    ).map(({ id }) => id);
  expect(await ids('due-before=2026-12-01T10:00:00Z')).not.toContain(task);
  expect(await ids('due-before=2026-12-01T17:00:01%2B07:00')).toContain(task);
  expect(await ids('claimed=me')).not.toContain(task);
  expect(await ids('procedure=another')).toEqual([]);
  await claim('vungtau.specialist');
  expect(await ids('claimed=me')).toContain(task);
  const wrong = await specialist.get('/api/v1/tasks?due-before=tomorrow');
  expect(wrong.body).toMatchObject({ type: '/problems/invalid-request' });
});

test('a claimed task is left by colleagues until it is given back', async () => {
  await api.db('tasks').where({ id: task }).update({ claimed_by: 'colleague', claimed_name: 'Somebody' });
  expect((await claim('vungtau.specialist')).body).toMatchObject({ type: '/problems/claimed-by-another' });
  expect((await complete('vungtau.specialist')).status).toBe(409);
  expect((await claim('vungtau.head', 'delete')).status).toBe(204);
  expect((await claim('vungtau.specialist')).body).toEqual({ id: task, claimedBy: 'Phạm Minh Khoa' });
  expect((await complete('vungtau.specialist')).body).toEqual({ case: code, task: 'repair' });
});

test('completing again with the same key gives the same answer; with a new key the task is closed', async () => {
  const key = randomUUID();
  expect((await complete('vungtau.specialist', done, key)).status).toBe(200);
  expect((await complete('vungtau.specialist', done, key)).body).toEqual({ case: code, task: 'repair' });
  expect((await complete('vungtau.specialist')).body).toMatchObject({
    type: '/problems/task-closed',
    status: 409,
  });
});

test('fifty decisions at once: one counts, forty-nine hear that the task is closed, the case hears once', async () => {
  const answers = await Promise.all(Array.from({ length: 50 }, () => complete('vungtau.specialist')));
  const statuses = answers.map((answer) => answer.status).sort();
  expect(statuses).toEqual([200, ...Array.from({ length: 49 }, () => 409)]);
  expect(await api.db('outbox').where({ case_code: code })).toHaveLength(2);
});

const assign = (officers: Officers, by: string, body: object) =>
  officers.request(by, 'put', `/api/v1/tasks/${task}/assignee`, body);

test('only the head of the agency, or an admin who says why, gives a task to somebody', async () => {
  const officers = new Officers(api);
  await officers.signIn('vungtau.specialist');
  const body = { to: 'vungtau.specialist' };
  const refusals = [
    ['vungtau.specialist', 'wrong-role'],
    ['an', 'wrong-agency'],
    ['tamthang.head', 'wrong-agency'],
    ['admin', 'invalid-form'],
  ] as const;
  for (const [by, type] of refusals)
    expect((await assign(officers, by, body)).body).toMatchObject({ type: `/problems/${type}` });
  expect((await assign(officers, 'vungtau.leader', body)).status).toBe(200);
  expect((await assign(officers, 'admin', { ...body, reason: 'Cân đối việc' })).status).toBe(200);
});

test('the head gives a claimed task to a colleague, who is told and alone can go on', async () => {
  const officers = new Officers(api);
  await officers.signIn('colleague', 'vungtau.specialist', { name: 'Đồng nghiệp' });
  await claim('vungtau.specialist');
  const answer = await assign(officers, 'vungtau.head', { to: 'colleague' });
  expect(answer.body).toEqual({ id: task, claimedBy: 'Đồng nghiệp' });
  expect((await complete('vungtau.specialist')).body).toMatchObject({ type: '/problems/claimed-by-another' });
  const record = await api.db('case_record').where({ case_code: code, event: 'assigned' }).first();
  expect(record).toMatchObject({
    actor: { sub: 'vungtau.head' },
    details: { task: 'repair', from: 'vungtau.specialist', to: { sub: 'colleague', name: 'Đồng nghiệp' } },
  });
  expect(await api.db('notices').where({ case_code: code, recipient_sub: 'colleague' })).toMatchObject([
    { notice: 'assigned' },
  ]);
  const last = await officers.request('colleague', 'post', `/api/v1/tasks/${task}/complete`, done);
  expect(last.status).toBe(200);
  expect((await assign(officers, 'vungtau.head', { to: 'colleague' })).body).toMatchObject({
    type: '/problems/task-closed',
  });
});

test('a task is given to nobody who may not perform it', async () => {
  const officers = new Officers(api);
  for (const sub of ['vungtau.reception', 'tamthang.specialist']) await officers.signIn(sub);
  const refusals = [
    ['vungtau.reception', 'wrong-role'],
    ['tamthang.specialist', 'wrong-agency'],
    ['nobody', 'unknown-person'],
  ] as const;
  for (const [to, type] of refusals)
    expect((await assign(officers, 'vungtau.head', { to })).body).toMatchObject({
      type: `/problems/${type}`,
    });
  await openNotBy('vungtau.specialist');
  expect((await assign(officers, 'vungtau.head', { to: 'vungtau.specialist' })).body).toMatchObject({
    type: '/problems/same-person',
  });
});

/** Makes the repair a task that is not for whoever did the survey, which this officer did. */
async function openNotBy(sub: string) {
  await api
    .db('tasks')
    .where({ id: task })
    .update({ not_by: ['survey'] });
  const survey = {
    case_code: code,
    name: 'survey',
    number: 1,
    role: 'specialist',
    context: {},
    state: 'done',
  };
  const closed_by = JSON.stringify({ sub, name: sub });
  await api.db('tasks').insert({ ...survey, id: randomUUID(), opened_at: api.clock.now(), closed_by });
}
