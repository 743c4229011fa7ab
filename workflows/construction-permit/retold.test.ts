import { afterAll, beforeAll, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const approve = { decision: 'approve' };

/** From the filing to the draft, with a silent fire service and an answer of the land office in between. */
async function untilDraft(world: World): Promise<string> {
  await world.agencies.tell('FIRE_SERVICE', { answers: 'silent' });
  const code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
  const appraisal = { conclusion: 'eligible', consult: ['fire', 'land'] };
  await world.as('vungtau.specialist').complete(code, 'appraisal', appraisal);
  await world.as('land.officer').complete(code, 'consult.land', { opinion: 'agree' });
  await world.pass('7 days');
  await world
    .as('treasury')
    .complete(code, 'pay', { amount: 75_000, paidAt: '2026-11-23T09:00:00+07:00', receipt: 'BL-1' });
  await world.as('vungtau.specialist').complete(code, 'draft', { outcome: 'grant' });
  await world.as('vungtau.head').task(code, 'review');
  return code;
}

it('goes on from where it was when Temporal has lost everything', async () => {
  const before = await openWorld({ database });
  const code = await untilDraft(before);
  await before.close();
  const entries = () =>
    database.db('case_record').where({ case_code: code }).orderBy('number').select('event', 'details');
  const told = await entries();

  const after = await openWorld({ database });
  try {
    await after.as('vungtau.head').complete(code, 'review', approve);
    await after.as('vungtau.leader').complete(code, 'approval', approve);
    const retold = await entries();
    expect(retold.slice(0, told.length)).toEqual(told);
    await after.as('vungtau.clerk').complete(code, 'registration', { registered: true });
    const view = await after
      .as('an')
      .until(code, (seen: { closedAt: string | null }) => seen.closedAt !== null);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 } });
    const opened = await database.db('tasks').where({ case_code: code }).select('name', 'number');
    expect(opened.filter(({ number }) => number > 1)).toEqual([]);
    expect(await database.db('notices').where({ case_code: code }).orderBy('notice').pluck('notice')).toEqual(
      ['accepted', 'payment', 'received', 'received', 'result', 'warning'],
    );
    expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
  } finally {
    await after.close();
  }
}, 90_000);
