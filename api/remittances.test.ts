import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileLight } from '../testing/filed-case.ts';

const now = new Date('2026-11-23T03:00:00Z');
const owed = '/api/v1/agencies/H29.16/owed-fees';
const remittances = '/api/v1/agencies/H29.16/remittances';

let api: TestApi;
let codes: string[];
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.db('fee_payments').delete();
  codes = [await fileLight(api.db, now), await fileLight(api.db, now)];
  for (const [index, code] of codes.entries())
    await api.db('fee_payments').insert({
      case_code: code,
      number: 1,
      agency: 'H29.16',
      amount: 75_000,
      receipt: `BL-${index}`,
      paid_at: new Date('2026-11-20T02:00:00Z'),
      // The first is late already.
      remit_by: new Date(index === 0 ? '2026-11-23T02:00:00Z' : '2026-11-23T09:00:00Z'),
    });
});

const get = async (sub: string) => (await api.as(sub)).get(owed);
const post = async (sub: string, body: object) =>
  (await api.as(sub)).post(remittances).set('Idempotency-Key', randomUUID()).send(body);
const order = (transferOrder: string, ...cases: (string | undefined)[]) => ({
  transferOrder,
  fees: cases.map((code) => ({ case: code, number: 1 })),
});
const entries = (code: string | undefined) =>
  api.db('case_record').where({ case_code: code, event: 'remitted' }).pluck('details');

test('nobody but the clerk and the head of the agency sees or remits its fees; admins see them', async () => {
  expect((await api.stranger.get(owed)).status).toBe(401);
  for (const sub of ['an', 'tamthang.clerk', 'vungtau.specialist', 'treasury']) {
    expect((await get(sub)).status).toBe(403);
    expect((await post(sub, order('UNC-1', codes[0]))).status).toBe(403);
  }
  expect((await get('admin')).status).toBe(200);
  expect((await post('admin', order('UNC-1', codes[0]))).status).toBe(403);
  expect(await api.db('fee_payments').whereNotNull('remitted_at')).toEqual([]);
});

test('the clerk sees what the agency owes to the budget, the most urgent first, and what is late', async () => {
  const { body } = await get('vungtau.clerk');
  expect(body.owed).toBe(2);
  expect(body.items).toMatchObject([
    { case: codes[0], amount: 75_000, receipt: 'BL-0', late: true },
    { case: codes[1], late: false },
  ]);
});

test('one order takes many fees; the record of each case tells it, and entering it again changes nothing', async () => {
  expect((await post('vungtau.clerk', order('UNC-1', ...codes))).body).toEqual({ late: 1 });
  expect((await post('vungtau.head', order('UNC-1', ...codes))).status).toBe(200);
  expect((await get('vungtau.clerk')).body).toEqual({ owed: 0, items: [] });
  expect(await entries(codes[0])).toMatchObject([{ transferOrder: 'UNC-1', receipt: 'BL-0', late: true }]);
  expect(await entries(codes[1])).toMatchObject([{ late: false }]);
});

test('a fee that went with another order, or that there is not, leaves the whole list undone', async () => {
  await post('vungtau.clerk', order('UNC-1', codes[0]));
  const twice = await post('vungtau.clerk', order('UNC-2', ...codes));
  expect(twice.body).toMatchObject({ type: '/problems/remitted-before', status: 409 });
  const unknown = await post('vungtau.clerk', order('UNC-2', codes[1], 'H29.16-200101-0001'));
  expect(unknown.status).toBe(404);
  expect((await get('vungtau.clerk')).body.owed).toBe(1);
  expect(await entries(codes[1])).toEqual([]);
});
