import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import type { TestDatabase } from '../../testing/database.ts';
import * as bids from '../../testing/bid-procedure.ts';
import { reopenableWorld } from '../../testing/own-procedures.ts';
import { applicant } from '../../testing/street-light.ts';
import type { World } from '../../testing/world.ts';

const eventually = { timeout: 20_000, interval: 50 };

let database: TestDatabase;
let open: () => Promise<World>;
let world: World;
beforeAll(async () => {
  ({ database, open } = await reopenableWorld({ file: 'bid-procedure.ts', exported: bids }));
  world = await open();
});
afterAll(async () => {
  await world.close();
  await database.drop();
});
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const head = () => world.as('vungtau.head');
const specialist = () => world.as('vungtau.specialist');
const closed = (code: string) => citizen().until(code, (seen) => seen.closedAt !== null);
const notices = (code: string): Promise<string[]> =>
  database.db('notices').where({ case_code: code }).orderBy('notice').pluck('notice');

async function file(): Promise<string> {
  const body = { procedure: 'bid', agency: 'H29.16', applicant, answers: { lot: '7' } };
  return ((await citizen().request('POST', '/api/v1/applications', body)).body as { code: string }).code;
}

/** Files a bid and asks to withdraw it; gives the case code. */
async function withdrawing(): Promise<string> {
  const code = await file();
  await specialist().complete(code, 'check', {});
  await specialist().task(code, 'auction');
  await citizen().complete(code, 'withdraw', { reason: 'Tôi đổi ý.' });
  await head().task(code, 'approveWithdrawal');
  return code;
}

describe('C13: a withdrawal that sector law lets somebody approve (Decree 118/2025 Art. 21)', () => {
  it('is not the applicant’s, nor another officer’s, to approve', async () => {
    const code = await withdrawing();
    const { id } = await head().task(code, 'approveWithdrawal');
    for (const other of [citizen(), specialist(), world.as('tamthang.head')])
      expect(
        (await other.request('POST', `/api/v1/tasks/${id}/complete`, { answer: { decision: 'approve' } }))
          .status,
      ).toBe(403);
    expect((await citizen().get(`/api/v1/cases/${code}`)).body.closedAt).toBeNull();
  });

  it('ends the case when it is approved', async () => {
    const code = await withdrawing();
    await head().complete(code, 'approveWithdrawal', { decision: 'approve' });
    expect(await closed(code)).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
    const left = database.db('tasks').where({ case_code: code, state: 'open' });
    expect(await left).toEqual([]);
  });

  it('is refused with a reason, which the applicant is told; the case goes on, and it can be asked for again', async () => {
    const code = await withdrawing();
    const { id } = await head().task(code, 'approveWithdrawal');
    const without = await head().request('POST', `/api/v1/tasks/${id}/complete`, {
      answer: { decision: 'refuse' },
    });
    expect(without.body).toMatchObject({ errors: [{ pointer: '/answer/reason' }] });
    await head().complete(code, 'approveWithdrawal', {
      decision: 'refuse',
      reason: 'Đã nộp tiền đặt trước.',
    });
    await expect.poll(() => notices(code), eventually).toContain('withdrawalRefused');
    const { body } = await citizen().get(`/api/v1/cases/${code}/actions`);
    expect(
      body.items.filter(({ task }: { task?: { name: string } }) => task?.name === 'withdraw'),
    ).toMatchObject([{ allowed: true, task: { number: 2 } }]);
    await citizen().complete(code, 'withdraw', { reason: 'Tôi vẫn muốn rút.' });
    await head().complete(code, 'approveWithdrawal', { decision: 'approve' });
    expect(await closed(code)).toMatchObject({ outcome: 'withdrawn' });
  });

  it('is answered before the case is decided, whoever is faster', async () => {
    const code = await file();
    await citizen().complete(code, 'withdraw', { reason: 'Tôi đổi ý.' });
    await head().task(code, 'approveWithdrawal');
    await specialist().complete(code, 'check', { wrong: 'Thiếu tiền đặt trước.' });
    await world.pass('1 hour');
    expect((await citizen().get(`/api/v1/cases/${code}`)).body.state.code).toBe(1);
    await head().complete(code, 'approveWithdrawal', { decision: 'refuse', reason: 'Đã hết hạn rút.' });
    expect(await closed(code)).toMatchObject({ outcome: 'rejected', state: { code: 3 } });
  });

  it('is refused once, and told once, also when Temporal has lost everything', async () => {
    const code = await withdrawing();
    await head().complete(code, 'approveWithdrawal', {
      decision: 'refuse',
      reason: 'Đã nộp tiền đặt trước.',
    });
    await expect.poll(() => notices(code), eventually).toContain('withdrawalRefused');
    await world.close();
    world = await open();
    await specialist().complete(code, 'auction', {});
    expect(await closed(code)).toMatchObject({ outcome: 'held' });
    expect((await notices(code)).filter((notice) => notice === 'withdrawalRefused')).toHaveLength(1);
    expect(await firstBrokenEntry(database.db, code)).toBeUndefined();
  });
});
