import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadCaseFile } from '../records/case-file.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, Officers, openTask, upload } from '../testing/light-case.ts';

let api: TestApi;
let people: Officers;
beforeAll(async () => {
  api = await startApi();
  people = new Officers(api);
});
afterAll(() => api.stop());

/** An's application as the reception of the ward takes it in, who has scanned the photo. */
async function atCounter(more: object = {}) {
  const photo = { kind: 'photo', upload: await upload(api, 'vungtau.reception'), brought: 'original' };
  return { ...(await application(api)), channel: 'counter', papers: [photo], ...more };
}
const file = (by: string, body: object) => people.request(by, 'post', '/api/v1/applications', body);
const problem = async (answer: Promise<{ body: { type: string } }>) => (await answer).body.type;
const filed = async () => Number((await api.db('cases').count<{ count: number }[]>())[0]?.count);

test('only the reception of the agency takes in at its counter: no stranger, citizen, other role or other ward', async () => {
  const body = await atCounter();
  expect((await api.stranger.post('/api/v1/applications').send(body)).status).toBe(401);
  for (const by of ['an', 'vungtau.specialist', 'vungtau.leader', 'admin'])
    expect(await problem(file(by, body))).toBe('/problems/wrong-role');
  expect(await problem(file('tamthang.reception', body))).toBe('/problems/wrong-agency');
  expect(await problem(file('tamthang.reception', { ...body, channel: 'postal' }))).toBe(
    '/problems/wrong-agency',
  );
  expect(await filed()).toBe(0);
});

test('an officer takes in nothing for themselves, however they are named in it', async () => {
  await people.signIn('hoa', 'vungtau.reception', { personalNumber: '077090990001' });
  expect(await problem(file('hoa', await atCounter()))).toBe('/problems/same-person');
});

test('a citizen cannot say that an officer saw the original', async () => {
  const papers = [{ kind: 'photo', upload: await upload(api, 'an'), brought: 'original' }];
  const answer = await file('an', { ...(await application(api)), papers });
  expect(answer.body).toMatchObject({ errors: [{ pointer: '/papers/0/brought' }] });
});

test('what is taken in at the counter is a case like any other, and the citizen’s when they sign in (Decree 118/2025 Art. 15)', async () => {
  const { status, body } = await file('vungtau.reception', await atCounter());
  expect(status).toBe(201);
  const { code } = body as { code: string };
  expect(code).toMatch(/^H29\.16-\d{6}-0001$/);

  const seen = await people.request('an', 'get', `/api/v1/cases/${code}`);
  expect(seen.body).toMatchObject({
    channel: 'counter',
    takenInBy: { name: 'Lê Thị Hoa', title: 'Công chức một cửa' },
    representative: null,
    papers: [{ kind: 'photo', brought: 'original' }],
  });
  const mine = await people.request('an', 'get', '/api/v1/cases');
  expect(mine.body.items).toMatchObject([{ code, channel: 'counter' }]);
  const withdraw = await openTask(api, code, { name: 'withdraw', role: 'citizen', agency: null });
  const mayNow = await people.request('an', 'get', '/api/v1/tasks');
  expect(mayNow.body.items).toMatchObject([{ id: withdraw }]);

  expect(await problem(people.request('binh', 'get', `/api/v1/cases/${code}`))).toBe('/problems/not-yours');
  const others = await people.request('binh', 'get', '/api/v1/cases');
  expect(others.body.items).toEqual([]);
});

test('the record says on which way it came and names the officer, and holds no word of the citizen', async () => {
  const { body } = await file('vungtau.reception', await atCounter({ channel: 'postal' }));
  const code = (body as { code: string }).code;
  const entries = await api.db('case_record').where({ case_code: code });
  expect(entries).toMatchObject([
    { event: 'filed', actor: { sub: 'vungtau.reception', agency: 'H29.16' }, details: { channel: 'postal' } },
  ]);
  expect(JSON.stringify(entries)).not.toMatch(/077090990001|Nguyễn/);
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  expect(await loadCaseFile(api.db, code)).toMatchObject({
    channel: 'postal',
    takenInBy: { sub: 'vungtau.reception', name: 'Lê Thị Hoa' },
    papers: [{ kind: 'photo', brought: 'original' }],
  });
});

test('nobody decides their own case, also not an officer of the agency that has it', async () => {
  const { body } = await file('vungtau.reception', await atCounter());
  const code = (body as { code: string }).code;
  const repair = await openTask(api, code, {});
  await people.signIn('neighbour', 'vungtau.specialist', { personalNumber: '077090990001' });
  const complete = (by: string) =>
    people.request(by, 'post', `/api/v1/tasks/${repair}/complete`, { answer: { repaired: true } });
  expect(await problem(complete('neighbour'))).toBe('/problems/same-person');
  expect(await problem(people.request('neighbour', 'get', `/api/v1/cases/${code}/comments`))).toBe(
    '/problems/wrong-role',
  );
  expect((await complete('vungtau.specialist')).status).toBe(200);
});

test('taken in twice under one key there is one case', async () => {
  const before = await filed();
  const [body, key] = [await atCounter(), randomUUID()];
  const reception = await api.as('vungtau.reception');
  const send = () => reception.post('/api/v1/applications').set('Idempotency-Key', key).send(body);
  const answers = await Promise.all([send(), send()]);
  expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  expect(answers[0].body).toEqual(answers[1].body);
  expect(await filed()).toBe(before + 1);
});
