import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight } from '../testing/filed-case.ts';
import { appendEntry, canonicalJson, digest, firstBrokenEntry, type Entry } from './record.ts';

const monday = new Date('2026-11-23T02:00:00.123Z');
const officer = {
  sub: 'vungtau.specialist',
  name: 'Phạm Minh Khoa',
  roles: ['specialist' as const],
  agency: 'H29.16',
};

let database: TestDatabase;
let code: string;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  code = await fileLight(database.db, monday);
});

const entry = (reference: string, details: Record<string, unknown> = {}): Entry => ({
  at: monday,
  actor: officer,
  event: 'completed',
  details,
  reference,
});

/** Appends entries as acts do, one after the other, each with the case locked. */
const append = async (...entries: Entry[]) => {
  for (const entry of entries)
    await database.db.transaction(async (trx) => {
      const columns = ['code as case_code', 'record_length', 'record_hash'];
      await appendEntry(trx, await trx('cases').where({ code }).forUpdate().first(columns), entry);
    });
};

const entries = () =>
  database.db('case_record').where({ case_code: code }).orderBy('number').select('number', 'reference');

test('the record of a case that nobody touched verifies, whatever it tells', async () => {
  await append(entry('act:2', { task: 'repair', number: 1, ghi: 'Đã thay bóng đèn “LED”' }), entry('act:3'));
  expect(await entries()).toEqual([
    { number: 1, reference: 'act:1' },
    { number: 2, reference: 'act:2' },
    { number: 3, reference: 'act:3' },
  ]);
  expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
});

test.each([
  ['its details', { details: JSON.stringify({ task: 'another' }) }],
  ['its actor', { actor: JSON.stringify({ sub: 'somebody', name: 'Somebody', roles: [] }) }],
  ['its instant', { at: new Date('2026-11-23T02:00:00.124Z') }],
  ['its event', { event: 'claimed' }],
  ['its hash', { hash: Buffer.alloc(32) }],
])('an entry is found by its number when somebody changes %s', async (_what, change) => {
  await append(entry('act:2', { task: 'repair' }), entry('act:3'));
  await database.db('case_record').where({ case_code: code, number: 2 }).update(change);
  expect(await firstBrokenEntry(database.db, code)).toBe(2);
});

test('an entry that was taken out is missed at the one after it', async () => {
  await append(entry('act:2'), entry('act:3'));
  await database.db('case_record').where({ case_code: code, number: 2 }).delete();
  expect(await firstBrokenEntry(database.db, code)).toBe(3);
});

test('entries that were cut off the end are missed', async () => {
  await append(entry('act:2'), entry('act:3'));
  await database.db('case_record').where({ case_code: code, number: 3 }).delete();
  expect(await firstBrokenEntry(database.db, code)).toBe(3);
});

test('an act cannot be written twice, and the chain goes on from the first', async () => {
  await append(entry('act:2', { task: 'repair' }));
  await expect(append(entry('act:2', { task: 'another' }))).rejects.toThrow(/duplicate key/);
  await append(entry('act:3'));
  expect((await entries()).map(({ reference }) => reference)).toEqual(['act:1', 'act:2', 'act:3']);
  expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
});

test('twenty who write at once make one unbroken chain', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, index) => append(entry(`act:${index + 2}`))));
  expect((await entries()).map(({ number }) => number)).toEqual(
    Array.from({ length: 21 }, (_, index) => index + 1),
  );
  expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
});

test('the record names officers, and citizens by their subject only', async () => {
  await append(entry('act:2'));
  const actors = await database.db('case_record').where({ case_code: code }).orderBy('number').pluck('actor');
  expect(actors).toEqual([{ sub: 'an', roles: ['citizen'] }, officer]);
});

test('the same value has the same digest, in whatever order its fields come', () => {
  expect(canonicalJson({ b: [{ d: 1, c: null }], a: 'ắ' })).toBe('{"a":"ắ","b":[{"c":null,"d":1}]}');
  expect(digest({ a: 1, b: 2 })).toBe(digest({ b: 2, a: 1 }));
  expect(digest({ a: [1, 2] })).not.toBe(digest({ a: [2, 1] }));
});
