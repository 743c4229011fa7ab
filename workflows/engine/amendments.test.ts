import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import type { TestDatabase } from '../../testing/database.ts';
import * as contests from '../../testing/contest-procedure.ts';
import { reopenableWorld } from '../../testing/own-procedures.ts';
import { clearHistory, textOf } from '../../testing/histories.ts';
import { applicant } from '../../testing/street-light.ts';
import type { World } from '../../testing/world.ts';

let database: TestDatabase;
let open: () => Promise<World>;
let world: World;
beforeAll(async () => {
  ({ database, open } = await reopenableWorld({ file: 'contest-procedure.ts', exported: contests }));
  world = await open();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const specialist = () => world.as('vungtau.specialist');
const jury = ['vungtau.committee', 'vungtau.committee.second', 'vungtau.committee.third'];
const inDays = (days: number) => new Date(world.clock.now().getTime() + days * 86_400_000).toISOString();
const answers = (more: Record<string, unknown> = {}) => ({
  theme: 'Biển',
  shownAt: inDays(10),
  author: 'Nguyễn Văn An',
  ...more,
});
const closed = (code: string) => citizen().until(code, (seen) => seen.closedAt !== null);

async function file(more: Record<string, unknown> = {}): Promise<string> {
  const body = { procedure: 'contest', agency: 'H29.16', applicant, answers: answers(more) };
  return ((await citizen().request('POST', '/api/v1/applications', body)).body as { code: string }).code;
}
const amend = (code: string, more: Record<string, unknown> = {}, papers: unknown[] = [], who = citizen()) =>
  who.request('POST', `/api/v1/cases/${code}/amendment`, { answers: answers(more), papers });
const amendAction = async (code: string) => {
  const { body } = await citizen().get(`/api/v1/cases/${code}/actions`);
  return body.items.find(({ act }: { act: string }) => act === 'amend');
};

describe('an application that its applicant may change', () => {
  it('is nobody else’s to change', async () => {
    const code = await file();
    await specialist().task(code, 'check');
    for (const other of [world.as('binh'), specialist(), world.as('tamthang.specialist')])
      expect((await amend(code, {}, [], other)).status).toBe(403);
  });

  it('is checked again with what it says now; what was being decided is not decided on what it said', async () => {
    const code = await file();
    const { id } = await specialist().task(code, 'check');
    expect(await amendAction(code)).toMatchObject({ allowed: true, href: `/api/v1/cases/${code}/amendment` });
    expect(await amend(code, { theme: 'Núi', author: 'Nguyễn An' })).toMatchObject({ status: 200 });
    const late = await specialist().request('POST', `/api/v1/tasks/${id}/complete`, {
      answer: { fits: true },
    });
    expect(late.status).toBe(409);
    const again = await specialist().task(code, 'check');
    const { body } = await specialist().get(`/api/v1/tasks/${again.id}`);
    expect(body).toMatchObject({ number: 2, context: { theme: 'Núi' } });
    const { body: content } = await citizen().get(`/api/v1/cases/${code}/content`);
    expect(content.answers).toMatchObject({ theme: 'Núi', author: 'Nguyễn An' });
    const { body: earlier } = await citizen().get(`/api/v1/cases/${code}/amendment`);
    expect(earlier.items).toMatchObject([{ answers: { theme: 'Biển', author: 'Nguyễn Văn An' } }]);
    expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
    expect(textOf(await clearHistory(world, code))).not.toContain('Nguyễn');
  });

  it('is refused as a form is, with a pointer to what is wrong', async () => {
    const code = await file();
    await specialist().task(code, 'check');
    expect((await amend(code, { theme: '' })).body.errors).toMatchObject([{ pointer: '/answers/theme' }]);
    expect(
      (await amend(code, {}, [{ kind: 'stamp', upload: crypto.randomUUID() }])).body.errors,
    ).toMatchObject([{ pointer: '/papers/0/kind' }]);
  });

  it('takes papers along, which come to those that the case has', async () => {
    const code = await file();
    await specialist().task(code, 'check');
    const upload = await citizen().upload('samples/construction-permit/site-photo.jpg');
    expect((await amend(code, {}, [{ kind: 'picture', upload }])).status).toBe(200);
    const { body } = await citizen().get(`/api/v1/cases/${code}`);
    expect(body.papers).toMatchObject([{ kind: 'picture' }]);
  });

  it('is changed no more when no task lets it, and the applicant is told why', async () => {
    const code = await file();
    await specialist().complete(code, 'check', { fits: true });
    await world.pass('11 days');
    await world.as(jury[0]!).task(code, 'jury');
    expect(await amend(code)).toMatchObject({ status: 409 });
    expect(await amendAction(code)).toMatchObject({ allowed: false, why: { type: 'not-amendable' } });
  });

  it('goes on with what it said last, also when Temporal has lost everything', async () => {
    const code = await file();
    await specialist().task(code, 'check');
    await amend(code, { theme: 'Núi' });
    await specialist().complete(code, 'check', { fits: true });
    await expect.poll(async () => (await amend(code, { theme: 'Rừng' })).status).toBe(200);
    await world.close();
    world = await open();
    const { id } = await specialist().task(code, 'check');
    expect((await specialist().get(`/api/v1/tasks/${id}`)).body).toMatchObject({
      number: 3,
      context: { theme: 'Rừng' },
    });
    const opened = await database
      .db('case_record')
      .where({ case_code: code, event: 'open' })
      .pluck('details');
    const names = opened.map(({ task, number }: { task: string; number: number }) => `${task}#${number}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe('a wait that ends at an instant', () => {
  it('ends then, and no sooner when the instant was moved meanwhile', async () => {
    const code = await file({ shownAt: inDays(2) });
    await specialist().complete(code, 'check', { fits: true });
    const waiting = () => database.db('tasks').where({ case_code: code, name: 'showing' }).first();
    await expect.poll(waiting).toMatchObject({ state: 'open' });
    await database
      .db('tasks')
      .where({ case_code: code, name: 'showing' })
      .update({ expires_at: inDays(4) });
    await world.pass('3 days');
    expect(await waiting()).toMatchObject({ state: 'open' });
    await world.pass('2 days');
    await expect.poll(waiting).toMatchObject({ state: 'expired' });
  });

  it('runs beside the rest where the story lets it', async () => {
    const code = await file({ shownAt: inDays(3) });
    await citizen().complete(code, 'question', { text: 'Khổ ảnh bao nhiêu?' });
    await world.as('vungtau.head').complete(code, 'reply', { text: '30 × 45 cm.' });
    await specialist().complete(code, 'check', { fits: false });
    expect(await closed(code)).toMatchObject({ outcome: 'unfit' });
  });
});

describe('a task for several people', () => {
  it('is done by as many different people, and the story hears all of them', async () => {
    const code = await file({ shownAt: inDays(1) });
    await specialist().complete(code, 'check', { fits: true });
    await world.pass('2 days');
    const [first, second, third] = jury.map((sub) => world.as(sub));
    await first!.complete(code, 'jury', { approve: true });
    const { body } = await first!.get(`/api/v1/tasks?case=${code}&name=jury`);
    for (const { id } of body.items as { id: string }[]) {
      const again = await first!.request('POST', `/api/v1/tasks/${id}/complete`, {
        answer: { approve: true },
      });
      expect(again).toMatchObject({ status: 403, body: { type: expect.stringContaining('same-person') } });
    }
    await second!.complete(code, 'jury', { approve: false });
    await third!.complete(code, 'jury', { approve: true });
    expect(await closed(code)).toMatchObject({ outcome: 'won' });
  });
});
