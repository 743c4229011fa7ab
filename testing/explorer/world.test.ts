import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { samplePeople } from '../../embedded/samples.ts';
import { inForce, procedures } from '../../workflows/catalogue.ts';
import { openWorld, samplePermit, type World } from '../world.ts';
import { applicationOf } from './answers.ts';
import { live } from './explore.ts';
import { openGround } from './ground.ts';
import type { Life } from './life.ts';
import { plans } from './moves.ts';
import type { Snapshot, TaskNow } from './snapshot.ts';

const lives = 15;

type Opened = Awaited<ReturnType<typeof openGround>>;
let explorer: Opened;
let world: World;
let upload: string;
beforeAll(async () => {
  explorer = await openGround(readFileSync(inject('bundlePath'), 'utf8'), procedures);
  world = await openWorld();
  await world.toMonday();
  await world.database.db.raw(stage);
  upload = await world.as('an').upload('samples/construction-permit/site-plan.pdf');
});
afterAll(() => Promise.all([explorer.close(), world.close()]));

/** Gives every case that is filed the agencies' answers that are staged, as if they had been asked already. */
const stage = /* sql */ `
  CREATE TABLE staged (effect text, number integer, answer jsonb);
  CREATE FUNCTION answer_staged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO effects SELECT NEW.code, effect, number, answer, NEW.filed_at FROM staged; RETURN NEW; END $$;
  CREATE TRIGGER answer_staged AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION answer_staged();`;

/** Stages what the agencies have answered in a life. */
async function stageAnswers(code: string): Promise<void> {
  const { db } = world.database;
  const answers = await explorer.ground
    .db('effects')
    .where({ case_code: code })
    .select('effect', 'number', 'answer');
  await db('staged').delete();
  if (answers.length > 0)
    await db('staged').insert(answers.map((row) => ({ ...row, answer: JSON.stringify(row.answer) })));
}

/** Who performs a task among the sample people; undefined when nobody does. */
function performerOf({ role, agency, state: _state }: TaskNow): string | undefined {
  if (role === 'citizen') return 'an';
  const { people, machines } = samplePeople() as { people: Somebody[]; machines: Somebody[] };
  const its = agency?.startsWith('Z') ? 'H29.16' : agency;
  return [...people, ...machines].find((somebody) => somebody.roles.includes(role) && somebody.agency === its)
    ?.sub;
}
interface Somebody {
  sub: string;
  roles: string[];
  agency?: string;
}

/** The same answer with this world's upload in it. */
const here = (answer: unknown): unknown =>
  JSON.parse(JSON.stringify(answer), (key, value: unknown) => (key === 'upload' ? upload : value));

/** What the record says, without what differs from life to life. */
const told = (record: Snapshot['record']) =>
  record.map(({ event, details: { task, number, to, notice, outcome } }) => ({
    event,
    task,
    number,
    to,
    notice,
    outcome,
  }));

const recordOf = (code: string) =>
  world.database.db('case_record').where({ case_code: code }).orderBy('number').select<Snapshot['record']>();

/** Waits until a task is open in this world, and gives its id; there may be two of a name at once. */
async function opened(code: string, { name, number }: TaskNow): Promise<string> {
  const find = () =>
    world.database
      .db('tasks')
      .where({ case_code: code, name, number, state: 'open' })
      .first<{ id: string } | undefined>('id');
  await expect.poll(find, { timeout: 15_000 }).toBeDefined();
  return (await find())!.id;
}

/** Lives a life again with HTTP, worker and server; gives the record of its case. */
async function liveAgain(life: Life): Promise<Snapshot['record']> {
  const [{ procedure: id }] = life.cases as [Life['cases'][number]];
  const procedure = procedures.get(id)!;
  await stageAnswers(life.cases[0]!.code);
  const answer = await world.as('an').request('POST', '/api/v1/applications', {
    ...samplePermit(),
    procedure: id,
    answers: applicationOf(id, procedure, 0),
    papers: Object.keys(procedure.papers).map((kind) => ({ kind, upload })),
  });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  const { code } = answer.body as { code: string };
  for (const { task, answer: given, recorded } of life.acts) {
    const id = await opened(code, task);
    const body = { answer: here(given) };
    const done = await world.as(performerOf(task)!).request('POST', `/api/v1/tasks/${id}/complete`, body);
    expect(done, JSON.stringify(done.body)).toMatchObject({ status: 200 });
    await expect
      .poll(async () => (await recordOf(code)).length, { timeout: 15_000 })
      .toBeGreaterThanOrEqual(recorded);
  }
  return recordOf(code);
}

it('random lives go on the real server as they went in the explorer', async () => {
  const today = world.clock.now().toISOString().slice(0, 10);
  const current = [...procedures].filter(([, procedure]) => inForce(procedure, today)).map(([id]) => id);
  let again = 0;
  for (const plan of fc.sample(plans(current), { seed: 1, numRuns: 60 })) {
    // People only, on a Monday at nine: on the real server no time passes between their acts.
    const moves = plan.moves
      .filter(({ kind }) => kind === 'act' || kind === 'withdraw')
      .map((move) => ({ ...move, of: 0, order: 0 }));
    const life = await live(explorer.ground, { ...plan, begins: 5 * 24 + 9, seed: 0, moves });
    if (life.acts.some(({ task }) => performerOf(task) === undefined)) continue;
    expect(told(await liveAgain(life)), life.story.join('\n')).toEqual(told(life.cases[0]!.snapshot.record));
    if (++again === lives) break;
  }
  expect(again).toBe(lives);
}, 240_000);
