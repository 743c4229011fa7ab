import { afterAll, beforeAll, expect, it } from 'vitest';
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

/** Files for a permit and pays its fee; gives the case code. */
async function paid(): Promise<string> {
  const code = await world.as('an').file('samples/construction-permit', samplePermit());
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  await officer('specialist').complete(code, 'appraisal', {
    conclusion: 'eligible',
    reasons: 'Theo quy hoạch.',
  });
  await world.as('treasury').task(code, 'pay');
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
