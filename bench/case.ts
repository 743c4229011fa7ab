import { randomUUID } from 'node:crypto';
import type { Actor } from '../records/actor.ts';
import { fileApplication } from '../records/cases.ts';
import type { Transaction } from '../records/db.ts';
import { once, type Answer } from '../records/idempotency.ts';
import { digest } from '../records/record.ts';
import { completeTask } from '../records/task-acts.ts';
import { listTasks } from '../records/inbox.ts';
import { withoutPersonal } from '../workflows/engine/form.ts';
import { benchCase } from './case-procedure.ts';
import { openEngine, type Engine } from './engine.ts';
import { round, type Figures } from './figures.ts';
import { measureTogether, type Cost, type Pattern } from './load.ts';
import { openSketch } from './sketch.ts';
import { openStores } from './stores.ts';

/** What a sketch of the same pattern used when it was first measured, in CPU milliseconds a case. */
const recorded = { cpuMsPerCase: 33, events: 13, casesPerSecond: 50 };

const agency = 'H29.16';
const citizen: Actor = { sub: 'an', name: 'Nguyễn Văn An', roles: ['citizen'] };
const officer: Actor = { sub: 'bench.specialist', name: 'Trần Thị Bình', roles: ['specialist'], agency };
const { application, tasks } = benchCase.procedure;

/** 2 KB of application, no personal data. */
const answers = {
  parcel: { sheet: 12, number: 345, certificate: 'AB 123456' },
  text: 'Đo hiệu năng. '.repeat(110),
};

/**
 * The engine alone, below HTTP: file → ask for identity → ask for the parcel → an officer lists and completes the
 * task, whose 30-day deadline is armed in the case's first workflow task → one row for the decision.
 *
 * The codec, the record, the policy, the idempotency keys, the outbox and the relay are on; the agencies answer in
 * the process, and no document is rendered. One Node process is worker, relay and client. A bare sketch of the same
 * pattern takes turns with it on the same stores, because the same work costs more on a slower or busier machine.
 */
export async function caseBenchmark(): Promise<Figures> {
  const stores = await openStores();
  const engine = await openEngine(stores);
  const sketch = await openSketch(stores);
  try {
    const costs = await measureTogether(stores, [patternOf(engine), sketch.pattern]);
    const [cost, sketchHere] = costs as [Cost, Cost];
    return {
      ...cost,
      events: await engine.eventsOfACase(),
      sketchHere,
      sketchRecorded: recorded,
      ratioToSketch: round(cost.cpuMsPerCase / sketchHere.cpuMsPerCase, 2),
      ratioToRecordedSketch: round(cost.cpuMsPerCase / recorded.cpuMsPerCase, 2),
    };
  } finally {
    await Promise.all([engine.close(), sketch.close()]);
    await stores.close();
  }
}

function patternOf(engine: Engine): Pattern {
  const answer = { reasons: 'Hồ sơ đo hiệu năng.' };
  const rulesOf = () => ({ check: (given: unknown) => tasks['decision']?.form.parse(given) });
  return {
    async file() {
      await act(engine, citizen, answers, async (trx, at) => ({
        status: 201,
        body: await fileApplication(trx, {
          actor: citizen,
          at,
          procedure: { ...benchCase.procedure, id: 'benchCase' },
          agency,
          applicant: { fullName: citizen.name },
          answers,
          publicAnswers: withoutPersonal(application, answers),
          papers: [],
          wrappedKey: engine.newCaseKey(),
        }),
      }));
    },
    async decide() {
      const { items } = await listTasks(engine.db, officer, { limit: 50, at: engine.clock.now() });
      await Promise.all(
        items.map(({ id }) =>
          act(engine, officer, answer, async (trx, at) => ({
            status: 200,
            body: await completeTask(trx, { actor: officer, at, id, answer, rulesOf }),
          })),
        ),
      );
    },
    closed: () => engine.closedCases(),
  };
}

/** One act as the API does it: one transaction under an idempotency key. */
async function act(
  { db, clock }: Engine,
  actor: Actor,
  body: unknown,
  work: (trx: Transaction, at: Date) => Promise<Answer>,
): Promise<void> {
  const at = clock.now();
  const requestHash = Buffer.from(digest(body), 'hex');
  const request = { actorSub: actor.sub, key: randomUUID(), requestHash, at };
  await once(db, request, (trx) => work(trx, at));
}
