import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

const folder = 'samples/construction-permit';
const eventually = { timeout: 20_000, interval: 50 };
const reason = 'Đã gọi Văn phòng đăng ký đất đai';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  // What the story before left waiting goes on first, or a week of tries would be made.
  await world.agencies.tell('LAND_REGISTRY', {});
  await world.pass('10 minutes');
  await world.toMonday();
});

const admin = () => world.as('admin');
const file = () => world.as('an').file(folder, samplePermit());
const callOf = (code: string, activity = 'ask parcel') =>
  `/api/v1/operations/calls/${code}/${encodeURIComponent(activity)}/1`;

interface Retrying {
  case: string;
  attempts: number;
  failure: { vi: string; en: string };
  maySkip: boolean;
}
async function retrying(code: string): Promise<Retrying | undefined> {
  const { body } = await admin().get('/api/v1/operations/stuck');
  return (body as { retrying: Retrying[] }).retrying.find((each) => each.case === code);
}
async function waits(code: string, attempts = 2): Promise<Retrying> {
  await expect
    .poll(async () => (await retrying(code))?.attempts ?? 0, eventually)
    .toBeGreaterThanOrEqual(attempts);
  return (await retrying(code))!;
}
const goesOn = (code: string) => world.as('vungtau.reception').task(code, 'acceptance');

describe('a system that does not answer', () => {
  beforeEach(() => world.agencies.tell('LAND_REGISTRY', { mode: 'down' }));

  it('is told early and in plain words, with how often it was tried', async () => {
    const code = await file();
    expect(await waits(code)).toMatchObject({
      agency: { vi: 'Cơ quan đăng ký đất đai', en: 'Land registry' },
      failure: { vi: 'trả lời 503', en: 'answers 503' },
      maySkip: true,
    });
    await world.agencies.tell('LAND_REGISTRY', {});
    await world.pass('10 minutes');
    await goesOn(code);
    await expect.poll(() => retrying(code), eventually).toBeUndefined();
  });

  it('is left to admins, who say why', async () => {
    const code = await file();
    await waits(code);
    for (const how of ['retry', 'skip']) {
      const path = `${callOf(code)}/${how}`;
      expect((await world.as('an').request('POST', path, { reason })).status).toBe(403);
      expect((await world.as('vungtau.head').request('POST', path, { reason })).status).toBe(403);
      expect((await admin().request('POST', path, { reason: ' ' })).status).toBe(422);
    }
    const other = `${callOf(code, 'ask planning')}/retry`;
    expect((await admin().request('POST', other, { reason })).status).toBe(404);
  });

  it('need not hold up a case: officers are told that nothing was confirmed', async () => {
    const code = await file();
    await waits(code);
    expect((await admin().request('POST', `${callOf(code)}/skip`, { reason })).status).toBe(202);
    await world.pass('10 minutes');
    const { id } = await goesOn(code);
    const { body } = await world.as('vungtau.reception').get(`/api/v1/tasks/${id}`);
    expect(body).toMatchObject({
      context: { land: { found: false, unanswered: true }, identity: { match: true } },
    });
    const entry = world.database.db('case_record').where({ case_code: code, event: 'skipped' });
    expect(await entry.select('actor', 'details')).toMatchObject([
      { actor: { sub: 'admin' }, details: { activity: 'ask parcel', reason } },
    ]);
    await expect.poll(() => retrying(code), eventually).toBeUndefined();
  });

  it('that alone can do the work cannot be skipped', async () => {
    const code = await file();
    await waits(code);
    await world.database.db('retrying_calls').where({ case_code: code }).update({ stand_in: null });
    const answer = await admin().request('POST', `${callOf(code)}/skip`, { reason });
    expect(answer).toMatchObject({ status: 409, body: { type: '/problems/no-stand-in' } });
  });
});
