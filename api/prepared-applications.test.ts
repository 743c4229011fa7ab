import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { forgetPrepared } from '../records/prepared-applications.ts';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, Officers, openTask, upload } from '../testing/light-case.ts';
import { streetLight } from '../testing/street-light.ts';
import { engineTasks } from '../workflows/engine/engine-tasks.ts';

const neighbours = { ...streetLight, coApplicants: { vi: 'Hàng xóm', en: 'Neighbour' } };
const procedures = new Map([
  ['streetLight', { ...neighbours, tasks: { ...streetLight.tasks, ...engineTasks(neighbours) } }],
  ['alone', { ...streetLight, code: '9.000002' as const }],
]);
const binh = { fullName: 'Trần Thị Bình', personalNumber: '077185990002' };
const cuong = { fullName: 'Lê Văn Cường', personalNumber: '077080990003' };

let now: Date;
let api: TestApi;
let people: Officers;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
  people = new Officers(api);
  await people.signIn('cuong', 'an', { personalNumber: cuong.personalNumber });
  await people.signIn('dung', 'an', { personalNumber: '077080990004' });
});
afterAll(() => api.stop());
beforeEach(() => {
  now = new Date('2026-11-23T02:00:00Z');
});

const days = (count: number) => new Date(now.getTime() + count * 86_400_000);
const file = (by: string, body: object) => people.request(by, 'post', '/api/v1/applications', body);
async function prepared(coApplicants: object[] = [binh, cuong]): Promise<string> {
  const answer = await file('an', { ...(await application(api)), coApplicants });
  expect(answer.status).toBe(202);
  return (answer.body as { id: string }).id;
}
const at = (id: string, what = '') => `/api/v1/applications/${id}${what}`;
const sign = (by: string, id: string) => people.request(by, 'post', at(id, '/co-signature'));
const refuse = (by: string, id: string) =>
  people.request(by, 'post', at(id, '/refusal'), { reason: 'Chưa đồng ý' });
const problem = async (answer: Promise<{ body: { type: string } }>) => (await answer).body.type;
const cases = async () => Number((await api.db('cases').count<{ count: number }[]>())[0]?.count);

test('an application names each co-applicant once, beside the applicant, where the procedure takes them', async () => {
  const self = { fullName: 'Nguyễn Văn An', personalNumber: '077090990001' };
  const answer = await file('an', { ...(await application(api)), coApplicants: [self, binh, binh] });
  expect(answer.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/coApplicants/0/personalNumber',
    '/coApplicants/2/personalNumber',
  ]);
  const alone = { ...(await application(api)), procedure: '9.000002', coApplicants: [binh] };
  expect((await file('an', alone)).body).toMatchObject({ errors: [{ pointer: '/coApplicants' }] });
});

test('a stranger, another citizen and an officer see, sign, refuse and take back nothing', async () => {
  const id = await prepared();
  expect((await api.stranger.get(at(id))).status).toBe(401);
  expect((await api.stranger.post(at(id, '/co-signature'))).status).toBe(401);
  for (const by of ['dung', 'vungtau.reception', 'admin']) {
    for (const path of [at(id), at(id, '/papers/1')])
      expect(await problem(people.request(by, 'get', path))).toBe('/problems/not-yours');
    expect(await problem(sign(by, id))).toBe('/problems/not-yours');
    expect(await problem(refuse(by, id))).toBe('/problems/not-yours');
    expect(await problem(people.request(by, 'delete', at(id)))).toBe('/problems/not-yours');
    expect((await people.request(by, 'get', '/api/v1/applications')).body.items).toEqual([]);
  }
  expect(await problem(sign('an', id))).toBe('/problems/not-yours');
  expect(await problem(people.request('binh', 'delete', at(id)))).toBe('/problems/not-yours');
});

test('until all have signed there is no case, no number and no message; the last signature files it', async () => {
  const [before, messages] = [await cases(), await api.db('outbox').count()];
  const id = await prepared();
  now = days(1);
  expect((await sign('binh', id)).body).toMatchObject({ id, waitingFor: 1 });
  expect((await sign('binh', id)).body).toMatchObject({ id, waitingFor: 1 });
  expect([await cases(), await api.db('outbox').count()]).toEqual([before, messages]);
  const seen = await people.request('cuong', 'get', at(id));
  expect(seen.body).toMatchObject({
    state: 'open',
    coApplicants: [{ fullName: binh.fullName, signedAt: now.toISOString() }, { signedAt: null }],
    content: { answers: { pole: 'VT-17' }, papers: [{ number: 1, kind: 'photo' }] },
  });
  expect((await people.request('cuong', 'get', at(id, '/papers/1'))).status).toBe(200);

  now = days(1);
  const { status, body } = await sign('cuong', id);
  expect(status).toBe(201);
  const { code } = body as { code: string };
  expect(code).toMatch(/^H29\.16-261125-0001$/);
  for (const by of ['an', 'binh', 'cuong']) {
    const found = await people.request(by, 'get', `/api/v1/cases/${code}`);
    expect(found.body).toMatchObject({
      filedAt: now.toISOString(),
      coApplicants: [{ fullName: binh.fullName }, { fullName: cuong.fullName, signedAt: now.toISOString() }],
    });
    const list = await people.request(by, 'get', '/api/v1/cases');
    expect(list.body.items).toContainEqual(expect.objectContaining({ code }));
  }
  const record = await api.db('case_record').where({ case_code: code }).orderBy('number');
  expect(record.map(({ event, actor }) => [event, actor])).toEqual([
    ['co-signed', { sub: 'binh', roles: ['citizen'], as: 'co-applicant' }],
    ['co-signed', { sub: 'cuong', roles: ['citizen'], as: 'co-applicant' }],
    ['filed', { sub: 'an', roles: ['citizen'] }],
  ]);
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  const kept = await people.request('an', 'get', at(id));
  expect(kept.body).toMatchObject({ state: 'filed', case: code, content: null });
  expect(await problem(sign('cuong', id))).toBe('/problems/application-over');
});

