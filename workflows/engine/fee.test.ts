import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import { tellLateRemittances } from '../../records/remittances.ts';
import { sampleCalendar } from '../../testing/calendar.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';
import { dueAt } from './legal-clock.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
});
afterAll(() => world.close());

const officer = (role: string) => world.as(`vungtau.${role}`);
const db = () => world.database.db;

/** Files for a permit and brings it as far as its fee; gives the case code. */
async function owing(): Promise<string> {
  const code = await world.as('an').file('samples/construction-permit', samplePermit());
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  await officer('specialist').complete(code, 'appraisal', {
    conclusion: 'eligible',
    reasons: 'Theo quy hoạch.',
  });
  await world.as('treasury').task(code, 'pay');
  return code;
}

/** Files for a permit and pays its fee; gives the case code. */
async function paid(): Promise<string> {
  const code = await owing();
  const receipt = { amount: 75_000, paidAt: world.clock.now().toISOString(), receipt: `BL-${code}` };
  await world.as('treasury').complete(code, 'pay', receipt);
  await officer('specialist').task(code, 'draft');
  return code;
}

it('C15: a fee that was paid online is in the budget within 8 working hours, or the head is told (Art. 24.3)', async () => {
  const owed = async (code: string) => {
    const { items } = (await officer('clerk').get('/api/v1/agencies/H29.16/owed-fees')).body;
    return (items as { case: string; paidAt: string; remitBy: string }[]).find((fee) => fee.case === code);
  };
  const [inTime, late] = [await paid(), await paid()];
  const { paidAt, remitBy } = (await owed(inTime))!;
  expect(remitBy).toBe(dueAt(new Date(paidAt), '8wh', sampleCalendar()).at.toISOString());
  const given = { transferOrder: 'UNC-001', fees: [{ case: inTime, number: 1 }] };
  const remitted = await officer('clerk').request('POST', '/api/v1/agencies/H29.16/remittances', given);
  expect(remitted.body).toEqual({ late: 0 });
  expect(await owed(inTime)).toBeUndefined();

  const told = () =>
    db()('notices')
      .whereIn('case_code', [inTime, late])
      .where({ notice: 'remittance-late' })
      .select('case_code', 'recipient_sub');
  await tellLateRemittances(db(), new Date(remitBy));
  expect(await told()).toEqual([]);
  await world.passUntil(new Date(Date.parse(remitBy) + 3_600_000));
  for (const _round of [1, 2]) await tellLateRemittances(db(), world.clock.now());
  expect(await told()).toEqual([{ case_code: late, recipient_sub: 'queue:H29.16:head' }]);
  expect(await firstBrokenEntry(db(), late)).toBeUndefined();
});

describe('a fee at the counter', () => {
  const taken = { amount: 75_000, receipt: 'BL-Q1-0007' };
  const take = (who: ReturnType<World['as']>, code: string, given: object = taken) =>
    who.request('POST', `/api/v1/cases/${code}/counter-payment`, given);
  const order = (code: string) => world.agencies.order(code.replaceAll(/[^A-Z0-9]/g, ''));

  it('is taken by the reception of the case’s agency only, and only as much as is owed', async () => {
    const code = await owing();
    for (const other of [world.as('an'), officer('specialist'), world.as('tamthang.reception')])
      expect((await take(other, code)).status).toBe(403);
    const wrong = await take(officer('reception'), code, { ...taken, amount: 57_000 });
    expect(wrong).toMatchObject({ status: 422, body: { errors: [{ pointer: '/amount' }] } });
    expect((await officer('reception').get(`/api/v1/cases/${code}`)).body.state.code).toBe(6);
  });

  it('lets the case go on, and cancels what was ordered at the treasury', async () => {
    const code = await owing();
    expect((await take(officer('reception'), code)).status).toBe(204);
    await officer('specialist').task(code, 'draft');
    expect((await take(officer('reception'), code)).body.type).toBe('/problems/task-closed');
    const payment = await db()('fee_payments').where({ case_code: code }).first();
    expect(payment).toMatchObject({ amount: 75_000, receipt: 'BL-Q1-0007' });
    await expect.poll(() => order(code)).toBe('cancelled');
    await expect(world.agencies.pay(code.replaceAll(/[^A-Z0-9]/g, ''))).rejects.toThrow('409');
  });

  it('that was paid through a bank in the same hour is noticed, and who can give it back is told once', async () => {
    const code = await owing();
    await expect.poll(() => order(code)).toBe('requested');
    await world.agencies.tell('TREASURY', { mode: 'late', delayMs: 600_000 });
    await world.agencies.pay(code.replaceAll(/[^A-Z0-9]/g, ''));
    expect((await take(officer('reception'), code)).status).toBe(204);
    const told = () =>
      db()('notices').where({ case_code: code, notice: 'paid-twice' }).pluck('recipient_sub');
    await expect.poll(async () => (await told()).sort()).toEqual(['queue:H29.16:clerk', 'queue:H29.16:head']);
    await world.agencies.tell('TREASURY', {});
    expect(await firstBrokenEntry(db(), code)).toBeUndefined();
  });
});
