import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { tariffOf } from '../records/fees.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { Officers } from '../testing/light-case.ts';
import { streetLight } from '../testing/street-light.ts';

const fee = {
  title: { vi: 'Lệ phí', en: 'Fee' },
  amount: 20_000,
  expires: '10d' as const,
  silence: 'closing' as const,
};
const copies = { ...fee, amount: { original: 30_000, copy: 2_000 } };
const procedures = new Map([
  ['withFee', { ...streetLight, fee }],
  ['withItems', { ...streetLight, code: '9.000002' as const, fee: copies }],
  ['free', { ...streetLight, code: '9.000003' as const }],
]);

let now: Date;
let api: TestApi;
let people: Officers;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
  people = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date('2026-12-10T03:00:00Z');
  await api.db('fees').where('procedure_code', 'like', '9.%').delete();
});

const rate = { amount: 25_000, legalBasis: 'Nghị quyết 12/2026/NQ-HĐND', reason: 'Mức thu mới' };
const ask = (method: 'get' | 'put' | 'delete' | 'post', path: string, body?: object, by = 'admin') =>
  people.request(by, method, `/api/v1/${path}`, body);
const set = (day: string, body: object = rate, more = '') =>
  ask('put', `tariffs/9.000001/H29.16/${day}${more}`, body);
const on = (day: string) => tariffOf(api.db, { procedureCode: '9.000001', agency: 'H29.16', day });
const pointers = (answer: { body: { errors?: { pointer: string }[] } }) =>
  answer.body.errors?.map(({ pointer }) => pointer);

describe('nobody but an admin changes what is charged', () => {
  test.each(['an', 'vungtau.head', 'vungtau.clerk'])('%s may not', async (by) => {
    for (const [method, body] of [
      ['get', undefined],
      ['put', rate],
      ['delete', { reason: 'x' }],
    ] as const)
      expect((await ask(method, 'tariffs/9.000001/H29.16/2027-01-01', body, by)).status, method).toBe(403);
  });

  test('nor an admin for today or before, without a provision or a reason, or for a fee that is none', async () => {
    expect((await set('2026-12-10')).body).toMatchObject({ type: '/problems/day-gone-by', status: 409 });
    expect(pointers(await set('2027-01-01', { amount: -1 }))).toEqual(['/amount', '/legalBasis', '/reason']);
    expect(pointers(await ask('put', 'tariffs/9.000003/H29.16/2027-01-01', rate))).toEqual([
      '/procedureCode',
    ]);
    expect(pointers(await ask('put', 'tariffs/9.000002/H29/2027-01-01', rate))).toEqual(['/item']);
    expect(pointers(await ask('put', 'tariffs/9.000001/H77/2027-01-01', rate))).toEqual(['/agency']);
    expect((await ask('delete', 'tariffs/9.000001/H29.16/2027-01-01', { reason: 'x' })).status).toBe(404);
  });
});

test('a new rate holds from its day on, and the one before it until then', async () => {
  expect((await set('2027-01-01')).status).toBe(200);
  expect((await set('2027-03-01', { ...rate, amount: null })).status).toBe(200);
  expect([
    await on('2026-12-31'),
    await on('2027-01-01'),
    await on('2027-02-28'),
    await on('2027-03-01'),
  ]).toEqual([{}, { '': 25_000 }, { '': 25_000 }, {}]);
  const { body } = await api.stranger.get('/api/v1/tariffs').expect(200);
  expect(
    body.items.filter(({ procedureCode }: { procedureCode: string }) => procedureCode === '9.000001'),
  ).toMatchObject([
    { amount: 25_000, validFrom: '2027-01-01', until: '2027-03-01' },
    { amount: null, validFrom: '2027-03-01', until: null },
  ]);
});

test('of a fee with items each has a rate of its own', async () => {
  const answer = await ask('put', 'tariffs/9.000002/H29.16/2027-01-01?item=copy', { ...rate, amount: 3_000 });
  expect(answer.status).toBe(200);
  const key = { procedureCode: '9.000002', agency: 'H29.16', day: '2027-01-01' };
  expect(await tariffOf(api.db, key)).toEqual({ copy: 3_000 });
});

test('a preview says what it takes the place of and how many open cases have not paid', async () => {
  await set('2027-01-01');
  const { body } = await ask('get', 'tariffs/9.000001/H29.16/2027-02-01');
  expect(body).toMatchObject({ before: { amount: 25_000, validFrom: '2027-01-01' }, unpaid: 0 });
});

test('until it begins a rate is changed, taken back and undone; then it stays', async () => {
  await set('2027-01-01');
  const changed = await set('2027-01-01', { ...rate, amount: 26_000 });
  expect((await ask('post', `settings/changes/${changed.body.change}/undo`)).status).toBe(200);
  expect(await on('2027-01-01')).toEqual({ '': 25_000 });
  const gone = await ask('delete', 'tariffs/9.000001/H29.16/2027-01-01', { reason: 'Hoãn' });
  expect(await on('2027-01-01')).toEqual({});
  expect((await ask('post', `settings/changes/${gone.body.change}/undo`)).status).toBe(200);
  now = new Date('2027-01-01T00:00:00+07:00');
  const { body } = await ask('get', 'settings/changes?area=tariffs&limit=1');
  expect(body.items).toMatchObject([{ subject: '9.000001/H29.16//2027-01-01', latest: true }]);
  expect((await ask('post', `settings/changes/${body.items[0].id}/undo`)).body).toMatchObject({
    type: '/problems/day-gone-by',
  });
  expect(await on('2027-01-01')).toEqual({ '': 25_000 });
});