test('two last signatures at once file one case', async () => {
  const before = await cases();
  const id = await prepared();
  const answers = await Promise.all([sign('binh', id), sign('cuong', id)]);
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 201]);
  expect(await cases()).toBe(before + 1);
});

test('a co-applicant refuses with a reason, also after having signed, and the application has ended', async () => {
  const id = await prepared();
  await sign('binh', id);
  expect((await people.request('binh', 'post', at(id, '/refusal'), { reason: ' ' })).status).toBe(422);
  expect((await refuse('binh', id)).status).toBe(204);
  expect((await people.request('an', 'get', at(id))).body).toMatchObject({
    state: 'refused',
    coApplicants: [{ reason: 'Chưa đồng ý', signedAt: null }, { signedAt: null }],
    content: null,
  });
  expect(await problem(sign('cuong', id))).toBe('/problems/application-over');
});

test('who prepared it takes it back', async () => {
  const id = await prepared();
  expect((await people.request('an', 'delete', at(id))).status).toBe(204);
  expect((await people.request('an', 'get', at(id))).body).toMatchObject({ state: 'taken-back' });
  expect(await problem(sign('binh', id))).toBe('/problems/application-over');
});

test('an application that is not signed within fifteen days expires by itself and is forgotten later', async () => {
  const id = await prepared([binh]);
  now = new Date(days(15).getTime() - 1);
  expect((await people.request('binh', 'get', at(id))).body).toMatchObject({ state: 'open' });
  now = new Date(now.getTime() + 1);
  expect((await people.request('binh', 'get', at(id))).body).toMatchObject({ state: 'expired' });
  expect(await problem(sign('binh', id))).toBe('/problems/application-over');
  await forgetPrepared(api.db, days(1));
  expect((await people.request('an', 'get', at(id))).status).toBe(404);
});

test('what a representative prepared waits no longer than they may act, and the applicant takes it back', async () => {
  const photo = { kind: 'photo', upload: await upload(api, 'binh') };
  const authorisation = {
    number: '1234/2026/UQ',
    issuedOn: '2026-11-20',
    validUntil: '2026-11-24',
    upload: await upload(api, 'binh'),
  };
  const given = await application(api);
  const body = {
    ...given,
    applicant: { ...given.applicant, onBehalf: 'authorised' },
    papers: [photo],
    representative: { ...binh, authorisation },
    coApplicants: [cuong],
  };
  const { id, expiresAt } = (await file('binh', body)).body as { id: string; expiresAt: string };
  expect(expiresAt).toBe('2026-11-24T17:00:00.000Z');
  expect((await people.request('binh', 'get', at(id))).status).toBe(200);
  now = new Date(expiresAt);
  expect(await problem(sign('cuong', id))).toBe('/problems/application-over');
  expect(await problem(people.request('binh', 'get', at(id)))).toBe('/problems/not-yours');
  expect((await people.request('an', 'get', at(id))).body).toMatchObject({ state: 'expired' });

  now = new Date('2026-11-23T03:00:00Z');
  expect((await people.request('an', 'delete', at(id))).status).toBe(204);
});

test('a co-applicant may withdraw the case, and nothing else that only the applicant does', async () => {
  const id = await prepared([binh]);
  const { code } = (await sign('binh', id)).body as { code: string };
  const row = { role: 'citizen', agency: null };
  const confirm = await openTask(api, code, { ...row, name: 'confirmation' });
  const withdraw = await openTask(api, code, { ...row, name: 'withdraw' });
  const listed = await people.request('binh', 'get', `/api/v1/tasks?case=${code}`);
  expect(listed.body.items).toMatchObject([{ id: withdraw }]);
  const complete = (task: string) =>
    people.request('binh', 'post', `/api/v1/tasks/${task}/complete`, { answer: { reason: 'Đổi ý' } });
  expect(await problem(complete(confirm))).toBe('/problems/not-yours');
  expect((await complete(withdraw)).status).toBe(200);
  const [entry] = await api.db('case_record').where({ case_code: code, event: 'completed' });
  expect(entry.actor).toEqual({ sub: 'binh', roles: ['citizen'], as: 'co-applicant' });
});
