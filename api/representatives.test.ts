import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { loadCaseFile, performerOf } from '../records/case-file.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, Officers, openTask, upload } from '../testing/light-case.ts';
import { applicant, streetLight } from '../testing/street-light.ts';
import { engineTasks } from '../workflows/engine/engine-tasks.ts';

const supplement = { within: '15d', clock: 'restart', silence: 'closing' } as const;
const withEngineTasks = { ...streetLight, supplement };
const procedures = new Map([
  ['streetLight', { ...withEngineTasks, tasks: { ...streetLight.tasks, ...engineTasks(withEngineTasks) } }],
]);

let now: Date;
let api: TestApi;
let people: Officers;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
  people = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(() => {
  now = new Date('2026-11-23T02:00:00Z');
});

/** Bình files for An, with a power of attorney that holds until the end of November. */
async function forAn(more: object = {}, by = 'binh') {
  const authorisation = {
    number: '1234/2026/UQ',
    issuedOn: '2026-11-20',
    validUntil: '2026-11-30',
    upload: await upload(api, by),
  };
  return {
    ...(await application(api)),
    applicant: { ...applicant, onBehalf: 'authorised' },
    papers: [{ kind: 'photo', upload: await upload(api, by) }],
    representative: { fullName: 'Trần Thị Bình', personalNumber: '077185990002', authorisation },
    ...more,
  };
}
const file = (by: string, body: object) => people.request(by, 'post', '/api/v1/applications', body);
async function filedForAn(): Promise<string> {
  const answer = await file('binh', await forAn());
  expect(answer.status).toBe(201);
  return (answer.body as { code: string }).code;
}
const withdrawal = (code: string) => openTask(api, code, { name: 'withdraw', role: 'citizen', agency: null });
const complete = (by: string, task: string, answer: object) =>
  people.request(by, 'post', `/api/v1/tasks/${task}/complete`, { answer });
const end = (by: string, code: string) =>
  people.request(by, 'delete', `/api/v1/cases/${code}/representative`);
const problem = async (answer: Promise<{ body: { type: string } }>) => (await answer).body.type;
const pointers = async (answer: Promise<{ body: { errors: { pointer: string }[] } }>) =>
  (await answer).body.errors.map(({ pointer }) => pointer);

test('who says that they are authorised must show by what', async () => {
  expect(await pointers(file('binh', await forAn({ representative: undefined })))).toEqual([
    '/representative',
  ]);
});

test('nobody files as a representative under another name than their own', async () => {
  await people.signIn('cuong', 'an', { personalNumber: '077080990003' });
  const body = await forAn({}, 'cuong');
  expect(await pointers(file('cuong', body))).toEqual(['/representative/personalNumber']);
});

test.each([
  ['is over', { issuedOn: '2026-11-01', validUntil: '2026-11-22' }, 'validUntil'],
  ['has not begun', { issuedOn: '2026-11-24', validUntil: '2026-11-30' }, 'issuedOn'],
])('an authorisation that %s lets nobody file', async (_what, days, field) => {
  const body = await forAn();
  const authorisation = { ...body.representative.authorisation, ...days };
  const answer = file('binh', { ...body, representative: { ...body.representative, authorisation } });
  expect(await pointers(answer)).toEqual([`/representative/authorisation/${field}`]);
});

test('the paper of the authorisation must be the representative’s own upload', async () => {
  const body = await forAn();
  const authorisation = { ...body.representative.authorisation, upload: await upload(api, 'an') };
  const answer = file('binh', { ...body, representative: { ...body.representative, authorisation } });
  expect(await pointers(answer)).toEqual(['/representative/authorisation/upload']);
});

test('a representative files, follows and downloads for the applicant, whose case it is (Civil Code 2015 Art. 138)', async () => {
  const code = await filedForAn();
  for (const by of ['binh', 'an']) {
    const seen = await people.request(by, 'get', `/api/v1/cases/${code}`);
    expect(seen.body).toMatchObject({
      channel: 'online',
      representative: { fullName: 'Trần Thị Bình', number: '1234/2026/UQ', validUntil: '2026-11-30' },
      papers: [{ kind: 'photo' }, { kind: 'authorisation' }],
    });
    const list = await people.request(by, 'get', '/api/v1/cases');
    expect(list.body.items).toContainEqual(expect.objectContaining({ code }));
    expect((await people.request(by, 'get', `/api/v1/cases/${code}/papers/2`)).status).toBe(200);
  }
  expect(await loadCaseFile(api.db, code)).toMatchObject({
    applicant: { fullName: 'Nguyễn Văn An' },
    representative: { fullName: 'Trần Thị Bình', personalNumber: '077185990002', endedAt: null },
  });
});

