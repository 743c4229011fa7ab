import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleWorkflows } from '../../bundle.ts';
import { firstBrokenEntry } from '../../records/record.ts';
import * as cards from '../../testing/card-procedure.ts';
import { applicant } from '../../testing/street-light.ts';
import { openWorld, type World } from '../../testing/world.ts';

const catalogue = fileURLToPath(new URL('../../testing/card-procedure.ts', import.meta.url));

let world: World;
beforeAll(async () => {
  const procedures = new Map([['card', cards.card.procedure]]);
  world = await openWorld({ bundle: await bundleWorkflows(catalogue, [catalogue]), procedures });
});
afterAll(() => world.close());

const citizen = () => world.as('an');
const db = () => world.database.db;

/** Files for a card and has it checked; gives the case code. */
async function valid(periods: number): Promise<string> {
  const body = { procedure: 'card', agency: 'H29.16', applicant, answers: { periods }, papers: [] };
  const filed = await citizen().request('POST', '/api/v1/applications', body);
  const { code } = filed.body as { code: string };
  await world.as('vungtau.specialist').complete(code, 'check', { valid: true });
  await citizen().task(code, 'loss');
  return code;
}

const run = async (code: string) => {
  const { runId, historyLength } = await world.client.workflow.getHandle(code).describe();
  return { runId, historyLength };
};
const tasksOf = (code: string): Promise<{ name: string; number: number; state: string }[]> =>
  db()('tasks').where({ case_code: code }).orderBy(['name', 'number']).select('name', 'number', 'state');

describe('a card that is valid for long', () => {
  it('begins a new run each half-year, whose history stays short, and expires in the end', async () => {
    // Not longer: the development certificates that seal the last letter are valid for three years.
    const code = await valid(2);
    const runs = new Set<string>();
    for (let period = 1; period <= 2; period++) {
      const { runId, historyLength } = await run(code);
      runs.add(runId);
      expect(historyLength).toBeLessThan(20);
      const [open] = (await tasksOf(code)).filter(({ name, state }) => name === 'loss' && state === 'open');
      expect(open?.number).toBe(period);
      const { expires_at: expires } = await db()('tasks')
        .where({ case_code: code, name: 'loss', number: period })
        .first<{ expires_at: Date }>('expires_at');
      await world.passUntil(expires);
      const ended = async () =>
        (await tasksOf(code)).filter(({ name, number }) => name === 'loss' && number > period).length;
      if (period < 2) await expect.poll(ended, { timeout: 20_000 }).toBe(1);
    }
    const view = await citizen().until(code, (seen) => seen.closedAt !== null);
    expect(view).toMatchObject({ outcome: 'expired' });
    expect(runs.size).toBe(2);
    expect((await tasksOf(code)).map(({ name, number, state }) => `${name}#${number} ${state}`)).toEqual([
      'check#1 done',
      // Nothing was issued, so its date is missed, and a later run foresees that too.
      'extend#1 expired',
      'loss#1 expired',
      'loss#2 expired',
      'withdraw#1 cancelled',
    ]);
    expect(await db()('notices').where({ case_code: code, notice: 'accepted' })).toHaveLength(1);
    expect(await firstBrokenEntry(db(), code)).toBeUndefined();
  });

  it('hears in a later run what its holder does, and what was told twice only once', async () => {
    const code = await valid(5);
    const { expires_at: expires } = await db()('tasks')
      .where({ case_code: code, name: 'loss' })
      .first<{ expires_at: Date }>('expires_at');
    await world.passUntil(expires);
    await expect
      .poll(async () => (await tasksOf(code)).some(({ number }) => number === 2), { timeout: 20_000 })
      .toBe(true);
    await db()('outbox').where({ case_code: code }).whereNot('act', 1).update({ sent_at: null });
    await citizen().complete(code, 'loss', { where: 'Chợ Vũng Tàu' });
    expect(await citizen().until(code, (seen) => seen.closedAt !== null)).toMatchObject({ outcome: 'lost' });
  });

  it('can be withdrawn in a later run too', async () => {
    const code = await valid(5);
    await citizen().complete(code, 'withdraw', { reason: 'Không cần nữa.' });
    expect(await citizen().until(code, (seen) => seen.closedAt !== null)).toMatchObject({
      outcome: 'withdrawn',
    });
  });
});
