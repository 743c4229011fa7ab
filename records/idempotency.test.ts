import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { once } from './idempotency.ts';
import { Refusal } from './refusal.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const request = (key: string, body = 'a') => ({
  actorSub: 'an',
  key,
  requestHash: Buffer.from(body),
  at: new Date('2026-11-23T02:00:00Z'),
});

/** Sends a request whose work counts how often it was done. */
function counter(key: string, body?: string) {
  let done = 0;
  const send = (work?: () => Promise<void>) =>
    database.db.transaction((trx) =>
      once(trx, request(key, body), async () => {
        await work?.();
        done += 1;
        return { status: 201, body: { number: done } };
      }),
    );
  return { send, done: () => done };
}

test('a key that came with another request is refused', async () => {
  await counter('key-0001').send();
  await expect(counter('key-0001', 'b').send()).rejects.toMatchObject({ type: 'key-reused' });
});

test('the same request again gets the same answer, and its work is done once', async () => {
  const { send, done } = counter('key-0002');
  expect(await send()).toEqual({ status: 201, body: { number: 1 } });
  expect(await send()).toEqual({ status: 201, body: { number: 1 } });
  expect(done()).toBe(1);
});

test('ten at the same time: nine wait for the first and get its answer', async () => {
  const { send, done } = counter('key-0003');
  const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(slowly)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer)))).toEqual(
    new Set(['{"status":201,"body":{"number":1}}']),
  );
  expect(done()).toBe(1);
});

test('a refused act leaves its key free, so that the corrected one may use it', async () => {
  const { send } = counter('key-0004');
  const refuse = () => Promise.reject(new Refusal('task-closed', 'closed'));
  await expect(send(refuse)).rejects.toMatchObject({ type: 'task-closed' });
  expect(await counter('key-0004', 'corrected').send()).toEqual({ status: 201, body: { number: 1 } });
});

test('two people may choose the same key', async () => {
  const other = (trx: Parameters<typeof once>[0]) =>
    once(trx, { ...request('key-0005', 'b'), actorSub: 'binh' }, () =>
      Promise.resolve({ status: 200, body: 'binh' }),
    );
  await counter('key-0005').send();
  expect(await database.db.transaction(other)).toEqual({ status: 200, body: 'binh' });
});
