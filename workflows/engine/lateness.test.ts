import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sampleCalendar } from '../../testing/calendar.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';
import { workingDaysBefore } from './clock-account.ts';

const calendar = sampleCalendar();
const folder = 'samples/construction-permit';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = (name: string) => world.as(`vungtau.${name}`);

/** Files the sample application and has it accepted, on a Monday at nine: seven working days later it is due. */
async function accepted(): Promise<string> {
  const code = await citizen().file(folder, samplePermit());
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  await citizen().until(code, (view) => view.state.code === 4);
  return code;
}

const db = () => world.database.db;
const row = (code: string, name: string): Promise<Record<'warn_at' | 'due_at' | 'expires_at', Date>> =>
  db()('tasks').where({ case_code: code, name }).first();
const noticed = async (code: string, notice: string) =>
  (
    await db()('notices')
      .where({ case_code: code, notice })
      .select<{ recipient_sub: string }[]>('recipient_sub')
  ).map(({ recipient_sub: who }) => who);
const view = async (code: string) => (await citizen().get(`/api/v1/cases/${code}`)).body;
const letters = async (code: string) =>
  ((await view(code)).documents as { document: string }[]).map(({ document }) => document);
const eventually = { timeout: 20_000, interval: 50 };

describe('when time runs out', () => {
  it('the specialist is warned before the limit of the appraisal, and the head is told when it is over', async () => {
    const code = await accepted();
    await officer('specialist').task(code, 'appraisal');
    const { warn_at: warnAt, due_at: dueAt } = await row(code, 'appraisal');
    expect(warnAt < dueAt).toBe(true);
    expect(await noticed(code, 'warning')).toEqual([]);
    await world.passUntil(warnAt);
    await expect.poll(() => noticed(code, 'warning'), eventually).toEqual(['queue:H29.16:specialist']);
    await world.passUntil(dueAt);
    await expect.poll(() => noticed(code, 'overdue'), eventually).toEqual(['queue:H29.16:head']);
    const { id } = await officer('specialist').task(code, 'appraisal');
    expect((await officer('specialist').get(`/api/v1/tasks/${id}`)).body).toMatchObject({ overdue: true });
  });

  it('who claimed the task is warned in person', async () => {
    const code = await accepted();
    const { id } = await officer('specialist').task(code, 'appraisal');
    await officer('specialist').request('PUT', `/api/v1/tasks/${id}/claim`);
    await world.passUntil((await row(code, 'appraisal')).warn_at);
    await expect.poll(() => noticed(code, 'warning'), eventually).toEqual(['vungtau.specialist']);
  });

  it('C10: the head signs the apology with the one new date, at least a day before (Decree 118/2025 Art. 19.6)', async () => {
    const code = await accepted();
    const { dueAt: promised } = await view(code);
    await world.passUntil(workingDaysBefore(new Date(promised), 2, calendar));
    const task = await officer('leader').task(code, 'extend');
    const { body } = await officer('leader').get(`/api/v1/tasks/${task.id}`);
    expect(body.context).toMatchObject({ reason: 'Hồ sơ đang ở bước: Thẩm định hồ sơ.', workingDays: 7 });
    await officer('leader').complete(code, 'extend', { reason: 'Chờ khảo sát thực địa.', workingDays: 2 });
    const extended = await citizen().until(code, (seen) => seen.documents.length > 1);
    expect(extended.dueDerivation).toMatchObject({ extended: true });
    expect(await letters(code)).toEqual(['form-01', 'form-04']);
    await expect.poll(() => noticed(code, 'extended'), eventually).toEqual(['an']);
    const signers = await db()('documents').where({ case_code: code, document: 'form-04' }).pluck('signers');
    expect(signers[0]).toMatchObject([
      { capacity: 'person', name: 'Vũ Thanh Sơn', title: 'Chủ tịch' },
      { capacity: 'agency' },
    ]);
    // There is only one: later the case is overdue, but no second date is promised.
    await world.passUntil(extended.dueAt);
    expect(await letters(code)).toEqual(['form-01', 'form-04']);
  });

  it('C10: it goes out by itself when the head does not sign in time', async () => {
    const code = await accepted();
    const { dueAt: promised } = await view(code);
    await world.passUntil(workingDaysBefore(new Date(promised), 1, calendar));
    const extended = await citizen().until(code, (seen) => seen.documents.length > 1);
    expect(Date.parse(extended.dueAt)).toBeGreaterThan(Date.parse(promised));
    expect(world.clock.now().getTime()).toBeLessThan(Date.parse(promised) - 8 * 3_600_000);
    const signers = await db()('documents').where({ case_code: code, document: 'form-04' }).pluck('signers');
    expect(signers[0]).toMatchObject([{ capacity: 'agency' }]);
    expect(await letters(code)).toEqual(['form-01', 'form-04']);
  });

  it('C10: nothing is promised while the clock stands still, and the foresight starts anew afterwards', async () => {
    const code = await accepted();
    const { dueAt: promised } = await view(code);
    await world.passUntil(workingDaysBefore(new Date(promised), 2, calendar));
    const { id } = await officer('leader').task(code, 'extend');
    const missing = [{ what: 'landPaper', reason: 'Ảnh chụp mờ.' }];
    const appraised = { conclusion: 'eligible', reasons: '', missing };
    await officer('specialist').complete(code, 'appraisal', appraised);
    await citizen().until(code, (seen) => seen.state.code === 5);
    const late = { answer: { reason: 'Muộn.', workingDays: 1 } };
    const path = `/api/v1/tasks/${id}/complete`;
    await expect
      .poll(async () => (await officer('leader').request('POST', path, late)).status, eventually)
      .toBe(409);
    const upload = await citizen().upload(`${folder}/land-certificate.pdf`);
    await citizen().complete(code, 'supply', { papers: [{ kind: 'landPaper', upload }] });
    await officer('specialist').task(code, 'appraisal');
    expect(await letters(code)).toEqual(['form-01', 'form-02', 'form-01']);
    await world.passUntil(promised);
    expect(await letters(code)).toEqual(['form-01', 'form-02', 'form-01']);
  });
});
