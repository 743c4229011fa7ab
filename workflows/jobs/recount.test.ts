import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';
import { sampleCalendar } from '../../testing/calendar.ts';
import { dueOf, startClock } from '../engine/clock-account.ts';

const folder = 'samples/construction-permit';
const reason = { vi: 'Bão số 9: cơ quan đóng cửa.', en: 'Typhoon no. 9: the office is closed.' };
const day = (instant: string | Date) =>
  new Date(new Date(instant).getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

async function accepted(sample = samplePermit(), reception = 'vungtau.reception'): Promise<string> {
  const code = await world.as('an').file(folder, sample);
  await world.as(reception).complete(code, 'acceptance', { decision: 'accept' });
  await world.as('an').until(code, (view) => view.state.code === 4);
  return code;
}

/** Closes the offices of an agency on a day, as an admin does. */
async function close(agency: string, closed: string): Promise<void> {
  const day = { kind: 'emergency-closing', name: 'Bão số 9', reason, legalBasis: 'Công điện 112/CĐ-TTg' };
  const answer = await world.as('admin').request('PUT', `/api/v1/calendars/${agency}/days/${closed}`, day);
  expect(answer).toMatchObject({ status: 200, body: { recount: expect.any(Number) as number } });
}

const view = async (code: string) => (await world.as('an').get(`/api/v1/cases/${code}`)).body;

describe('a change of the calendar', () => {
  it('is closed to everybody but admins', async () => {
    for (const path of ['/api/v1/recounts', '/api/v1/recounts/1/cases']) {
      expect((await world.as('an').get(path)).status).toBe(403);
      expect((await world.as('vungtau.head').get(path)).status).toBe(403);
    }
  });

  it('moves the dates of the open cases of the area, tells the applicants why and gives them a new slip', async () => {
    const here = await accepted();
    const elsewhere = await accepted({ ...samplePermit(), agency: 'H29.17' }, 'tamthang.reception');
    const decided = await accepted();
    await world.as('an').complete(decided, 'withdraw', { reason: 'Thay đổi thiết kế.' });
    await world.as('an').until(decided, (seen) => seen.closedAt !== null);
    const before = await view(here);
    const untouched = await view(elsewhere);
    const appraisal = await world.as('vungtau.specialist').task(here, 'appraisal');
    const { deadline } = (await world.as('vungtau.specialist').get(`/api/v1/tasks/${appraisal.id}`)).body;

    const tomorrow = day(new Date(world.clock.now().getTime() + 86_400_000));
    await close('H29.16', tomorrow);

    const after = await world.as('an').until(here, (seen) => seen.documents.length > 1);
    expect(day(after.dueAt) > day(before.dueAt)).toBe(true);
    expect(after.dueDerivation.daysOff).toContainEqual({
      day: tomorrow,
      kind: 'emergency-closing',
      name: 'Bão số 9',
    });
    expect(after.documents.map(({ document }: { document: string }) => document)).toEqual([
      'form-01',
      'form-01',
    ]);
    const moved = (await world.as('vungtau.specialist').get(`/api/v1/tasks/${appraisal.id}`)).body;
    expect(day(moved.deadline) > day(deadline)).toBe(true);
    const { items } = (await world.as('an').get(`/api/v1/cases/${here}/timeline`)).body;
    expect(items.find(({ event }: { event: string }) => event === 'recount').details).toMatchObject({
      reason,
      before: before.dueAt,
      dueAt: after.dueAt,
    });
    const told = await world.database.db('notices').where({ case_code: here, notice: 'rescheduled' });
    expect(told).toMatchObject([{ recipient_sub: 'an' }]);
    expect(await view(elsewhere)).toEqual(untouched);

    const admin = world.as('admin');
    const report = (await admin.get('/api/v1/recounts')).body.items[0];
    expect(report).toMatchObject({ agency: 'H29.16', reason, told: 1, done: 1 });
    expect(report.finishedAt).not.toBeNull();
    expect((await admin.get(`/api/v1/recounts/${report.id}/cases`)).body.items).toMatchObject([
      { case: here, dueBefore: before.dueAt, dueAfter: after.dueAt },
    ]);
  });

  it('lets the time that was consumed stay consumed', async () => {
    const code = await accepted();
    const { dueAt } = await view(code);
    // On the third day the office is closed for the day after: one day more, however much has gone by.
    await world.passUntil(new Date(world.clock.now().getTime() + 2 * 86_400_000));
    const closed = day(new Date(world.clock.now().getTime() + 86_400_000));
    await close('H29', closed);
    const after = await world.as('an').until(code, (seen) => seen.dueAt !== dueAt);
    const calendar = sampleCalendar([
      { day: closed, kind: 'emergency-closing', name: 'Bão số 9', closed: null },
    ]);
    const counted = startClock(new Date(after.acceptedAt), '7wd');
    expect(after.dueAt).toBe(dueOf(counted, calendar).at.toISOString());
  });

  it('is carried out by nobody twice, and goes on where it was when the worker is told again', async () => {
    await accepted();
    const recounts = await world.as('admin').get('/api/v1/recounts');
    const [last] = recounts.body.items;
    const closedDay = day(new Date(world.clock.now().getTime() + 2 * 86_400_000));
    await close('H29', closedDay);
    await expect
      .poll(async () => (await world.as('admin').get('/api/v1/recounts')).body.items[0], { timeout: 20_000 })
      .toMatchObject({ id: last.id + 1, finishedAt: expect.any(String) as string });
    const { told, checked } = (await world.as('admin').get('/api/v1/recounts')).body.items[0];
    const rows = await world.database.db('recounted_cases').where({ recount: last.id + 1 });
    expect(rows).toHaveLength(told);
    expect(checked).toBeGreaterThanOrEqual(told);
    const record = await world.database
      .db('case_record')
      .where({ event: 'recount' })
      .whereRaw("details->>'change' = ?", [String(last.id + 1)]);
    await expect
      .poll(async () => (await world.as('admin').get('/api/v1/recounts')).body.items[0].done)
      .toBe(told);
    expect(new Set(record.map(({ case_code: code }: { case_code: string }) => code)).size).toBe(
      record.length,
    );
  });
});
