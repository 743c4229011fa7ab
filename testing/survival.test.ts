import { afterAll, beforeAll, beforeEach, expect, onTestFailed, test } from 'vitest';
import type { Part } from '../embedded/launch.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { openInstallation, type Installation } from './installation.ts';
import { insist, Patient } from './patient.ts';
import { samplePermit } from './world.ts';

const folder = 'samples/construction-permit';
const accept = { decision: 'accept' };
const approve = { decision: 'approve' };
const appraised = { conclusion: 'eligible', reasons: 'Hồ sơ phù hợp quy hoạch.' };

let city: Installation;
let application: Record<string, unknown>;
const people = new Map<string, Patient>();
beforeAll(async () => {
  city = await openInstallation();
  for (const sub of [
    'an',
    ...['reception', 'specialist', 'head', 'leader', 'clerk'].map((role) => `vungtau.${role}`),
  ])
    people.set(sub, await Patient.signIn(city.url, sub));
  application = await withUploads();
}, 120_000);
afterAll(() => city.stop(), 60_000);
beforeEach(() => onTestFailed(() => console.error(city.diagnosis())));

const as = (sub: string) => people.get(sub) as Patient;
const citizen = () => as('an');
const officer = (role: string) => as(`vungtau.${role}`);

/** The sample application with its papers uploaded. */
async function withUploads(): Promise<Record<string, unknown>> {
  const sample = samplePermit();
  const papers = [];
  for (const { kind, file } of sample.papers)
    papers.push({ kind, upload: await citizen().upload(`${folder}/${file}`) });
  return { ...sample, papers };
}

async function file(): Promise<string> {
  const answer = await citizen().request('POST', '/api/v1/applications', application);
  expect(answer.status).toBe(201);
  return answer.body.code as string;
}

const fileMany = (count: number) => Promise.all(Array.from({ length: count }, file));
const unsent = async () => city.db('outbox').whereNull('sent_at').orderBy('id').pluck('case_code');
const allTold = () => insist('an empty outbox', async () => (await unsent()).length === 0 || undefined);
const hasTask = (role: string, name: string) => (code: string) => officer(role).task(code, name);

/** What people did in a case, by the record: every act once. */
async function actsOf(code: string): Promise<string[]> {
  const entries: { event: string; details: { task?: string } }[] = await city
    .db('case_record')
    .where({ case_code: code })
    .whereIn('event', ['filed', 'completed'])
    .orderBy('number');
  return entries.map(({ event, details }) => details.task ?? event);
}

/** The tasks that the engine opened in a case, by the record. */
async function openedIn(code: string): Promise<string[]> {
  const entries: { details: { task: string } }[] = await city
    .db('case_record')
    .where({ case_code: code, event: 'open' })
    .orderBy('number');
  return entries.map(({ details }) => details.task);
}

/** What the engine made of a case: its letters and notices, whose rows would be two if a step were done twice. */
async function madeOf(code: string): Promise<string[]> {
  const documents = await city.db('documents').where({ case_code: code }).pluck('document');
  const notices = await city.db('notices').where({ case_code: code }).pluck('notice');
  return [...documents, ...notices.map((notice: string) => `notice ${notice}`)].sort();
}

const received = ['notice received', 'notice received'];

/** The numbers that cases got so far; gap-free if they are 1, 2, 3 … */
async function expectNoGaps(): Promise<void> {
  const codes: string[] = await city.db('cases').orderBy('code').pluck('code');
  const numbers = codes.map((code) => Number(code.slice(-4)));
  expect(numbers).toEqual(numbers.map((_, index) => index + 1));
}

test('acts taken while Temporal is down reach their cases when it is back, each exactly once', async () => {
  const open = await fileMany(5);
  const tasks = await Promise.all(open.map(hasTask('reception', 'acceptance')));
  await allTold();

  await city.temporal.kill();
  const filed = await fileMany(10);
  const decided = await Promise.all(
    tasks.map((id) =>
      officer('reception').request('POST', `/api/v1/tasks/${id}/complete`, { answer: accept }),
    ),
  );
  expect(decided.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200]);
  expect((await unsent()).sort()).toEqual([...open, ...filed].sort());

  await city.temporal.start();
  await allTold();
  await Promise.all([
    ...open.map(hasTask('specialist', 'appraisal')),
    ...filed.map(hasTask('reception', 'acceptance')),
  ]);
  for (const code of open) {
    expect(await actsOf(code)).toEqual(['filed', 'acceptance']);
    expect(await madeOf(code)).toEqual(['form-01', 'notice accepted', ...received]);
    expect(await city.temporal.signals(code)).toEqual(['act acceptance']);
  }
  for (const code of filed) {
    expect(await actsOf(code)).toEqual(['filed']);
    expect(await city.temporal.signals(code)).toEqual([]);
  }
  await expectNoGaps();
}, 150_000);

