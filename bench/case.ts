import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { once } from '../records/idempotency.ts';
import { digest } from '../records/record.ts';
import type { Actor } from '../records/actor.ts';
import { fileApplication } from '../records/cases.ts';
import { completeTask, listTasks } from '../records/tasks.ts';
import { withoutPersonal } from '../workflows/engine/form.ts';
import { benchCase } from './case-procedure.ts';
import { openEngine, type Engine } from './engine.ts';
import { round, type Figures } from './figures.ts';
import { cpuOf } from './processes.ts';

const warmUp = 150;
const measured = 400;
const inFlight = 50;
const patienceMs = 60_000;

/** What a sketch of the same pattern used on the same kind of machine, in CPU milliseconds a case. */
const sketch = { cpuMsPerCase: 33, events: 13, casesPerSecond: 50 };

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
 * the process, and no document is rendered. One Node process is worker, relay and client, as in the sketch.
 */
export async function caseBenchmark(): Promise<Figures> {
  const engine = await openEngine();
  try {
    await run(engine, warmUp);
    let seconds = 0;
    const used = await cpuOf(engine.pids, async () => {
      const started = performance.now();
      await run(engine, measured);
      seconds = (performance.now() - started) / 1000;
    });
    const perCase = (ms: number) => round(ms / measured);
    const cpuMsPerCase = perCase(used.node + used.temporal + used.postgres);
    return {
      cpuMsPerCase,
      casesPerSecond: round(measured / seconds),
      cpuMsNode: perCase(used.node),
      cpuMsTemporal: perCase(used.temporal),
      cpuMsPostgres: perCase(used.postgres),
      events: await engine.eventsOfACase(),
      cases: measured,
      inFlight,
      sketch,
      ratioToSketch: round(cpuMsPerCase / sketch.cpuMsPerCase, 2),
    };
  } finally {
    await engine.close();
  }
}

/** Files so many cases, never more than {@link inFlight} open at once, until all are closed. */
async function run(engine: Engine, cases: number): Promise<void> {
  const end = performance.now() + patienceMs;
  const already = await engine.closedCases();
  let filed = 0;
  let closed = 0;
  const filing = async () => {
    while (filed < cases)
      if (filed - closed < inFlight) {
        filed += 1;
        await file(engine);
      } else await sleep(5);
  };
  const deciding = async () => {
    while (closed < cases) {
      if (performance.now() > end) throw new Error(`only ${closed} of ${cases} cases were closed in time`);
      await decide(engine);
      closed = (await engine.closedCases()) - already;
    }
  };
  await Promise.all([filing(), filing(), deciding()]);
}

async function file(engine: Engine): Promise<void> {
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
}

/** The officer looks at the queue, decides what is in it, and looks again a moment later. */
async function decide(engine: Engine): Promise<void> {
  const { items } = await listTasks(engine.db, officer, { limit: inFlight });
  const answer = { reasons: 'Hồ sơ đo hiệu năng.' };
  const validate = (_task: unknown, given: unknown) => tasks['decision']?.form.parse(given);
  await Promise.all(
    items.map(({ id }) =>
      act(engine, officer, answer, async (trx, at) => ({
        status: 200,
        body: await completeTask(trx, { actor: officer, at, id, answer, validate }),
      })),
    ),
  );
  await sleep(100);
}

type Work = Parameters<typeof once>[2];
type Transaction = Parameters<typeof once>[0];

/** One act as the API does it: one transaction under an idempotency key. */
function act(
  { db, clock }: Engine,
  actor: Actor,
  body: unknown,
  work: (trx: Transaction, at: Date) => ReturnType<Work>,
): Promise<unknown> {
  const at = clock.now();
  const request = {
    actorSub: actor.sub,
    key: randomUUID(),
    requestHash: Buffer.from(digest(body), 'hex'),
    at,
  };
  return db.transaction((trx) => once(trx, request, () => work(trx, at)));
}
