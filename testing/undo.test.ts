import { afterAll, beforeAll, expect, test } from 'vitest';
import { procedures as catalogue } from '../workflows/catalogue.ts';
import type { Procedure } from '../workflows/engine/procedure.ts';
import type { TaskFacts } from '../workflows/engine/task-facts.ts';
import { openWorld, samplePermit, type World } from './world.ts';

const permit = catalogue.get('constructionPermit') as Procedure;
const acceptance: TaskFacts = { ...permit.tasks['acceptance']!, grace: '10m' };
const procedures = new Map(catalogue).set('constructionPermit', {
  ...permit,
  tasks: { ...permit.tasks, acceptance },
});

let world: World;
beforeAll(async () => {
  world = await openWorld({ procedures });
  await world.toMonday();
});
afterAll(() => world.close());

const reception = () => world.as('vungtau.reception');
const an = () => world.as('an');

/** Files a permit and lets reception answer; gives the case and the task. */
async function answered(answer: object): Promise<{ code: string; id: string; undoUntil: string }> {
  const code = await an().file('samples/construction-permit', samplePermit());
  const { id } = await reception().task(code, 'acceptance');
  const { body } = await reception().request('POST', `/api/v1/tasks/${id}/complete`, { answer });
  return { code, id, undoUntil: body.undoUntil as string };
}
const signals = async (code: string) => {
  const { events } = await world.client.workflow.getHandle(code).fetchHistory();
  return (events ?? []).flatMap((event) => event.workflowExecutionSignaledEventAttributes?.signalName ?? []);
};

test('a rejection that was a slip is undone: the applicant hears only of the acceptance', async () => {
  const { code, id } = await answered({ decision: 'reject', reasons: 'Thiếu bản vẽ móng.' });
  await world.pass('9m');
  expect(await signals(code)).toEqual([]);
  const undone = await reception().request('POST', `/api/v1/tasks/${id}/undo`);
  expect(undone).toMatchObject({ status: 200, body: { case: code, task: 'acceptance' } });

  await reception().complete(code, 'acceptance', { decision: 'accept' });
  await world.pass('11m');
  const view = await an().until(code, ({ documents }) => documents.length > 0);
  expect(view.state.code).toBe(4);
  expect(view.documents).toMatchObject([{ document: 'form-01' }]);
  expect(await signals(code)).toEqual(['act acceptance']);
});

test('an act that nobody undoes reaches its case by itself when its time of grace is over', async () => {
  const { code, id, undoUntil } = await answered({ decision: 'accept' });
  expect(Date.parse(undoUntil) - world.clock.now().getTime()).toBe(600_000);
  await world.pass('11m');
  await an().until(code, ({ state }) => state.code === 4);
  expect(await reception().request('POST', `/api/v1/tasks/${id}/undo`)).toMatchObject({
    status: 409,
    body: { type: '/problems/undo-over' },
  });
});

test('who withdraws while an act is held still withdraws (Decree 118/2025 Art. 21)', async () => {
  const { code } = await answered({ decision: 'accept' });
  await an().complete(code, 'withdraw', { reason: 'Chưa xây nữa.' });
  await world.pass('11m');
  const view = await an().until(code, ({ closedAt }) => closedAt !== null);
  expect(view.outcome).toBe('withdrawn');
  expect(await signals(code)).toEqual(['act acceptance', 'act withdraw']);
});