test('acts told again after an unclean stop are heard twice and done once', async () => {
  const code = await file();
  await officer('reception').complete(code, 'acceptance', accept);
  const appraisal = await officer('specialist').task(code, 'appraisal');
  const before = await city.db('case_record').where({ case_code: code }).orderBy('number');
  await city.db('outbox').where({ case_code: code }).update({ sent_at: null });
  await allTold();
  expect(await city.temporal.signals(code)).toEqual(['act acceptance', 'act acceptance']);
  await officer('specialist').request('POST', `/api/v1/tasks/${appraisal}/complete`, { answer: appraised });
  await citizen().until(code, (view) => view.state.code === 6);
  expect(await actsOf(code)).toEqual(['filed', 'acceptance', 'appraisal']);
  expect(await madeOf(code)).toEqual(['form-01', 'notice accepted', 'notice payment', ...received]);
  const after = await city.db('case_record').where({ case_code: code }).orderBy('number');
  expect(after.slice(0, before.length)).toEqual(before);
}, 60_000);

test('cases go on where they stood when Temporal has lost everything', async () => {
  await city.tell('LAND_REGISTRY', { mode: 'down' });
  const delayed = await file();
  await citizen().until(delayed, (view) => view.waiting !== null);
  await city.tell('LAND_REGISTRY', {});
  const codes = [delayed, await file()];
  const appraisals = [];
  for (const code of codes) {
    await officer('reception').complete(code, 'acceptance', accept);
    appraisals.push(await officer('specialist').task(code, 'appraisal'));
  }
  await allTold();

  await city.temporal.kill();
  await city.temporal.start('lost');
  for (const id of appraisals)
    await officer('specialist').request('POST', `/api/v1/tasks/${id}/complete`, { answer: appraised });
  for (const code of codes) {
    await pay(code);
    await officer('specialist').task(code, 'draft');
    expect(await actsOf(code)).toEqual(['filed', 'acceptance', 'appraisal', 'pay']);
    expect((await openedIn(code)).sort()).toEqual(['acceptance', 'appraisal', 'draft', 'pay', 'withdraw']);
    expect(await madeOf(code)).toEqual(['form-01', 'notice accepted', 'notice payment', ...received]);
    expect(await firstBrokenEntry(city.db, code)).toBeUndefined();
  }
}, 120_000);

/** The processes that are killed, and how many milliseconds after each of the eight acts of a permit was begun. */
const victims: [Part, number[]][] = [
  ['worker', [30, 60, 15, 90, 45, 120, 10, 500]],
  ['api', [0, 5, 10, 15, 20, 3, 8, 30]],
  ['postgres', [5, 0, 15, 10, 3, 20, 30, 8]],
];

test('kill -9 of the worker, the API and PostgreSQL in the middle of each step loses nothing and doubles nothing', async () => {
  const before = new Map(victims.map(([part]) => [part, city.restarts(part)]));
  const codes = await Promise.all(victims.map(([part, delays]) => walk(part, delays)));
  await allTold();
  for (const code of codes) {
    expect(await citizen().until(code, (view) => view.closedAt !== null)).toMatchObject({
      outcome: 'granted',
    });
    const acts = ['filed', 'acceptance', 'appraisal', 'pay', 'draft', 'review', 'approval', 'registration'];
    expect(await actsOf(code)).toEqual(acts);
    expect((await openedIn(code)).sort()).toEqual([...acts.slice(1), 'withdraw'].sort());
    const notices = ['accepted', 'payment', 'received', 'received', 'result'].map(
      (notice) => `notice ${notice}`,
    );
    expect(await madeOf(code)).toEqual(['form-01', ...notices, 'permit']);
    expect(new Set(await city.temporal.signals(code))).toEqual(
      new Set(acts.slice(1).map((act) => `act ${act}`)),
    );
    expect(await firstBrokenEntry(city.db, code)).toBeUndefined();
  }
  const registered: number[] = await city.db('register_numbers').orderBy('number').pluck('number');
  expect(registered).toEqual([1, 2, 3]);
  await expectNoGaps();
  // The last one killed may still be on its way back.
  for (const [part] of victims)
    await insist(`eight new lives of ${part}`, () =>
      Promise.resolve(city.restarts(part) - (before.get(part) ?? 0) >= 8 || undefined),
    );
}, 600_000);

/** Takes one permit from filing to its result, while its victim is killed in the middle of each act. */
async function walk(victim: Part, delays: number[]): Promise<string> {
  const moments = delays.values();
  const during = async <T>(act: Promise<T>): Promise<T> => {
    await new Promise((resolve) => setTimeout(resolve, moments.next().value));
    await city.kill(victim);
    return act;
  };
  const complete = async (role: string, code: string, task: string, answer: unknown) => {
    const id = await officer(role).task(code, task);
    const done = await during(officer(role).request('POST', `/api/v1/tasks/${id}/complete`, { answer }));
    expect(`${task} ${done.status}`).toBe(`${task} 200`);
  };
  const code = await during(file());
  await complete('reception', code, 'acceptance', accept);
  await complete('specialist', code, 'appraisal', appraised);
  await citizen().until(code, (view) => view.state.code === 6);
  await during(pay(code));
  await complete('specialist', code, 'draft', { outcome: 'grant', reasons: '' });
  await complete('head', code, 'review', approve);
  await complete('leader', code, 'approval', approve);
  await complete('clerk', code, 'registration', { registered: true });
  return code;
}

/** Pays the fee at the treasury as soon as it has the order. */
const pay = (code: string) =>
  insist(`the payment of ${code}`, async () => {
    const order = `${city.treasuryUrl}/payment-orders/${code.replaceAll(/[^A-Z0-9]/g, '')}/pay`;
    return (await fetch(order, { method: 'POST' })).ok || undefined;
  });
