import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resendOpenCase } from '../../records/outbox.ts';
import { firstBrokenEntry } from '../../records/record.ts';
import type { TestDatabase } from '../../testing/database.ts';
import * as linked from '../../testing/linked-procedures.ts';
import { reopenableWorld } from '../../testing/own-procedures.ts';
import { applicant } from '../../testing/street-light.ts';
import type { World } from '../../testing/world.ts';

let database: TestDatabase;
let open: () => Promise<World>;
let world: World;
beforeAll(async () => {
  ({ database, open } = await reopenableWorld({ file: 'linked-procedures.ts', exported: linked }));
  world = await open();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});

const citizen = () => world.as('an');
const specialist = () => world.as('vungtau.specialist');

/** Files for a new house; gives the code of its case and those of its two sub-cases. */
async function file(): Promise<{ code: string; water: string; power: string }> {
  const upload = await citizen().upload('samples/construction-permit/site-plan.pdf');
  const { body } = await citizen().request('POST', '/api/v1/applications', {
    procedure: '9.000011',
    agency: 'H29.16',
    applicant,
    answers: { place: '45 Lê Lai', contact: 'Nguyễn Văn An, cổng sau' },
    papers: [{ kind: 'plan', upload }],
  });
  const { code } = body as { code: string };
  const below = () =>
    database
      .db('cases')
      .join('tasks', 'tasks.id', 'cases.parent_task')
      .where('tasks.case_code', code)
      .select<{ code: string; name: string }[]>('cases.code', 'tasks.name');
  await expect.poll(async () => (await below()).length, { timeout: 20_000 }).toBe(2);
  const codes = Object.fromEntries((await below()).map((row) => [row.name, row.code]));
  return { code, water: codes['case.water']!, power: codes['case.power']! };
}

const closed = (code: string) => citizen().until(code, (view) => view.closedAt !== null);
const children = async (code: string) =>
  (await world.client.workflow.getHandle(code).fetchHistory()).events?.flatMap((event) => {
    const { workflowExecution } = event.childWorkflowExecutionStartedEventAttributes ?? {};
    return workflowExecution?.workflowId ?? [];
  });

describe('one application for two agencies', () => {
  const links = async (reader: ReturnType<World['as']>, of: string) =>
    ((await reader.get(`/api/v1/cases/${of}`)).body as { links: { case: string; kind: string }[] }).links;

  it('does not show who may read a sub-case only the case to which it belongs', async () => {
    const { code, water } = await file();
    const asked = { agency: 'H29.32', question: 'Còn công suất?', within: '3d' };
    await world.as('vungtau.head').request('POST', `/api/v1/cases/${water}/consultations`, asked);
    const waterworks = world.as('water.officer');
    await waterworks.task(water, 'consult');
    expect((await waterworks.get(`/api/v1/cases/${code}`)).status).toBe(403);
    expect(await links(waterworks, water)).toEqual([]);
  });

  it('shows its sub-cases, and each of them the case to which it belongs', async () => {
    const { code, water, power } = await file();
    expect((await links(citizen(), code)).map((link) => link.case).sort()).toEqual([water, power].sort());
    expect(await links(citizen(), water)).toMatchObject([{ case: code, kind: 'part-of', direction: 'to' }]);
  });

  it('opens a case at each, with its own form and papers, and ends when both have', async () => {
    const { code, water, power } = await file();
    const asked = await database.db('cases').where({ code: water }).first<{ answers: object }>('answers');
    expect(asked.answers).toEqual({ meters: 1, contact: 'Nguyễn Văn An, cổng sau' });
    expect((await citizen().get(`/api/v1/cases/${water}`)).body.papers).toMatchObject([{ kind: 'plan' }]);
    expect((await citizen().get(`/api/v1/cases/${power}`)).body.papers).toEqual([]);
    await expect
      .poll(() => children(code).then((codes) => codes?.sort()), { timeout: 20_000 })
      .toEqual([water, power].sort());

    await specialist().complete(water, 'decide', { connected: true });
    await closed(water);
    expect((await citizen().get(`/api/v1/cases/${code}`)).body.closedAt).toBeNull();
    await specialist().complete(power, 'decide', { connected: true });
    expect(await closed(code)).toMatchObject({ outcome: 'connected-connected' });
    for (const each of [code, water, power])
      expect(await firstBrokenEntry(database.db, each)).toBeUndefined();
  });

  it('goes on with one when the other fails or is withdrawn', async () => {
    const { code, water, power } = await file();
    await specialist().complete(water, 'decide', { connected: false });
    await citizen().complete(power, 'withdraw', { reason: 'Dùng điện mặt trời.' });
    expect(await closed(code)).toMatchObject({ outcome: 'refused-withdrawn' });
  });

  it('cannot be answered by an officer in the sub-case’s place', async () => {
    const { code } = await file();
    const task = await database
      .db('tasks')
      .where({ case_code: code, name: 'case.water' })
      .first<{ id: string }>('id');
    const answer = { answer: { code, outcome: 'connected' } };
    for (const who of ['vungtau.specialist', 'vungtau.leader', 'admin', 'an']) {
      const { status } = await world.as(who).request('POST', `/api/v1/tasks/${task.id}/complete`, answer);
      expect(status).toBe(403);
    }
  });

  it('goes on from where it was when Temporal has lost parent and children', async () => {
    const { code, water, power } = await file();
    await specialist().complete(water, 'decide', { connected: true });
    await closed(water);
    await world.close();
    world = await open();
    // As the reconciler does with every open case that Temporal does not run.
    for (const lost of [code, power]) await resendOpenCase(database.db, lost);
    await specialist().complete(power, 'decide', { connected: true });
    expect(await closed(code)).toMatchObject({ outcome: 'connected-connected' });
    const below = await database.db('tasks').where({ case_code: code }).whereLike('name', 'case.%');
    expect(below).toHaveLength(2);
    expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
  });
});
