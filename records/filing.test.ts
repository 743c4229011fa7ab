import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { takePlace } from './filing.ts';
import { Refusal } from './refusal.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const at = new Date('2027-07-01T01:00:00Z');

/** Opens a window for a procedure of its own. */
async function open(procedureCode: string, cap: number): Promise<string> {
  const id = randomUUID();
  const facts = { kind: 'opening', cap, from_at: at, prepare_before: false, counter_too: false };
  await database.db('filing_windows').insert({ id, procedure_code: procedureCode, ...facts });
  return id;
}

test('however many file at once, and however many of them fail, a window takes exactly its cap', async () => {
  let procedures = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.array(fc.boolean(), { maxLength: 12 }),
      async (cap, fails) => {
        const procedureCode = `9.${String(++procedures).padStart(6, '0')}`;
        const id = await open(procedureCode, cap);
        const wanted = { procedureCode, agency: 'H29.16', channel: 'online' as const };
        const file = (failing: boolean) =>
          database.db.transaction(async (trx) => {
            await takePlace(trx, at, wanted);
            if (failing) throw new Error('no case after all');
          });
        const results = await Promise.allSettled(fails.map(file));
        const accepted = results.filter(({ status }) => status === 'fulfilled').length;
        const full = results.filter(
          (each) => each.status === 'rejected' && each.reason instanceof Refusal,
        ).length;
        const sound = fails.filter((failing) => !failing).length;
        const [row] = await database.db('filing_windows').where({ id }).select<{ taken: number }[]>('taken');
        expect(row?.taken).toBe(accepted);
        expect(accepted).toBe(Math.min(cap, sound));
        // Only who could have had a place is told that there is none.
        if (accepted < cap) expect(full).toBe(0);
      },
    ),
    { numRuns: 30 },
  );
});
