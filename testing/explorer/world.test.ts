import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { samplePeople } from '../../embedded/samples.ts';
import { competentAgencies } from '../../records/competences.ts';
import { inForce, procedures } from '../../workflows/catalogue.ts';
import { insist } from '../patient.ts';
import { openWorld, samplePermit, type World } from '../world.ts';
import { applicationOf } from './answers.ts';
import { live } from './explore.ts';
import { openGround } from './ground.ts';
import type { Procedure } from '../../workflows/engine/procedure.ts';
import type { Life } from './life.ts';
import { plans } from './plans.ts';
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
  // A picture: every procedure takes one.
  upload = await world.as('an').upload('samples/street-report/dark-lamp.jpg');
});
afterAll(() => Promise.all([explorer.close(), world.close()]));

/** Gives every case that is filed the agencies' answers that are staged, as if they had been asked already. */
const stage = /* sql */ `
  CREATE TABLE staged (procedure text, effect text, number integer, answer jsonb);
  CREATE FUNCTION answer_staged() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO effects SELECT NEW.code, effect, number, answer, NEW.filed_at FROM staged WHERE procedure = NEW.procedure; RETURN NEW; END $$;
  CREATE TRIGGER answer_staged AFTER INSERT ON cases FOR EACH ROW EXECUTE FUNCTION answer_staged();`;

/** Stages what the agencies have answered in a life. */
async function stageAnswers({ cases }: Life): Promise<void> {
  const { db } = world.database;
  const codes = cases.map(({ code }) => code);
  const answers = await explorer.ground
    .db('effects')
    .join('cases', 'code', 'case_code')
    .whereIn('code', codes)
    .select('procedure', 'effect', 'number', 'answer');
  await db('staged').delete();
  if (answers.length > 0)
    await db('staged').insert(answers.map((row) => ({ ...row, answer: JSON.stringify(row.answer) })));
}

/** Who performs a task among the sample people, if anybody. */
function performerOf({ role, agency, not_by }: TaskRow): string | undefined {
  if (role === 'citizen') return 'an';
  const { people, machines } = samplePeople() as { people: Somebody[]; machines: Somebody[] };
  const performer = [...people, ...machines].find(
    (somebody) =>
      somebody.roles.includes(role) && somebody.agency === agency && !not_by.includes(somebody.sub),
  );
  return performer?.sub;
}
interface TaskRow {
  id: string;
  name: string;
  role: string;
  agency: string | null;
  not_by: string[];
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

/** Waits until a task is open in this world; there may be two of a name at once. */
const opened = (code: string, { name, number }: TaskNow): Promise<TaskRow> =>
  insist(`${name} ${number} of ${code}`, () =>
    world.database
      .db('tasks')
      .where({ case_code: code, name, number, state: 'open' })
      .first<TaskRow | undefined>(),
  );

/** The case of this world that plays a part in the life of a case: itself, or one that it has opened. */
const playing = (main: string, procedure: string): Promise<string> =>
  insist(`a ${procedure} of ${main}`, async () => {
    const { db } = world.database;
    const opened = db('tasks').where({ case_code: main }).select('id');
    const row = await db('cases')
      .where({ procedure })
      .andWhere((those) => void those.where({ code: main }).orWhereIn('parent_task', opened))
      .first<{ code: string } | undefined>('code');
    return row?.code;
  });

/** Waits until a case rests as it did in the explorer, by the length of its record. */
const hasEntries = (code: string, count: number) =>
  insist(`${count} entries of ${code}`, async () => (await recordOf(code)).length >= count || undefined);

/**
 * Lives a life again with HTTP, worker and server; gives the record of each of its cases, or nothing where it comes to an agency that
 * has nobody in the sample city.
 */
async function liveAgain(life: Life): Promise<Snapshot['record'][] | undefined> {
  const [{ procedure: id }] = life.cases as [Life['cases'][number]];
  const procedure = procedures.get(id)!;
  await stageAnswers(life);
  const competent = await competentAgencies(world.database.db, procedure.code);
  const { agency } = samplePermit();
  const answer = await world.as('an').request('POST', '/api/v1/applications', {
    ...samplePermit(),
    procedure: id,
    agency: competent.some(({ code }) => code === agency) ? agency : competent[0]?.code,
    answers: applicationOf(id, procedure, 0),
    papers: Object.entries(procedure.papers)
      .filter(([, { by }]) => by !== 'officer')
      .map(([kind]) => ({ kind, upload })),
  });
  expect(answer, JSON.stringify(answer.body)).toMatchObject({ status: 201 });
  const { code: main } = answer.body as { code: string };
  for (const { procedure, task, answer: given, before, recorded } of life.acts) {
    const code = await playing(main, procedure);
    await hasEntries(code, before);
    const row = await opened(code, task);
    const body = { answer: here(given) };
    const performer = performerOf(row);
    if (!performer) return undefined;
    const done = await world.as(performer).request('POST', `/api/v1/tasks/${row.id}/complete`, body);
    expect(done, JSON.stringify(done.body)).toMatchObject({ status: 200 });
    await hasEntries(code, recorded);
  }
  return Promise.all(life.cases.map(async ({ procedure }) => recordOf(await playing(main, procedure))));
}

it('random lives go on the real server as they went in the explorer', async () => {
  const today = world.clock.now().toISOString().slice(0, 10);
  // What a campaign decides together, and of what nobody has two at a time, is walked by the tests of those.
  const isAlone = ({ membership, campaign, tasks }: Procedure) =>
    !membership && !campaign && !Object.values(tasks).some(({ standing }) => standing);
  const current = [...procedures]
    .filter(([, procedure]) => inForce(procedure, today) && isAlone(procedure))
    .map(([id]) => id);
  let again = 0;
  for (const plan of fc.sample(plans(current), { seed: 1, numRuns: 60 })) {
    // People only, on a Monday at nine: on the real server no time passes between their acts.
    const moves = plan.moves
      .filter(({ kind }) => kind === 'act' || kind === 'withdraw')
      .map((move) => ({ ...move, of: 0, order: 0 }));
    const life = await live(explorer.ground, { ...plan, begins: 5 * 24 + 9, seed: 0, moves });
    const records = life.cases.map(({ snapshot }) => told(snapshot.record));
    const lived = await liveAgain(life);
    if (!lived) continue;
    expect(lived.map(told), life.story.join('\n')).toEqual(records);
    if (++again === lives) break;
  }
  expect(again).toBe(lives);
}, 240_000);
