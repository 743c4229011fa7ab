import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';
import { BulkRunner } from './bulk-runner.ts';

let api: TestApi;
let officers: Officers;
let tasks: string[];
beforeAll(async () => {
  api = await startApi();
  officers = new Officers(api);
  for (const sub of ['vungtau.specialist', 'vungtau.head']) await officers.signIn(sub);
});
afterAll(() => api.stop());
beforeEach(async () => {
  await officers.signIn('vungtau.specialist');
  const codes = await Promise.all(Array.from({ length: 6 }, () => fileCase(api)));
  tasks = await Promise.all(codes.map((code) => openTask(api, code, {})));
});

const answer = { repaired: true };
async function submit(by: string, body: object): Promise<string> {
  const submitted = await officers.request(by, 'post', '/api/v1/bulk', { tasks, ...body });
  expect(submitted.status).toBe(202);
  return submitted.body.id as string;
}
const report = (by: string, id: string) => officers.request(by, 'get', `/api/v1/bulk/${id}`);
const drain = () => new BulkRunner(api).drain();

test('strangers submit nothing, and a report is for whoever submitted it and for admins', async () => {
  expect((await api.stranger.post('/api/v1/bulk').send({ act: 'claim', tasks })).status).toBe(401);
  const id = await submit('vungtau.specialist', { act: 'claim' });
  expect((await api.stranger.get(`/api/v1/bulk/${id}`)).status).toBe(401);
  expect((await report('vungtau.head', id)).body).toMatchObject({ type: '/problems/not-yours' });
  expect((await report('admin', id)).body).toMatchObject({ counts: { waiting: 6, done: 0, refused: 0 } });
  expect((await report('admin', randomUUID())).status).toBe(404);
});

test('a bulk act names between one and five hundred tasks and a known act', async () => {
  for (const body of [
    { act: 'claim', tasks: [] },
    { act: 'claim', tasks: Array.from({ length: 501 }, () => randomUUID()) },
    { act: 'destroy', tasks },
    { act: 'assign', tasks },
  ])
    expect((await officers.request('vungtau.specialist', 'post', '/api/v1/bulk', body)).body).toMatchObject({
      type: '/problems/invalid-form',
    });
});

test('each item has the guards of a single act, and the report says what failed and why', async () => {
  const [claimed, done, own, foreign, wrong] = tasks as [string, string, string, string, string];
  const db = api.db('tasks');
  await db.clone().where({ id: claimed }).update({ claimed_by: 'colleague', claimed_name: 'Đồng nghiệp' });
  await db.clone().where({ id: done }).update({ state: 'done', closed_by: '{}' });
  await db.clone().where({ id: foreign }).update({ agency: 'H29.17' });
  await db.clone().where({ id: wrong }).update({ role: 'head' });
  const nowhere = randomUUID();
  const id = await submit('vungtau.specialist', { act: 'complete', answer, tasks: [...tasks, nowhere, own] });
  await drain();
  const { body } = await report('vungtau.specialist', id);
  expect(body.counts).toEqual({ waiting: 0, done: 2, refused: 5 });
  const why = Object.fromEntries(
    (body.items as { task: string; why?: { type: string } }[]).map((item) => [item.task, item.why?.type]),
  );
  expect(why).toEqual({
    [claimed]: 'claimed-by-another',
    [done]: 'task-closed',
    [own]: undefined,
    [foreign]: 'wrong-agency',
    [wrong]: 'wrong-role',
    [tasks[5]!]: undefined,
    [nowhere]: 'not-found',
  });
});

test('an answer that does not fit the form is refused item by item, with pointers', async () => {
  const id = await submit('vungtau.specialist', { act: 'complete', answer: { repaired: 'yes' } });
  await drain();
  const { body } = await report('vungtau.specialist', id);
  expect(body.counts).toEqual({ waiting: 0, done: 0, refused: 6 });
  expect(body.items[0].why).toMatchObject({
    type: 'invalid-form',
    errors: [{ pointer: '/answer/repaired' }],
  });
  expect(await api.db('tasks').whereIn('id', tasks).where({ state: 'open' })).toHaveLength(6);
});

test('the head distributes tasks at once', async () => {
  const id = await submit('vungtau.head', { act: 'assign', to: 'vungtau.specialist' });
  await drain();
  expect((await report('vungtau.head', id)).body.counts).toEqual({ waiting: 0, done: 6, refused: 0 });
  expect(await api.db('tasks').whereIn('id', tasks).where({ claimed_by: 'vungtau.specialist' })).toHaveLength(
    6,
  );
});

test('authority counts at the instant of each item: a role that is lost meanwhile does nothing more', async () => {
  const id = await submit('vungtau.specialist', { act: 'complete', answer });
  await officers.signIn('vungtau.specialist', 'vungtau.specialist', { roles: ['reception'] });
  await drain();
  const { body } = await report('vungtau.specialist', id);
  expect(body.counts).toEqual({ waiting: 0, done: 0, refused: 6 });
  expect(body.items[0].why).toMatchObject({ type: 'wrong-role' });
});

test('runners whose connections die in the middle of items leave each item done once', async () => {
  const codes = await api.db('tasks').whereIn('id', tasks).pluck('case_code');
  await api.db.raw(`
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END';
    CREATE TRIGGER slow BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION slow()`);
  const id = await submit('vungtau.specialist', { act: 'complete', answer });
  const runners = [new BulkRunner(api), new BulkRunner(api)];
  for (const runner of runners) runner.start();
  let killed = 0;
  while (killed < 3) {
    const { rows } = await api.db.raw<{ rows: unknown[] }>(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' LIMIT 1`,
    );
    killed += rows.length;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const counts = async () => (await report('vungtau.specialist', id)).body.counts;
  await expect.poll(counts, { timeout: 15_000 }).toEqual({ waiting: 0, done: 6, refused: 0 });
  await Promise.all(runners.map((runner) => runner.stop()));
  await api.db.raw('DROP FUNCTION slow CASCADE');
  // One filing and one act a case: nothing was told twice.
  expect(await api.db('outbox').whereIn('case_code', codes)).toHaveLength(12);
  expect(await api.db('case_record').whereIn('case_code', codes).where({ event: 'completed' })).toHaveLength(
    6,
  );
});

test('an item that never succeeds is given up, says so, and holds up nothing else', async () => {
  const id = await submit('vungtau.specialist', { act: 'claim' });
  const [broken] = tasks as [string];
  await api.db.raw(`
    CREATE FUNCTION break_one() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN IF NEW.id = ''${broken}'' THEN RAISE EXCEPTION ''broken''; END IF; RETURN NEW; END';
    CREATE TRIGGER break_one BEFORE UPDATE ON tasks FOR EACH ROW EXECUTE FUNCTION break_one()`);
  for (let round = 0; round < 6; round++) await drain().catch(() => undefined);
  await api.db.raw('DROP FUNCTION break_one CASCADE');
  const { body } = await report('vungtau.specialist', id);
  expect(body.counts).toEqual({ waiting: 0, done: 5, refused: 1 });
  expect(body.items.find(({ task }: { task: string }) => task === broken)).toMatchObject({
    why: { type: 'internal' },
  });
});
