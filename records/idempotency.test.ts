import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { once } from './idempotency.ts';
import { Refusal } from './refusal.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
  await database.db.raw('CREATE TABLE works (number serial, key text)');
});
afterAll(() => database.drop());

const request = (key: string, body = 'a') => ({
  actorSub: 'an',
  key,
  requestHash: Buffer.from(body),
  at: new Date('2026-11-23T02:00:00Z'),
});

/** Sends requests whose work writes a row; `done` counts the rows that stay. */
function writer(key: string, body?: string) {
  const send = (before?: () => Promise<void>) =>
    once(database.db, request(key, body), async (trx) => {
      await before?.();
      const [row] = await trx('works').insert({ key }).returning<{ number: number }[]>('number');
      return { status: 201, body: { number: row?.number } };
    });
  return { send, done: async () => (await database.db('works').where({ key })).length };
}

test('a key that came with another request is refused', async () => {
  await writer('key-0001').send();
  await expect(writer('key-0001', 'b').send()).rejects.toMatchObject({ type: 'key-reused' });
});

test('the same request again gets the same answer, and its work is done once', async () => {
  const { send, done } = writer('key-0002');
  const answer = await send();
  expect(answer).toMatchObject({ status: 201, body: { number: expect.any(Number) as number } });
  expect(await send()).toEqual(answer);
  expect(await done()).toBe(1);
});

test('ten at the same time: the work of one stays, and all get its answer', async () => {
  const { send, done } = writer('key-0003');
  const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
  const answers = await Promise.all(Array.from({ length: 10 }, () => send(slowly)));
  expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
  expect(await done()).toBe(1);
});

test('a refused act leaves its key free, so that the corrected one may use it', async () => {
  const { send } = writer('key-0004');
  const refuse = () => Promise.reject(new Refusal('task-closed', 'closed'));
  await expect(send(refuse)).rejects.toMatchObject({ type: 'task-closed' });
  expect(await writer('key-0004', 'corrected').send()).toMatchObject({ status: 201 });
});

test('an act that is refused because it has been done gets the answer of the first time', async () => {
  const { send } = writer('key-0006');
  const answer = await send();
  expect(await send(() => Promise.reject(new Refusal('task-closed', 'closed')))).toEqual(answer);
});

test('two people may choose the same key', async () => {
  await writer('key-0005').send();
  const other = { ...request('key-0005', 'b'), actorSub: 'binh' };
  const work = () => Promise.resolve({ status: 200, body: 'binh' });
  expect(await once(database.db, other, work)).toEqual({ status: 200, body: 'binh' });
});
