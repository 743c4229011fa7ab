import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { actOn, fileLight } from '../testing/filed-case.ts';
import { Relay } from './relay.ts';

/** A Temporal whose behaviour the tests choose; the real one is in testing/survival.test.ts. */
class StubTemporal {
  /** What it was told, in order: `<case> start` or `<case> act <number>`. */
  readonly told: string[] = [];
  readonly running = new Set<string>();
  readonly closed = new Set<string>();
  /** Cases whose messages it cannot take. */
  readonly refused = new Set<string>();
  down = false;

  readonly client = {
    withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
    workflow: {
      start: (procedure: string, { workflowId: code }: { workflowId: string }) =>
        this.#start(procedure, code),
      getHandle: (code: string) => ({
        signal: (_signal: unknown, { act }: { act: number }) => this.#signal(code, act),
      }),
    },
  } as unknown as Client;

  async #start(procedure: string, code: string): Promise<void> {
    await this.#answer(code);
    if (this.running.has(code) || this.closed.has(code))
      throw new WorkflowExecutionAlreadyStartedError('started', code, procedure);
    this.running.add(code);
    this.told.push(`${code} start`);
  }

  async #signal(code: string, act: number): Promise<void> {
    await this.#answer(code);
    if (!this.running.has(code)) throw new WorkflowNotFoundError('workflow not found', code, undefined);
    this.told.push(`${code} act ${act}`);
  }

  /** Answers after a while that differs from call to call, as a network does. */
  async #answer(code: string): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 5));
    if (this.down || this.refused.has(code)) throw new Error('Temporal does not answer');
  }
}

const now = new Date('2026-11-23T02:00:00Z');
let database: TestDatabase;
let temporal: StubTemporal;
const relays: Relay[] = [];
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => {
  temporal = new StubTemporal();
});
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stop()));
  await database.db('outbox').delete();
});

function openRelay(): Relay {
  const clock = { now: () => now };
  const log = pino({ level: 'silent' });
  return new Relay({ db: database.db, databaseUrl: database.url, client: temporal.client, clock, log });
}

/** A relay that runs in the background until the test ends. */
function startRelay(): void {
  const relay = openRelay();
  relays.push(relay);
  relay.start();
}

const act = (code: string) => actOn(database.db, code, now);
const fileCase = () => fileLight(database.db, now);
const waiting = () => database.db('outbox').whereNull('sent_at').orderBy('id');
const toldOf = (code: string) =>
  temporal.told.filter((line) => line.startsWith(code)).map((line) => line.slice(code.length + 1));
const acts = (count: number) => ['start', ...Array.from({ length: count }, (_, index) => `act ${index + 2}`)];

test('a case hears of its acts in the order of their commits, however many cases there are', async () => {
  const codes = await Promise.all(Array.from({ length: 8 }, fileCase));
  for (let round = 0; round < 5; round++) await Promise.all(codes.map(act));
  expect(await openRelay().drain()).toBe(8 * 6);
  for (const code of codes) expect(toldOf(code)).toEqual(acts(5));
  expect(await waiting()).toEqual([]);
});

test('three relays at once tell each act once, and still in order', async () => {
  const codes = await Promise.all(Array.from({ length: 8 }, fileCase));
  for (let round = 0; round < 5; round++) await Promise.all(codes.map(act));
  for (let copies = 0; copies < 3; copies++) startRelay();
  await expect.poll(waiting).toEqual([]);
  for (const code of codes) expect(toldOf(code)).toEqual(acts(5));
});

test('an act is told as soon as it is committed, without waiting for the next look', async () => {
  startRelay();
  const code = await fileCase();
  await expect.poll(() => toldOf(code)).toEqual(['start']);
  const waits = [];
  for (let count = 1; count <= 3; count++) {
    const committed = performance.now();
    await act(code);
    await expect.poll(() => toldOf(code), { interval: 5 }).toEqual(acts(count));
    waits.push(performance.now() - committed);
  }
  // A busy machine may delay one of them; the next look would delay each by a second.
  expect(Math.min(...waits)).toBeLessThan(700);
});

test('what Temporal cannot take stays with its reason, and holds up nobody else', async () => {
  const [stuck, other] = await Promise.all([fileCase(), fileCase()]);
  await act(stuck);
  temporal.refused.add(stuck);
  expect(await openRelay().drain()).toBe(1);
  expect(temporal.told).toEqual([`${other} start`]);
  expect(await waiting()).toMatchObject([
    { case_code: stuck, act: 1, last_error: 'Temporal does not answer' },
    { case_code: stuck, act: 2, attempts: 0, last_error: null },
  ]);
  temporal.refused.clear();
  await openRelay().drain();
  expect(toldOf(stuck)).toEqual(acts(1));
});

test('what came while Temporal was down is told when it is back, without anybody’s help', async () => {
  temporal.down = true;
  startRelay();
  const codes = await Promise.all([fileCase(), fileCase()]);
  await Promise.all(codes.map(act));
  await expect.poll(async () => (await waiting()).filter(({ attempts }) => attempts > 0).length).toBe(2);
  temporal.down = false;
  await expect.poll(waiting).toEqual([]);
  for (const code of codes) expect(toldOf(code)).toEqual(acts(1));
});

test('a relay that died between telling and writing it down tells again; the case is started once', async () => {
  const code = await fileCase();
  await openRelay().drain();
  await database.db('outbox').where({ case_code: code }).update({ sent_at: null });
  expect(await openRelay().drain()).toBe(1);
  expect(toldOf(code)).toEqual(['start']);
});

test('after an unclean stop the acts of the last minutes are told again, older ones are not', async () => {
  const [old, recent] = [await fileCase(), await fileCase()];
  await openRelay().drain();
  await database
    .db('outbox')
    .where({ case_code: old })
    .update({ sent_at: new Date(now.getTime() - 660_000) });
  await act(recent);
  await openRelay().drain();
  await openRelay().resend(10);
  expect(await waiting()).toMatchObject([
    { case_code: recent, act: 1 },
    { case_code: recent, act: 2 },
  ]);
  await openRelay().drain();
  expect(toldOf(recent)).toEqual(['start', 'act 2', 'act 2']);
  expect(toldOf(old)).toEqual(['start']);
});

test('a case that Temporal has lost is told everything again, from its filing', async () => {
  const code = await fileCase();
  await act(code);
  await act(code);
  await openRelay().drain();
  temporal.running.clear();
  temporal.told.length = 0;
  await act(code);
  startRelay();
  await expect.poll(waiting).toEqual([]);
  expect(toldOf(code)).toEqual(acts(3));
});

test('an act for a case that is closed counts as told', async () => {
  const code = await fileCase();
  await openRelay().drain();
  temporal.running.delete(code);
  temporal.closed.add(code);
  await database.db('cases').where({ code }).update({ closed_at: now });
  await act(code);
  await openRelay().drain();
  expect(await waiting()).toEqual([]);
  expect(toldOf(code)).toEqual(['start']);
});
