import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openRepair } from '../testing/light-case.ts';

// Monday 23 November 2026; the Tuesday is a holiday.
let now = new Date('2026-11-23T02:00:00Z');
let api: TestApi;
let officers: Officers;
let code: string;
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  officers = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date('2026-11-23T02:00:00Z');
  code = await fileCase(api);
});

const transfer = (by: string, agency = 'H29.17', reason = 'Cột đèn thuộc phường Tam Thắng.') =>
  officers.request(by, 'post', `/api/v1/cases/${code}/transfer`, { agency, reason });
const consult = (by: string, agency = 'H29.21', more = {}) =>
  officers.request(by, 'post', `/api/v1/cases/${code}/consultations`, {
    agency,
    question: 'Cột đèn có nằm trong hành lang đường bộ không?',
    ...more,
  });
const messages = async () =>
  (await api.db('outbox').where({ case_code: code }).orderBy('act').pluck('message')).slice(1);

test('a case is transferred only by the reception or the head of the agency that has it, while it is under way', async () => {
  expect((await api.stranger.post(`/api/v1/cases/${code}/transfer`)).status).toBe(401);
  expect((await transfer('an')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await transfer('binh')).body).toMatchObject({ type: '/problems/not-yours' });
  expect((await transfer('tamthang.head')).body).toMatchObject({ type: '/problems/wrong-agency' });
  expect((await transfer('vungtau.specialist')).body).toMatchObject({ type: '/problems/wrong-role' });
  for (const agency of ['H29.16', 'H29.99', ''])
    expect((await transfer('vungtau.head', agency)).body).toMatchObject({
      type: '/problems/invalid-form',
      errors: [{ pointer: '/agency' }],
    });
  expect((await transfer('vungtau.head', 'H29.17', ' ')).body).toMatchObject({
    errors: [{ pointer: '/reason' }],
  });
  await api.db('cases').where({ code }).update({ state: 9 });
  expect((await transfer('vungtau.head')).body).toMatchObject({ type: '/problems/case-decided' });
  expect(await messages()).toEqual([]);
});

test('its open tasks are the other agency’s from then on, nobody has claimed them, and both sides are told', async () => {
  const repair = await openRepair(api, code, new Date('2026-11-26T02:00:00Z'));
  await officers.request('vungtau.specialist', 'put', `/api/v1/tasks/${repair}/claim`);
  expect((await transfer('vungtau.reception')).status).toBe(200);
  const answer = (by: string) =>
    officers.request(by, 'get', `/api/v1/tasks/${repair}`).then(({ status }) => status);
  expect(await answer('tamthang.specialist')).toBe(200);
  expect(await answer('vungtau.specialist')).toBe(403);
  expect(await api.db('tasks').where({ id: repair }).first('agency', 'claimed_by')).toEqual({
    agency: 'H29.17',
    claimed_by: null,
  });
  const notices = api.db('notices').where({ case_code: code, notice: 'transferred' }).orderBy('number');
  expect(await notices.pluck('recipient_sub')).toEqual(['an', 'queue:H29.17:reception']);
  expect(await messages()).toEqual([
    {
      kind: 'transfer',
      from: 'H29.16',
      to: 'H29.17',
      name: 'Ủy ban nhân dân phường Tam Thắng',
      reason: 'Cột đèn thuộc phường Tam Thắng.',
    },
  ]);
  expect((await transfer('vungtau.head')).body).toMatchObject({ type: '/problems/wrong-agency' });
  expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
});

test('C4: a file that came in before 15:00 goes on the same day (Decree 118/2025 Art. 18.2)', async () => {
  now = new Date('2026-11-23T09:59:00Z');
  const { body } = await transfer('vungtau.reception');
  expect(body).toEqual({ by: '2026-11-23T10:00:00.000Z', late: false });
});

test('C4: one that came in after 15:00 goes on as the next working day begins, and the record keeps who was late', async () => {
  now = new Date('2026-11-23T08:30:00Z');
  code = await fileCase(api);
  now = new Date('2026-11-25T00:31:00Z');
  const { body } = await transfer('vungtau.head');
  expect(body).toEqual({ by: '2026-11-25T00:30:00.000Z', late: true });
  const entry = await api.db('case_record').where({ case_code: code, event: 'transferred' }).first();
  expect(entry.details).toMatchObject({ from: 'H29.16', to: 'H29.17', late: true });
});

test('another agency is asked only by officers of the agency that has the case, while it is under way', async () => {
  expect((await api.stranger.post(`/api/v1/cases/${code}/consultations`)).status).toBe(401);
  expect((await consult('an')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await consult('land.officer')).body).toMatchObject({ type: '/problems/wrong-agency' });
  expect((await consult('vungtau.clerk')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await consult('vungtau.specialist', 'H29.16')).body).toMatchObject({
    errors: [{ pointer: '/agency' }],
  });
  for (const within of ['0wd', '3x', '31wd', 'soon'])
    expect((await consult('vungtau.specialist', 'H29.21', { within })).body).toMatchObject({
      errors: [{ pointer: '/within' }],
    });
  await api.db('cases').where({ code }).update({ closed_at: now });
  expect((await consult('vungtau.specialist')).body).toMatchObject({ type: '/problems/case-decided' });
  expect(await messages()).toEqual([]);
});

test('the question goes to the case, with three working days unless the officer says otherwise', async () => {
  expect((await consult('vungtau.specialist')).status).toBe(202);
  expect((await consult('vungtau.head', 'H29.21', { within: '8wh' })).status).toBe(202);
  expect(await messages()).toMatchObject([
    { kind: 'consult', agency: 'H29.21', within: '3wd', asker: 'vungtau.specialist' },
    { kind: 'consult', agency: 'H29.21', within: '8wh', asker: 'vungtau.head' },
  ]);
});

test('both acts are among what an officer can do, with their article, and are refused there as they are here', async () => {
  const offered = async (by: string) => {
    const { body } = await officers.request(by, 'get', `/api/v1/cases/${code}/actions`);
    const acts = body.items as { act: string; allowed: boolean; legalBasis?: { vi: string } }[];
    return acts.filter(({ act }) => act === 'transfer' || act === 'consult');
  };
  expect(await offered('vungtau.head')).toMatchObject([
    { act: 'transfer', allowed: true, legalBasis: { vi: 'Nghị định 118/2025/NĐ-CP, Điều 18.2' } },
    { act: 'consult', allowed: true },
  ]);
  expect(await offered('an')).toMatchObject([{ allowed: false }, { allowed: false }]);
});
