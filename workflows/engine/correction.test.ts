import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../activities/documents/pdf-text.ts';
import { firstBrokenEntry } from '../../records/record.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';

const folder = 'samples/construction-permit';
const approve = { decision: 'approve' };
const reason = 'Nhập sai từ hồ sơ.';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = (name: string) => world.as(`vungtau.${name}`);
const view = async (code: string) => (await citizen().get(`/api/v1/cases/${code}`)).body;
const closed = (code: string) => citizen().until(code, (seen) => seen.closedAt !== null);
const inState = (code: string, state: number) => citizen().until(code, (seen) => seen.state.code === state);
interface Issued {
  id: string;
  document: string;
  registerNumber: string;
  supersededBy: string | null;
}
const results = async (code: string) =>
  ((await view(code)).documents as Issued[]).filter(({ document }) => !document.startsWith('form-'));

async function file(receiveBy = 'online'): Promise<string> {
  const sample = samplePermit();
  const applicant = { ...(sample['applicant'] as object), receiveBy };
  return citizen().file(folder, { ...sample, applicant });
}

/** From the filing to the result, which is not delivered yet where it is on paper. */
async function decided(code: string, outcome: 'grant' | 'refuse' = 'grant', pays = true): Promise<void> {
  const eligible = outcome === 'grant';
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  const conclusion = eligible ? 'eligible' : 'not-eligible';
  await officer('specialist').complete(code, 'appraisal', { conclusion, reasons: 'Theo quy hoạch.' });
  if (eligible && pays) {
    await world.as('treasury').task(code, 'pay');
    const paid = { amount: 75_000, paidAt: world.clock.now().toISOString(), receipt: 'BL-1' };
    await world.as('treasury').complete(code, 'pay', paid);
  }
  await officer('specialist').complete(code, 'draft', {
    outcome,
    reasons: eligible ? '' : 'Trái quy hoạch.',
  });
  await officer('head').complete(code, 'review', approve);
  await officer('leader').complete(code, 'approval', approve);
  await officer('clerk').complete(code, 'registration', { registered: true });
}

/** The words of a document. */
const wordsOf = async (id: string) => textOf((await citizen().get(`/api/v1/documents/${id}`)).body as Buffer);

