import type { Client } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { lastFindings } from '../records/health.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight } from '../testing/filed-case.ts';
import { Reconciler } from './reconciler.ts';

const nine = new Date('2026-11-23T02:00:00Z');
const healthy = {
  unsentActs: 0,
  casesWithoutRun: 0,
  decidedWithoutResult: 0,
  closedWithoutArchive: 0,
  openWithoutRun: 0,
};
/** The cases that Temporal runs. */
const running = new Set<string>();
const client = {
  workflow: {
    async *list() {
      for (const workflowId of running) yield await Promise.resolve({ workflowId });
    },
  },
} as unknown as Client;

let database: TestDatabase;
let code: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  for (const table of ['notices', 'fee_payments', 'outbox', 'case_record', 'documents', 'cases'])
    await database.db(table).delete();
  code = await fileLight(database.db, nine);
  await told();
});

/** The relay has told the case, and its workflow has written its first step. */
async function told(): Promise<void> {
  await database.db('outbox').update({ sent_at: nine });
  await database.db('cases').update({ run_id: 'run', last_change: 1 });
  running.clear();
  running.add(code);
}

/** What the reconciler finds so many seconds after nine. */
function foundAfter(seconds: number) {
  const clock = { now: () => new Date(nine.getTime() + seconds * 1_000) };
  return new Reconciler({ db: database.db, client, clock, log: pino({ level: 'silent' }) }).round();
}

test('everything reads 0 while every case hears and runs', async () => {
  expect(await foundAfter(3_600)).toEqual(healthy);
});

test('an act that its case has not heard of is overdue after 30 seconds', async () => {
  await database.db('outbox').update({ sent_at: null });
  expect(await foundAfter(29)).toEqual(healthy);
  expect(await foundAfter(31)).toEqual({ ...healthy, unsentActs: 1 });
});

test('a case whose workflow never began is overdue after 30 seconds', async () => {
  await database.db('cases').update({ run_id: null });
  expect(await foundAfter(29)).toEqual(healthy);
  expect(await foundAfter(31)).toEqual({ ...healthy, casesWithoutRun: 1 });
});

test('an open case that Temporal no longer runs is found and told again, a closed one is not missed', async () => {
  running.clear();
  expect(await foundAfter(1)).toEqual({ ...healthy, openWithoutRun: 1 });
  expect(await database.db('outbox').whereNull('sent_at').pluck('case_code')).toContain(code);
  await database.db('cases').update({ closed_at: nine });
  expect(await foundAfter(1)).toEqual(healthy);
});

test('a case that ended with a decision but without its document is found', async () => {
  await database.db('cases').update({ state: 10, closed_at: nine });
  expect(await foundAfter(1)).toEqual({ ...healthy, decidedWithoutResult: 1 });
});

test('a fee that is not in the budget in time is told to the head of the agency, once', async () => {
  const fee = { case_code: code, number: 1, agency: 'H29.16', amount: 75_000, receipt: 'BL-1' };
  await database
    .db('fee_payments')
    .insert({ ...fee, paid_at: nine, remit_by: new Date(nine.getTime() + 60_000) });
  const told = () => database.db('notices').where({ notice: 'remittance-late' }).pluck('recipient_sub');
  await foundAfter(59);
  expect(await told()).toEqual([]);
  await foundAfter(61);
  await foundAfter(121);
  expect(await told()).toEqual(['queue:H29.16:head']);
});

test('more open cases than one page holds are all compared', async () => {
  const more = Array.from({ length: 1_100 }, (_, index) => `H29.17-261123-${1_000 + index}`);
  await database.db.raw(
    /* sql */ `
    INSERT INTO cases (code, procedure, procedure_code, agency, applicant_sub, applicant, answers, filed_at, run_id)
    SELECT more.code, procedure, procedure_code, agency, applicant_sub, applicant, answers, filed_at, run_id
      FROM cases, unnest(?::text[]) AS more (code)`,
    [more],
  );
  for (const each of more.slice(3)) running.add(each);
  expect(await foundAfter(1)).toEqual({ ...healthy, openWithoutRun: 3 });
});

test('what was found is kept for the metrics of every process', async () => {
  running.clear();
  await foundAfter(1);
  expect((await lastFindings(database.db))?.findings).toEqual({ ...healthy, openWithoutRun: 1 });
  running.add(code);
  await database.db('outbox').update({ sent_at: nine });
  await foundAfter(60);
  expect(await lastFindings(database.db)).toMatchObject({
    findings: healthy,
    at: new Date(nine.getTime() + 60_000),
  });
});
