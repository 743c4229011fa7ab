import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import type { TestDatabase } from '../../testing/database.ts';
import * as surveys from '../../testing/survey-procedure.ts';
import { reopenableWorld } from '../../testing/own-procedures.ts';
import { applicant } from '../../testing/street-light.ts';
import type { World } from '../../testing/world.ts';
import { workingDaysBefore } from './clock-account.ts';
import { sampleCalendar } from '../../testing/calendar.ts';

const eventually = { timeout: 20_000, interval: 50 };

let database: TestDatabase;
let open: () => Promise<World>;
let world: World;
beforeAll(async () => {
  ({ database, open } = await reopenableWorld({ file: 'survey-procedure.ts', exported: surveys }));
  world = await open();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const vungTau = (role: string) => world.as(`vungtau.${role}`);
const tamThang = (role: string) => world.as(`tamthang.${role}`);

async function file(): Promise<string> {
  const { body } = await citizen().request('POST', '/api/v1/applications', {
    procedure: '9.000031',
    agency: 'H29.16',
    applicant,
    answers: { plot: '143' },
  });
  return (body as { code: string }).code;
}
async function accepted(): Promise<string> {
  const code = await file();
  await vungTau('reception').complete(code, 'acceptance', {});
  await citizen().until(code, (view) => view.state.code === 4);
  return code;
}

const view = async (code: string) => (await citizen().get(`/api/v1/cases/${code}`)).body;
const closed = (code: string) => citizen().until(code, (seen) => seen.closedAt !== null);
const letters = async (code: string) =>
  ((await view(code)).documents as { document: string }[]).map(({ document }) => document);
const notices = (code: string): Promise<string[]> =>
  database.db('notices').where({ case_code: code }).orderBy('notice').pluck('notice');
const events = (code: string): Promise<string[]> =>
  database.db('case_record').where({ case_code: code }).orderBy('number').pluck('event');

/** Lets Tam Thắng be closed on the day after today. */
async function closeTamThangTomorrow(): Promise<void> {
  const day = new Date(world.clock.now().getTime() + 31 * 3_600_000).toISOString().slice(0, 10);
  const row = { agency: 'H29.17', day, kind: 'emergency-closing', name: 'Mất điện' };
  await database.db('calendar_days').insert(row);
}

describe('C4: a case at the wrong office (Decree 118/2025 Art. 18.2)', () => {
  it('goes on at the competent one, whose calendar counts from then on and whose people do the open task', async () => {
    const code = await accepted();
    const { dueAt: promised } = await view(code);
    await closeTamThangTomorrow();
    const given = { agency: 'H29.17', reason: 'Thửa đất thuộc phường Tam Thắng.' };
    const answer = await vungTau('reception').request('POST', `/api/v1/cases/${code}/transfer`, given);
    expect(answer).toMatchObject({ status: 200, body: { late: false } });
    const after = await citizen().until(code, (seen) => seen.dueAt !== promised);
    expect(after).toMatchObject({ code, agency: { code: 'H29.17' }, state: { code: 4 } });
    expect(Date.parse(after.dueAt) - Date.parse(promised)).toBe(86_400_000);
    await tamThang('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ outcome: 'measured' });
    await expect
      .poll(async () => {
        const described = await world.client.workflow.getHandle(code).describe();
        return described.searchAttributes['Agency'];
      }, eventually)
      .toEqual(['H29.17']);
    expect(await notices(code)).toContain('transferred');
    expect(await letters(code)).toContain('transfer');
    const sealed = database.db('documents').where({ case_code: code, document: 'transfer' });
    expect(await sealed.pluck('signers')).toMatchObject([[{ name: 'Ủy ban nhân dân phường Vũng Tàu' }]]);
  });
});

describe('an agency that is asked beside the procedure', () => {
  it('answers in its own name, while the case goes on', async () => {
    const code = await accepted();
    const given = { agency: 'H29.21', question: 'Ranh giới có tranh chấp không?' };
    await vungTau('specialist').request('POST', `/api/v1/cases/${code}/consultations`, given);
    const task = await world.as('land.officer').task(code, 'consult');
    const { body } = await world.as('land.officer').get(`/api/v1/tasks/${task.id}`);
    expect(body.context).toEqual({ question: given.question, asker: 'vungtau.specialist' });
    await world
      .as('land.officer')
      .complete(code, 'consult', { opinion: 'agree', reason: 'Không tranh chấp.' });
    await vungTau('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ outcome: 'measured' });
  });

  it('C12: does not hold up the case when it is late; its head is told, and nothing counts as consent (Art. 19.4c)', async () => {
    const code = await accepted();
    const given = { agency: 'H29.21', question: 'Ranh giới?', within: '8wh' };
    await vungTau('head').request('POST', `/api/v1/cases/${code}/consultations`, given);
    await world.as('land.officer').task(code, 'consult');
    await world.pass('2 days');
    const told = () =>
      database.db('notices').where({ case_code: code, notice: 'overdue' }).pluck('recipient_sub');
    await expect.poll(told, eventually).toEqual(['queue:H29.21:head']);
    await vungTau('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ outcome: 'measured' });
    expect(await database.db('tasks').where({ case_code: code, name: 'consult' }).first('state')).toEqual({
      state: 'cancelled',
    });
  });
});

describe('C9: a second request for a supplement (Decree 118/2025 Art. 11.2c, 16.3)', () => {
  const supply = (code: string) => citizen().complete(code, 'supply', { note: 'Đã vẽ lại.' });

  it('needs the head, whose reason Form 02 states', async () => {
    const code = await accepted();
    await vungTau('specialist').complete(code, 'measure', { lacking: 'Sơ đồ mờ.' });
    await supply(code);
    await vungTau('specialist').complete(code, 'measure', { lacking: 'Thiếu tỷ lệ.' });
    const task = await vungTau('head').task(code, 'supplementAgain');
    expect((await view(code)).state.code).toBe(4);
    expect((await vungTau('head').get(`/api/v1/tasks/${task.id}`)).body.context).toEqual({
      missing: [{ what: 'sketch', reason: 'Thiếu tỷ lệ.' }],
    });
    const allowed = { decision: 'allow', reason: 'Mẫu sơ đồ vừa được thay đổi.' };
    await vungTau('head').complete(code, 'supplementAgain', allowed);
    await supply(code);
    await vungTau('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ outcome: 'measured' });
    expect((await letters(code)).filter((letter) => letter === 'form-02')).toHaveLength(2);
  });

  it('is not made when the head refuses it', async () => {
    const code = await accepted();
    await vungTau('specialist').complete(code, 'measure', { lacking: 'Sơ đồ mờ.' });
    await supply(code);
    await vungTau('specialist').complete(code, 'measure', { lacking: 'Thiếu tỷ lệ.' });
    const refused = { decision: 'refuse', reason: 'Đủ để từ chối.' };
    await vungTau('head').complete(code, 'supplementAgain', refused);
    expect(await closed(code)).toMatchObject({ outcome: 'incomplete' });
    expect((await letters(code)).filter((letter) => letter === 'form-02')).toHaveLength(1);
  });
});

describe('a case of which Temporal has lost everything', () => {
  it('goes on with its new date, its transfer and its opinion, and nothing of it happens twice or is passed over', async () => {
    const code = await accepted();
    const given = { agency: 'H29.17', reason: 'Thửa đất thuộc phường Tam Thắng.' };
    await vungTau('reception').request('POST', `/api/v1/cases/${code}/transfer`, given);
    const question = { agency: 'H29.21', question: 'Ranh giới?', within: '30d' };
    await tamThang('head').request('POST', `/api/v1/cases/${code}/consultations`, question);
    await world.as('land.officer').task(code, 'consult');
    const { dueAt } = await view(code);
    await world.passUntil(workingDaysBefore(new Date(dueAt), 1, sampleCalendar()));
    await expect.poll(() => letters(code), eventually).toContain('form-04');
    const before = { events: await events(code), notices: await notices(code), letters: await letters(code) };

    await world.close();
    world = await open();
    await tamThang('specialist').complete(code, 'measure', { lacking: 'Sơ đồ mờ.' });
    await citizen().until(code, (seen) => seen.state.code === 5);
    expect((await events(code)).slice(0, before.events.length)).toEqual(before.events);
    await citizen().complete(code, 'supply', { note: 'Đã vẽ lại.' });
    await tamThang('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ outcome: 'measured', agency: { code: 'H29.17' } });
    expect(await notices(code)).toEqual([...before.notices, 'stopped', 'supplement'].sort());
    expect((await letters(code)).sort()).toEqual([...before.letters, 'form-01', 'form-02', 'form-05'].sort());
    const opinions = database.db('tasks').where({ case_code: code, name: 'consult' });
    expect(await opinions.pluck('number')).toHaveLength(1);
    expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
  });
});