describe('C14: an error in a result (Decree 118/2025 Art. 23.1)', () => {
  it('9 → 10: a result on paper waits until the reception has handed it over', async () => {
    const code = await file('oneStop');
    await decided(code);
    expect(await inState(code, 9)).toMatchObject({ clock: 'stopped', closedAt: null });
    await officer('reception').complete(code, 'handOver', { result: 'delivered' });
    expect(await closed(code)).toMatchObject({ state: { code: 10 }, outcome: 'granted' });
  });

  it('9 → 4: found as it is handed over, it is corrected within three working days, under a new number', async () => {
    const code = await file('oneStop');
    await decided(code);
    const { id } = await officer('reception').task(code, 'handOver');
    const [wrong] = await results(code);
    const silent = await officer('reception').request('POST', `/api/v1/tasks/${id}/complete`, {
      answer: { result: 'error' },
    });
    expect(silent.body).toMatchObject({ errors: [{ pointer: '/answer/wrong' }] });
    await officer('reception').complete(code, 'handOver', { result: 'error', wrong: 'Sai tên nhà thầu.' });
    const open = await inState(code, 4);
    expect(open).toMatchObject({ clock: 'running' });
    // From Monday 09:00, over a week without a holiday or with one.
    expect(open.dueDerivation).toMatchObject({ limit: '3wd' });
    const task = await officer('specialist').task(code, 'correction');
    const unfit = await officer('specialist').request('POST', `/api/v1/tasks/${task.id}/complete`, {
      answer: { decision: 'correct', reason, groundFloorAreaM2: 500 },
    });
    expect(unfit.body).toMatchObject({ errors: [{ pointer: '/answer/totalFloorAreaM2' }] });
    const corrected = { decision: 'correct', reason, contractor: 'Công ty TNHH Xây dựng Biển Đông' };
    await officer('specialist').complete(code, 'correction', corrected);
    await officer('leader').complete(code, 'signCorrection', approve);
    await inState(code, 9);
    await officer('reception').complete(code, 'handOver', { result: 'delivered' });
    expect(await closed(code)).toMatchObject({ state: { code: 10 }, outcome: 'granted' });

    const [old, right] = await results(code);
    expect(old).toMatchObject({ id: wrong!.id, supersededBy: right!.id });
    expect(right!.registerNumber).not.toBe(old!.registerNumber);
    const text = await wordsOf(right!.id);
    expect(text).toContain('Biển Đông');
    expect(text).toContain(old!.registerNumber);
    expect(await wordsOf(old!.id)).not.toContain('Biển Đông');
    const verified = (await citizen().get(`/api/v1/verify/${old!.id}`)).body;
    expect(verified).toMatchObject({ genuine: true, supersededBy: right!.id });
    expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();
  });

  it('found later, it is corrected by a case of its own, for whoever holds the result', async () => {
    const code = await file();
    await decided(code);
    await closed(code);
    const [wrong] = await results(code);
    const ask = (by: string, document = wrong!.id) =>
      world.as(by).request('POST', `/api/v1/cases/${code}/correction`, {
        document,
        wrong: 'Tên nhà thầu là Biển Đông.',
      });
    expect((await ask('binh')).body).toMatchObject({ type: '/problems/not-yours' });
    expect((await ask('tamthang.specialist')).body).toMatchObject({ type: '/problems/wrong-agency' });
    const letter = ((await view(code)).documents as Issued[]).find(({ document }) => document === 'form-01');
    expect((await ask('an', letter!.id)).body).toMatchObject({ type: '/problems/not-found' });

    const asked = await ask('an');
    expect(asked.status).toBe(201);
    const correction = asked.body.code as string;
    expect((await ask('vungtau.reception')).body).toMatchObject({ type: '/problems/case-open' });
    expect(await inState(correction, 4)).toMatchObject({ dueDerivation: { limit: '3wd' } });
    expect((await view(correction)).links).toMatchObject([{ kind: 'corrects', case: code, direction: 'to' }]);
    const corrected = { decision: 'correct', reason, contractor: 'Công ty TNHH Xây dựng Biển Đông' };
    await officer('specialist').complete(correction, 'correction', corrected);
    await officer('leader').complete(correction, 'signCorrection', approve);
    expect(await closed(correction)).toMatchObject({ outcome: 'corrected', state: { code: 10 } });
    const [right] = await results(correction);
    expect(await results(code)).toMatchObject([{ supersededBy: right!.id }]);
    expect(await wordsOf(right!.id)).toContain('Biển Đông');
    expect((await ask('an')).body).toMatchObject({ type: '/problems/case-open' });
    const { items } = (await citizen().get(`/api/v1/cases/${correction}/actions`)).body;
    const correct = (items as { act: string }[]).find(({ act }) => act === 'correct');
    expect(correct).toMatchObject({
      allowed: true,
      legalBasis: { vi: 'Nghị định 118/2025/NĐ-CP, Điều 23.1' },
    });
  });

  it('is not corrected where there is none; the applicant is told why on Form 05', async () => {
    const code = await file();
    await decided(code);
    await closed(code);
    const [result] = await results(code);
    const given = { document: result!.id, wrong: 'Chiều cao phải là 15 m.' };
    const { body } = await citizen().request('POST', `/api/v1/cases/${code}/correction`, given);
    const correction = body.code as string;
    await officer('specialist').complete(correction, 'correction', {
      decision: 'refuse',
      reason: 'Hồ sơ ghi 11,4 m.',
    });
    expect(await closed(correction)).toMatchObject({ outcome: 'not-corrected', state: { code: 8 } });
    expect(await results(code)).toMatchObject([{ supersededBy: null }]);
  });
});

describe('a decision on an appeal', () => {
  const decision = { number: '15/QĐ-GQKN', date: '2026-11-20', authority: 'Chủ tịch UBND Thành phố' };
  const reopen = (by: string, code: string) =>
    world
      .as(by)
      .request('POST', `/api/v1/cases/${code}/reopening`, { decision, reason: 'Quy hoạch đã đổi.' });

  it('reopens the case as a new one, with what is known, and nothing is paid again', async () => {
    const code = await file();
    await decided(code, 'refuse');
    expect(await closed(code)).toMatchObject({ outcome: 'refused' });
    expect((await reopen('an', code)).body).toMatchObject({ type: '/problems/wrong-role' });
    expect((await reopen('vungtau.specialist', code)).body).toMatchObject({ type: '/problems/wrong-role' });
    expect((await reopen('tamthang.head', code)).body).toMatchObject({ type: '/problems/wrong-agency' });
    const { status, body } = await reopen('vungtau.head', code);
    expect(status).toBe(201);
    expect((await reopen('vungtau.leader', code)).body).toMatchObject({ type: '/problems/case-open' });
    const again = body.code as string;
    await decided(again, 'grant', false);
    expect(await closed(again)).toMatchObject({
      outcome: 'granted',
      procedure: { id: 'constructionPermit' },
    });
    expect((await view(code)).links).toMatchObject([{ kind: 'reopens', case: again, direction: 'from' }]);
    const opened = world.database.db('tasks').where({ case_code: again, name: 'pay' });
    expect(await opened).toEqual([]);
  });

  it('does not reopen a case that goes on, nor one that was withdrawn', async () => {
    const code = await file();
    expect((await reopen('vungtau.head', code)).body).toMatchObject({ type: '/problems/case-open' });
    await officer('reception').task(code, 'acceptance');
    await citizen().complete(code, 'withdraw', { reason: 'Không xây nữa.' });
    await closed(code);
    expect((await reopen('vungtau.head', code)).body).toMatchObject({ type: '/problems/case-open' });
  });
});
