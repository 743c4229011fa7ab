import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createCaseActivities } from '../activities/cases.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { findOverdue } from '../records/health.ts';
import { releaseHeld } from '../records/outbox.ts';
import { Relay } from '../relay/relay.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';
import { streetLight } from '../testing/street-light.ts';

const repair = streetLight.tasks['repair']!;
const tasks = { repair: { ...repair, grace: '10m' as const }, check: repair };
const procedures = new Map([['streetLight', { ...streetLight, tasks }]]);
const start = new Date('2026-11-23T02:00:00Z');
const after = (minutes: number) => new Date(start.getTime() + minutes * 60_000);
let now = start;
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
  now = start;
  code = await fileCase(api);
  task = await openTask(api, code, {});
  await relay().drain();
  told.length = 0;
});

/** What Temporal was told: `act <number>` of this test's case. */
const told: string[] = [];
const temporal = {
  withDeadline: (_at: number, call: () => Promise<unknown>) => call(),
  workflow: {
    start: () => Promise.resolve(),
    getHandle: (of: string) => ({
      signal: (_signal: unknown, { act }: { act: number }) =>
        Promise.resolve(of === code ? void told.push(`act ${act}`) : undefined),
    }),
  },
} as unknown as Client;
const relay = () => new Relay({ ...api, databaseUrl: '', client: temporal });

const by = (sub: string, verb: string, id = task, body?: object) =>
  officers.request(sub, 'post', `/api/v1/tasks/${id}/${verb}`, body);
const complete = (id = task) => by('vungtau.specialist', 'complete', id, { answer: { repaired: true } });
const undo = (sub = 'vungtau.specialist') => by(sub, 'undo');
const rowOf = (id = task) => api.db('tasks').where({ id }).first();
const activities = () => createCaseActivities({ db: api.db, letter: () => Promise.resolve() });
/** What the engine does when the deadline of the repair has passed. */
const expire = (run = 'run', step = 1) =>
  activities().step({
    case: code,
    run,
    step,
    at: now.toISOString(),
    ops: [{ op: 'close', task: 'repair', number: 1, as: 'expired' }],
  });

test('nobody else undoes an act, and an act without grace is not undone', async () => {
  await officers.signIn('colleague', 'vungtau.specialist');
  expect((await undo()).body).toMatchObject({ type: '/problems/not-yours' });
  await complete();
  expect((await api.stranger.post(`/api/v1/tasks/${task}/undo`)).status).toBe(401);
  for (const sub of ['colleague', 'vungtau.head', 'admin'])
    expect((await undo(sub)).body).toMatchObject({ type: '/problems/not-yours', status: 403 });
  const check = await openTask(api, code, { name: 'check' });
  expect((await complete(check)).body).toEqual({ case: code, task: 'check' });
  expect((await by('vungtau.specialist', 'undo', check)).body).toMatchObject({ type: '/problems/undo-over' });
});

test('an act with grace can be undone for ten minutes, and its case hears of it only then', async () => {
  expect((await complete()).body).toMatchObject({ undoUntil: after(10).toISOString() });
  now = new Date(after(10).getTime() - 1);
  expect(await relay().drain()).toBe(0);
  expect(await findOverdue(api.db, now)).toMatchObject({ unsentActs: 0 });
  now = after(10);
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over', status: 409 });
  await relay().drain();
  expect(told).toEqual(['act 2']);
  now = start;
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over' });
});

test('undone, the task is open again, the case never hears of it, and the record keeps both', async () => {
  await complete();
  expect((await undo()).body).toEqual({ case: code, task: 'repair' });
  expect(await rowOf()).toMatchObject({ state: 'open', answer: null, closed_by: null, closed_at: null });
  const record = await api.db('case_record').where({ case_code: code }).orderBy('number').pluck('event');
  expect(record).toEqual(['filed', 'completed', 'undone']);
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();

  expect((await complete()).status).toBe(200);
  now = after(20);
  await relay().drain();
  expect(told).toEqual(['act 3']);
});

test('a later act of the case waits for the held one, and goes on at once when that is undone', async () => {
  const check = await openTask(api, code, { name: 'check' });
  await complete();
  await complete(check);
  await relay().drain();
  expect(told).toEqual([]);
  await undo();
  await relay().drain();
  expect(told).toEqual(['act 3']);
});

test('a later act of the case never overtakes the held one', async () => {
  const check = await openTask(api, code, { name: 'check' });
  await complete();
  await complete(check);
  now = after(10);
  await relay().drain();
  expect(told).toEqual(['act 2', 'act 3']);
});

test('once the engine has taken the answer of a task whose time is over, it is not undone, whatever the clocks say', async () => {
  await complete();
  const { tasks } = await expire();
  expect(tasks['repair#1']).toMatchObject({ state: 'done', answer: { repaired: true } });
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over' });
  await relay().drain();
  expect(told).toEqual(['act 2']);
});

test('after the deadline of the task its act counts for good, though the engine has not come yet', async () => {
  await api
    .db('tasks')
    .where({ id: task })
    .update({ expires_at: after(5) });
  await complete();
  now = after(5);
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over' });
});

test('undoing, releasing, the engine and a second undo at once: the story and the record never disagree', async () => {
  for (let round = 0; round < 15; round++) {
    now = start;
    code = await fileCase(api);
    task = await openTask(api, code, {});
    await relay().drain();
    await complete();
    const [first, step, second] = await Promise.all([
      undo(),
      expire(),
      undo(),
      round % 2 ? releaseHeld(api.db, after(10)) : Promise.resolve(),
    ]);
    const undone = [first, second].filter(({ status }) => status === 200).length;
    const left = await api.db('outbox').where({ case_code: code, act: 2 });
    const { state } = await rowOf();
    // Either the engine saw an open task and the act was never there, or it took the answer and the act stays.
    expect({ undone, engine: step.tasks['repair#1']?.state, row: state, messages: left.length }).toEqual(
      undone
        ? { undone: 1, engine: 'expired', row: 'expired', messages: 0 }
        : { undone: 0, engine: 'done', row: 'done', messages: 1 },
    );
    expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  }
});

test('a case that is told again from its filing takes the held answer, and it is not undone any more', async () => {
  await complete();
  await activities().step({
    case: code,
    run: randomUUID(),
    step: 1,
    at: now.toISOString(),
    ops: [{ op: 'open', task: 'repair', number: 1, role: 'specialist', notBy: [], context: {}, due: '3wd' }],
  });
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over' });
});

test('a case that has ended takes nothing back', async () => {
  await complete();
  await api.db('cases').where({ code }).update({ closed_at: now });
  expect((await undo()).body).toMatchObject({ type: '/problems/undo-over' });
});
