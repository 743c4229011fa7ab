import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Actor } from '../records/actor.ts';
import { fileApplication } from '../records/cases.ts';
import { askForRecount } from '../records/recounts.ts';
import { openEngine, type Engine } from './engine.ts';
import { percentile, round, type Figures } from './figures.ts';
import { openStores } from './stores.ts';
import { waitingCase } from './recount-catalogue.ts';

const cases = Number(process.env['BENCH_CASES'] ?? 10_000);
const inFlight = 60;
const agency = 'H29.16';
const citizen: Actor = { sub: 'an', name: 'Nguyễn Văn An', roles: ['citizen'] };
const admin: Actor = { sub: 'admin', name: 'Quản trị', roles: ['admin'] };
const quietSeconds = 15;

/**
 * A change of the calendar while 10,000 cases are open: how long all of them take to count their dates again, tell their
 * applicants and write a new slip, and how long others wait meanwhile from filing to their officer's task. Rendering and
 * signing of the slips is left out.
 */
export async function recounting(): Promise<Figures> {
  const stores = await openStores();
  const catalogue = fileURLToPath(new URL('recount-catalogue.ts', import.meta.url));
  const engine = await openEngine(stores, catalogue);
  try {
    const started = performance.now();
    await fill(engine);
    const fillSeconds = (performance.now() - started) / 1000;
    const quietUntil = performance.now() + quietSeconds * 1000;
    const before = await waits(engine, () => Promise.resolve(performance.now() > quietUntil));
    const asked = performance.now();
    const recount = await changeCalendar(engine);
    const meanwhile = await waits(engine, () => isDone(engine, recount));
    const seconds = (performance.now() - asked) / 1000;
    const { told } = await engine.db('recounts').where({ id: recount }).first<{ told: number }>('told');
    return {
      cases,
      told,
      seconds: round(seconds),
      casesPerSecond: round(told / seconds),
      fillSeconds: round(fillSeconds),
      waitBeforeP50Ms: percentile(before, 50),
      waitBeforeP99Ms: percentile(before, 99),
      waitMeanwhileP50Ms: percentile(meanwhile, 50),
      waitMeanwhileP99Ms: percentile(meanwhile, 99),
      ratioP50: round(percentile(meanwhile, 50) / percentile(before, 50), 2),
    };
  } finally {
    await engine.close();
    await stores.close();
  }
}

/** Files the cases and waits until each has its officer's task. */
async function fill(engine: Engine): Promise<void> {
  for (let filed = 0; filed < cases;) {
    const room = Math.min(cases - filed, inFlight - (filed - (await opened(engine))));
    await Promise.all(Array.from({ length: Math.max(0, room) }, () => file(engine)));
    filed += Math.max(0, room);
    await sleep(20);
  }
  while ((await opened(engine)) < cases) await sleep(100);
}

const opened = async ({ db }: Engine): Promise<number> => {
  const { rows } = await db.raw<{ rows: [{ count: number }] }>(
    'SELECT count(*)::int AS count FROM tasks WHERE name = ?',
    ['decision'],
  );
  return rows[0].count;
};

async function file(engine: Engine): Promise<string> {
  const answers = { text: 'Đo hiệu năng.' };
  const { code } = await engine.db.transaction((trx) =>
    fileApplication(trx, {
      actor: citizen,
      at: engine.clock.now(),
      procedure: { ...waitingCase.procedure, id: 'waitingCase' },
      agency,
      applicant: { fullName: citizen.name },
      answers,
      publicAnswers: answers,
      papers: [],
      wrappedKey: engine.newCaseKey(),
    }),
  );
  return code;
}

/** How many milliseconds applicants wait from filing to the officer's task, five of them a second, until it is over. */
async function waits(engine: Engine, over: () => Promise<boolean>): Promise<number[]> {
  const measured: number[] = [];
  const running: Promise<void>[] = [];
  while (!(await over())) {
    running.push(one(engine).then((took) => void measured.push(took)));
    await sleep(200);
  }
  await Promise.all(running);
  return measured;
}

async function one(engine: Engine): Promise<number> {
  const begun = performance.now();
  const code = await file(engine);
  const task = () =>
    engine.db('tasks').where({ case_code: code, name: 'decision' }).first<{ id: string } | undefined>('id');
  while (!(await task())) await sleep(10);
  return performance.now() - begun;
}

/** Makes the working day in a week a holiday, as an admin does, and gives the recount that this asks for. */
async function changeCalendar({ db, clock }: Engine): Promise<number> {
  const at = clock.now();
  const day = nextWorkingDay(new Date(at.getTime() + 7 * 86_400_000));
  const reason = { vi: 'Đo hiệu năng.', en: 'Benchmark.' };
  return db.transaction(async (trx) => {
    await trx('calendar_days').insert({ agency, day, kind: 'holiday', name: `Nghỉ ${randomUUID()}` });
    return askForRecount(trx, { agency, reason, actor: admin, at });
  });
}

function nextWorkingDay(from: Date): string {
  const weekend = from.getUTCDay() === 0 ? 1 : from.getUTCDay() === 6 ? 2 : 0;
  return new Date(from.getTime() + weekend * 86_400_000).toISOString().slice(0, 10);
}

async function isDone({ db }: Engine, id: number): Promise<boolean> {
  const row = await db('recounts').where({ id }).first<{ finished_at: Date | null }>('finished_at');
  if (!row.finished_at) return false;
  const waiting = await db('recounted_cases')
    .where({ recount: id, done_at: null })
    .first<object | undefined>();
  return !waiting;
}