test('what a representative does is done in their own name for the applicant, and the record says both', async () => {
  const code = await filedForAn();
  const supply = await openTask(api, code, { name: 'supply', role: 'citizen', agency: null });
  const papers = [{ kind: 'sketch', upload: await upload(api, 'binh') }];
  const listed = await people.request('binh', 'get', `/api/v1/tasks?case=${code}`);
  expect(listed.body.items).toMatchObject([{ id: supply }]);
  expect((await complete('binh', supply, { papers })).status).toBe(200);

  const { applicant_sub: sub } = await api.db('cases').where({ code }).first<{ applicant_sub: string }>();
  const byBinh = { sub: 'binh', roles: ['citizen'], as: 'representative', for: { sub } };
  const entries = await api.db('case_record').where({ case_code: code }).orderBy('number');
  expect(entries.map(({ event, actor }) => ({ event, actor }))).toEqual([
    { event: 'filed', actor: byBinh },
    { event: 'completed', actor: byBinh },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/07709099|07718599|Nguyễn|Trần/);
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  expect(await performerOf(api.db, code, 'supply')).toMatchObject({
    sub: 'binh',
    for: { sub, name: 'Nguyễn Văn An' },
  });
  const timeline = await people.request('an', 'get', `/api/v1/cases/${code}/timeline`);
  expect(timeline.body.items[1].actor).toEqual({ roles: ['citizen'], as: 'representative', for: {} });
});

test('authority ends by itself with the last day of the authorisation, local time', async () => {
  const code = await filedForAn();
  const withdraw = await withdrawal(code);
  const sees = async () => (await people.request('binh', 'get', `/api/v1/cases/${code}`)).status;
  now = new Date('2026-11-30T16:59:59.999Z');
  expect(await sees()).toBe(200);
  now = new Date('2026-11-30T17:00:00Z');
  expect(await sees()).toBe(403);
  expect(await problem(complete('binh', withdraw, { reason: 'Đổi ý' }))).toBe('/problems/not-yours');
  const list = await people.request('binh', 'get', '/api/v1/cases?limit=100');
  expect(list.body.items).not.toContainEqual(expect.objectContaining({ code }));
  const tasks = await people.request('binh', 'get', `/api/v1/tasks?case=${code}`);
  expect(tasks.body.items).toEqual([]);
  expect((await complete('an', withdraw, { reason: 'Đổi ý' })).status).toBe(200);
});

test('strangers, other citizens and other officers end no authority', async () => {
  const code = await filedForAn();
  expect((await api.stranger.delete(`/api/v1/cases/${code}/representative`)).status).toBe(401);
  await people.signIn('cuong', 'an', { personalNumber: '077080990003' });
  expect(await problem(end('cuong', code))).toBe('/problems/not-yours');
  expect(await problem(end('tamthang.reception', code))).toBe('/problems/wrong-agency');
  expect(await problem(end('vungtau.specialist', code))).toBe('/problems/wrong-role');
});

test.each(['an', 'binh', 'vungtau.reception'])(
  '%s ends the authority of the representative, who then may nothing more (Civil Code 2015 Art. 140)',
  async (by) => {
    const code = await filedForAn();
    const withdraw = await withdrawal(code);
    const may = await people.request(by, 'get', `/api/v1/cases/${code}/actions`);
    expect(may.body.items).toContainEqual(
      expect.objectContaining({ act: 'end-representation', method: 'DELETE', allowed: true }),
    );
    expect((await end(by, code)).status).toBe(204);
    for (const path of ['', '/timeline', '/papers/1', '/actions'])
      expect((await people.request('binh', 'get', `/api/v1/cases/${code}${path}`)).status).toBe(403);
    expect(await problem(complete('binh', withdraw, { reason: 'Đổi ý' }))).toBe('/problems/not-yours');
    expect((await end('an', code)).status).toBe(204);
    const events = await api.db('case_record').where({ case_code: code }).orderBy('number').pluck('event');
    expect(events).toEqual(['filed', 'representation-ended']);
    expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  },
);

test('a case without a representative has no authority to end', async () => {
  const { body } = await file('an', await application(api));
  expect((await end('an', (body as { code: string }).code)).status).toBe(404);
});

test('at the counter the reception takes in for an applicant who is represented', async () => {
  const body = await forAn({ channel: 'counter' }, 'vungtau.reception');
  const { code } = (await file('vungtau.reception', body)).body as { code: string };
  expect((await people.request('binh', 'get', `/api/v1/cases/${code}`)).body).toMatchObject({
    channel: 'counter',
    representative: { fullName: 'Trần Thị Bình' },
  });
});
