import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import type { Actor } from './actor.ts';
import { askedOnce, atAGlance } from './glance.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const officer: Actor = { sub: 'lan', name: 'Lan', roles: ['head'], agency: 'H29.16' };
let asked = 0;
const ask = () => Promise.resolve(++asked);
beforeEach(() => (asked = 0));

test('what a page rests on is asked once for each question, and by everybody for themselves', async () => {
  const { db } = database;
  const [looking, other] = [atAGlance(officer), atAGlance(officer)];
  const answers = ['seat A', 'seat A', 'seat B'].map((each) => askedOnce(db, looking, each, ask));
  expect(await Promise.all(answers)).toEqual([1, 1, 2]);
  expect(await askedOnce(db, other, 'seat A', ask)).toBe(3);
});

test('an act asks anew: in a transaction, and with an actor who does not only look', async () => {
  const { db } = database;
  const looking = atAGlance(officer);
  expect(await askedOnce(db, looking, 'seat A', ask)).toBe(1);
  expect(await db.transaction((trx) => askedOnce(trx, looking, 'seat A', ask))).toBe(2);
  expect([await askedOnce(db, officer, 'seat A', ask), await askedOnce(db, officer, 'seat A', ask)]).toEqual([
    3, 4,
  ]);
});
