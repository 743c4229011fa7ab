import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { bundleWorkflows } from '../../bundle.ts';
import { procedures } from '../../workflows/catalogue.ts';
import type { Step } from '../../activities/cases.ts';
import type { Activities } from '../../activities/index.ts';
import * as broken from './broken-procedures.ts';
import { explore } from './explore.ts';
import { openGround } from './ground.ts';
import type { Ground } from './life.ts';

type Opened = Awaited<ReturnType<typeof openGround>>;
type Sabotage = NonNullable<Ground['sabotage']>;
let sound: Opened;
let unsound: Opened;
beforeAll(async () => {
  const module = fileURLToPath(new URL('./broken-procedures.ts', import.meta.url));
  const editions = Object.entries(broken).map(([id, { procedure }]) => [id, procedure] as const);
  sound = await openGround(readFileSync(inject('bundlePath'), 'utf8'), procedures);
  unsound = await openGround(await bundleWorkflows(module, [module]), new Map(editions));
});
afterAll(() => Promise.all([sound.close(), unsound.close()]));

/** The story that the explorer tells of what is broken. */
async function storyOf(ground: Ground, some?: string[]): Promise<string> {
  const options = { lives: 60, seed: 1, shrinkMs: 8_000, ...(some ? { procedures: some } : {}) };
  const found: unknown = await explore(ground, options).catch((error: unknown) => error);
  if (!(found instanceof Error)) throw new Error(`nothing was found in ${options.lives} lives`);
  return found.message;
}

const stepsChanged =
  (change: (step: Step) => Step): Sabotage =>
  (activities) => ({
    ...activities,
    step: (step) => activities.step(change(step)),
  });
const before =
  <V extends keyof Activities>(
    verb: V,
    work: (...given: [...Parameters<Sabotage>, string]) => Promise<unknown>,
  ): Sabotage =>
  (activities, db) => ({
    ...activities,
    [verb]: async (request: { case: string }) => {
      await work(activities, db, request.case);
      return (activities[verb] as (given: unknown) => Promise<unknown>)(request);
    },
  });

/** What is broken on purpose in the engine's activities, and the rule that it breaks. */
const sabotages: Record<string, [Sabotage, RegExp]> = {
  'a step forgets that a case is in process': [
    stepsChanged((step) => ({ ...step, ops: step.ops.filter((op) => op.op !== 'state' || op.state !== 4) })),
    /every call of a case can be carried out/,
  ],
  'a step opens tasks without a deadline': [
    stepsChanged((step) => ({
      ...step,
      ops: step.ops.map((op) => (op.op === 'open' && op.due ? { ...op, due: undefined as never } : op)),
    })),
    /every task has an owner and a deadline/,
  ],
  'a step does not escalate': [
    stepsChanged((step) => ({
      ...step,
      ops: step.ops.map((op) => (op.op === 'escalate' ? { ...op, number: 99 } : op)),
    })),
    /is overdue and was not escalated/,
  ],
  'a case ends without Form 05': [
    stepsChanged((step) => ({
      ...step,
      ops: step.ops.filter((op) => op.op !== 'letter' || op.letter !== 'form-05'),
    })),
    /without a paper/,
  ],
  'a document is issued twice': [
    (activities) => ({
      ...activities,
      async issue(request) {
        await activities.issue({ ...request, number: request.number + 1 });
        return activities.issue(request);
      },
    }),
    /a case has one result/,
  ],
  'a register skips a number': [
    before('issue', (_activities, db) => db('register_books').increment('last', 1)),
    /numbers are unique and without gaps/,
  ],
  'a case number is lost': [
    before('step', (_activities, db) => db('case_numbers').increment('last', 1)),
    /numbers are unique and without gaps/,
  ],
  'an entry of the record is lost': [
    before('step', (_activities, db, code) =>
      db('case_record').where({ case_code: code, event: 'open' }).delete(),
    ),
    /the record tells every act and every step/,
  ],
  'an entry of the record is changed': [
    before('step', (_activities, db, code) =>
      db('case_record')
        .where({ case_code: code, reference: 'act:1' })
        .update({ actor: '{"sub":"somebody"}' }),
    ),
    /entry 1 of the record is not what was written/,
  ],
  'a fee is booked without a receipt': [
    before('step', (_activities, db, code) =>
      db('tasks')
        .where({ case_code: code, name: 'pay', state: 'done' })
        .update({ answer: '{"amount":75000}' }),
    ),
    /a fee was taken without a receipt/,
  ],
  'a fee is forgotten on its way to the budget': [
    before('issue', (_activities, db, code) => db('fee_payments').where({ case_code: code }).delete()),
    /nobody owes it to the budget/,
  ],
  'a task is open again after it was done': [
    before('step', (_activities, db, code) =>
      db('tasks').where({ case_code: code, name: 'acceptance', state: 'done' }).update({ state: 'open' }),
    ),
    /but: /,
  ],
};

describe('the explorer finds a defect of the engine:', () => {
  it.each(Object.entries(sabotages))(
    '%s',
    async (_what, [sabotage, rule]) => {
      const story = await storyOf({ ...sound.ground, sabotage }, ['constructionPermit']);
      expect(story).toMatch(rule);
      expect(story).toMatch(/ 1\. the citizen files constructionPermit at /);
      expect(story).toMatch(/seed: 1 /);
    },
    180_000,
  );
});

describe('the explorer finds a defect of a story:', () => {
  it.each<[keyof typeof broken, RegExp]>([
    ['waitsForNobody', /nobody has anything to do and nothing is called: it is stuck/],
    // Where silence closes a case, the law's own states stop a story that goes on.
    ['forgetsTheFee', /a case may not go from state 6 to 9/],
    ['rejectsWithoutReasons', /Form 03 gives no reason/],
    ['refusesWithoutReasons', /refusal gives no reason/],
    ['decidesTwice', /but: /],
    ['neverEnds', /a case ends when everybody acts and time passes/],
    ['fallsOver', /the workflow task fails: .*nobody has thought of no/],
    ['changesItsMind', /a replay gives/],
  ])('%s', async (id, rule) => expect(await storyOf(unsound.ground, [id])).toMatch(rule), 180_000);

  it('and tells it in the fewest words', async () => {
    const [, ...lines] = (await storyOf(unsound.ground, ['rejectsWithoutReasons'])).split('\n');
    expect(lines.filter((line) => /^ +\d+\. /.test(line))).toHaveLength(2);
  }, 180_000);
});
