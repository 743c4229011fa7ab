import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../embedded/person.ts';
import { localDay } from '../records/local-day.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { procedures } from '../workflows/catalogue.ts';
import { startApi, type TestApi } from './api.ts';
import { openWorld, samplePermit, type World } from './world.ts';

const folder = 'samples/construction-permit';

let world: World;
/** A second API on the world's record, for people whom the sample city does not have. */
let api: TestApi;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  api = await startApi({ db: world.database.db, clock: world.clock, procedures });
});
afterAll(async () => {
  await api.stop();
  await world.close();
});

/** A citizen with the personal number that the sample application names. */
const citizen = async (sub: string) => new Person(api.url, await api.token('an', { sub }));
const officer = async (number: number) =>
  new Person(
    api.url,
    await api.token('vungtau.reception', { sub: `vungtau.reception.${number}`, name: `Công chức ${number}` }),
  );

/** The sample application whose papers were uploaded once, as a filing may name them. */
async function application(by: Person): Promise<Record<string, unknown>> {
  const sample = samplePermit();
  const papers = [];
  for (const { kind, file } of sample.papers)
    papers.push({ kind, upload: await by.upload(`${folder}/${file}`) });
  return { ...sample, papers };
}

test('fifty officers decide one task at once: one wins, forty-nine hear that it is closed', async () => {
  const an = world.as('an');
  const code = await an.file(folder, samplePermit());
  const { id } = await world.as('vungtau.reception').task(code, 'acceptance');
  const officers = await Promise.all(Array.from({ length: 50 }, (_, number) => officer(number)));
  const answers = await Promise.all(
    officers.map((each) =>
      each.request('POST', `/api/v1/tasks/${id}/complete`, { answer: { decision: 'accept' } }),
    ),
  );
  const winner = answers.findIndex(({ status }) => status === 200);
  const others = answers.filter((_, number) => number !== winner);
  expect(others.map(({ status, body }) => `${status} ${body.type}`)).toEqual(
    Array.from({ length: 49 }, () => '409 /problems/task-closed'),
  );

  await an.until(code, (view) => view.state.code === 4);
  const { db } = world.database;
  const completed = await db('case_record').where({ case_code: code, event: 'completed' });
  expect(completed.map(({ actor }) => actor.name)).toEqual([`Công chức ${winner}`]);
  const { closed_by: by } = await db('tasks').where({ id }).first('closed_by');
  expect(by.name).toBe(`Công chức ${winner}`);
  expect(await firstBrokenEntry(db, code)).toBeUndefined();
  const { events } = await world.client.workflow.getHandle(code).fetchHistory();
  const signals = events?.filter((event) => event.workflowExecutionSignaledEventAttributes);
  expect(signals?.map((event) => event.workflowExecutionSignaledEventAttributes?.signalName)).toEqual([
    'act acceptance',
  ]);
});

test('one officer clicks fifty times, each click a request of its own: the act is done once', async () => {
  const code = await world.as('an').file(folder, samplePermit());
  const reception = world.as('vungtau.reception');
  const { id } = await reception.task(code, 'acceptance');
  const click = (key: string) =>
    reception.request(
      'POST',
      `/api/v1/tasks/${id}/complete`,
      { answer: { decision: 'accept' } },
      { 'idempotency-key': key },
    );
  const again = randomUUID();
  const answers = await Promise.all([
    ...Array.from({ length: 25 }, () => click(randomUUID())),
    ...Array.from({ length: 25 }, () => click(again)),
  ]);
  const statuses = answers.map(({ status }) => status);
  const done = statuses.filter((status) => status === 200).length;
  // The repeated request either won, and all its copies hear so, or it lost as a whole.
  expect([1, 25]).toContain(done);
  expect(statuses.filter((status) => status === 409)).toHaveLength(50 - done);
  const acts = await world.database.db('outbox').where({ case_code: code }).orderBy('act').pluck('act');
  expect(acts).toEqual([1, 2]);
});

test('case codes are unique and without gaps when sixty file at once for two wards and some are refused', async () => {
  const people = await Promise.all(Array.from({ length: 6 }, (_, number) => citizen(`an.${number}`)));
  const forms = await Promise.all(people.map(application));
  const before = await numbersOf();
  const filings = Array.from({ length: 80 }, (_, index) => {
    const person = people[index % 6] as Person;
    const form = forms[index % 6] as Record<string, unknown>;
    const agency = index % 2 === 0 ? 'H29.16' : 'H29.17';
    // Two of eight, one of each ward, name a paper that nobody uploaded: noticed after the number was taken.
    const wrong = index % 8 === 3 || index % 8 === 6;
    const papers = (form['papers'] as { kind: string; upload: string }[]).map((paper, number) =>
      wrong && number === 4 ? { ...paper, upload: randomUUID() } : paper,
    );
    return person.request('POST', '/api/v1/applications', { ...form, agency, papers });
  });
  const answers = await Promise.all(filings);
  const filed = answers.filter(({ status }) => status === 201).map(({ body }) => body.code as string);
  const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body.type as string);
  expect(filed).toHaveLength(60);
  expect(refused).toEqual(Array.from({ length: 20 }, () => '/problems/unknown-upload'));

  const day = localDay(world.clock.now()).slice(2).replaceAll('-', '');
  for (const agency of ['H29.16', 'H29.17']) {
    const codes = filed.filter((code) => code.startsWith(`${agency}-`)).sort();
    const first = (before.get(agency) ?? 0) + 1;
    expect(codes).toEqual(
      codes.map((_, index) => `${agency}-${day}-${String(first + index).padStart(4, '0')}`),
    );
  }
  expect(new Set(filed).size).toBe(60);
});

/** The last number that each agency has given today. */
async function numbersOf(): Promise<Map<string, number>> {
  const rows = await world.database.db('case_numbers').where({ day: localDay(world.clock.now()) });
  return new Map(rows.map(({ agency, last }) => [agency, last]));
}
