import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { textOf } from '../../activities/documents/pdf-text.ts';
import { bundleWorkflows } from '../../bundle.ts';
import { verify } from '../../records/signatures.ts';
import * as catalogue from '../../testing/articles-catalogue.ts';
import { sampleCalendar } from '../../testing/calendar.ts';
import { applicant } from '../../testing/street-light.ts';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';
import { dueAt } from './legal-clock.ts';
import { transitions, type CaseState } from './states.ts';

// Each clock of Decree 118/2025 and each way from state to state, by the name of its article. What has a file of its own is
// told there: C1 in api/applications.test.ts, C4 in api/case-acts.test.ts, C9 and C12 in from-outside.test.ts, C10 in
// lateness.test.ts, C14 in correction.test.ts, C15 in fee.test.ts.

const entry = fileURLToPath(new URL('../../testing/articles-catalogue.ts', import.meta.url));
const procedures = new Map(Object.entries(catalogue).map(([id, { procedure }]) => [id, procedure]));
const calendar = sampleCalendar();
const approve = { decision: 'approve' };
const eventually = { timeout: 20_000, interval: 50 };

let world: World;
beforeAll(async () => {
  world = await openWorld({ bundle: await bundleWorkflows(entry, [entry]), procedures });
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const citizen = () => world.as('an');
const officer = (role: string) => world.as(`vungtau.${role}`);
const db = () => world.database.db;
const view = async (code: string) => (await citizen().get(`/api/v1/cases/${code}`)).body;
const inState = (code: string, state: number) => citizen().until(code, (seen) => seen.state.code === state);
const closed = (code: string) => citizen().until(code, (seen) => seen.closedAt !== null);
interface Issued {
  id: string;
  document: string;
}
const documents = async (code: string) => (await view(code)).documents as Issued[];
const letters = async (code: string) => (await documents(code)).map(({ document }) => document);
const pdfOf = async (code: string, name: string) => {
  const isIt = ({ document }: Issued) => document === name;
  const seen = await citizen().until(code, (now) => (now.documents as Issued[]).some(isIt));
  const found = (seen.documents as Issued[]).find(isIt);
  return (await citizen().get(`/api/v1/documents/${found?.id}`)).body as Buffer;
};

async function filed(): Promise<string> {
  const { body } = await citizen().request('POST', '/api/v1/applications', {
    procedure: '9.000031',
    agency: 'H29.16',
    applicant,
    answers: { plot: '143' },
  });
  return (body as { code: string }).code;
}
async function accepted(answer = {}): Promise<string> {
  const code = await filed();
  await officer('reception').complete(code, 'acceptance', answer);
  await officer('specialist').task(code, 'measure');
  return code;
}
async function permit(receiveBy = 'online'): Promise<string> {
  const sample = samplePermit();
  const whose = { ...(sample['applicant'] as object), receiveBy };
  return citizen().file('samples/construction-permit', { ...sample, applicant: whose });
}
async function appraised(code: string, conclusion = 'eligible'): Promise<void> {
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  await officer('specialist').complete(code, 'appraisal', { conclusion, reasons: 'Theo quy hoạch.' });
}
async function decided(code: string, outcome: 'grant' | 'refuse'): Promise<void> {
  const reasons = outcome === 'refuse' ? 'Vượt mật độ xây dựng cho phép.' : '';
  await officer('specialist').complete(code, 'draft', { outcome, reasons });
  await officer('head').complete(code, 'review', approve);
  await officer('leader').complete(code, 'approval', approve);
  await officer('clerk').complete(code, 'registration', { registered: true });
}
async function paid(code: string): Promise<void> {
  await world.as('treasury').task(code, 'pay');
  const receipt = { amount: 75_000, paidAt: world.clock.now().toISOString(), receipt: 'BL-1' };
  await world.as('treasury').complete(code, 'pay', receipt);
}

/** The ways from state to state that cases have gone in this world. */
async function gone(): Promise<string[]> {
  const entries: { details: { from?: number; to?: number } }[] = await db()('case_record')
    .where({ event: 'state' })
    .select('details');
  const ended: { before: number; state: number }[] = await db()('case_record')
    .where({ event: 'finish' })
    .select(
      db().raw(`(details->>'state')::int AS state`),
      db().raw(
        `coalesce((SELECT (b.details->>'to')::int FROM case_record b WHERE b.case_code = case_record.case_code
                     AND b.event = 'state' ORDER BY b.number DESC LIMIT 1), 1) AS before`,
      ),
    );
  const ways = [
    ...entries.map(({ details }) => `${details.from}→${details.to}`),
    ...ended.filter(({ before, state }) => before !== state).map(({ before, state }) => `${before}→${state}`),
  ];
  return [...new Set(ways)];
}

describe('the clocks', () => {
  it('C2: the reception has 8 working hours for its answer, and then its head is told (Decree 118/2025 Art. 17.2c)', async () => {
    const code = await filed();
    await officer('reception').task(code, 'acceptance');
    const { filedAt } = await view(code);
    const row = await db()('tasks').where({ case_code: code, name: 'acceptance' }).first();
    expect(row.due_at.toISOString()).toBe(dueAt(new Date(filedAt), '8wh', calendar).at.toISOString());
    await world.passUntil(row.due_at);
    const told = () => db()('notices').where({ case_code: code, notice: 'overdue' }).pluck('recipient_sub');
    await expect.poll(told, eventually).toEqual(['queue:H29.16:head']);
  });

  it('C3: time counts from the acceptance of the complete file, to the minute on Form 01, under one code (Art. 17.3)', async () => {
    const code = await accepted();
    const { acceptedAt, dueAt: due, clock, dueDerivation } = await view(code);
    expect(clock).toBe('running');
    expect(dueDerivation).toMatchObject({ limit: '5wd', from: acceptedAt });
    expect(due).toBe(dueAt(new Date(acceptedAt), '5wd', calendar).at.toISOString());
    const slip = await textOf(await pdfOf(code, 'form-01'));
    expect(slip).toContain(code);
    expect(slip).toContain('09 giờ');
    expect(slip).toContain('17 giờ 00 phút');
  });

  it('C5: what is answered at once is due the same day, and is in the register all the same (Art. 17.4)', async () => {
    const code = await accepted({ atOnce: true });
    const { acceptedAt, dueAt: due } = await view(code);
    expect(due).toBe(dueAt(new Date(acceptedAt), '0wd', calendar).at.toISOString());
    await officer('specialist').complete(code, 'measure', {});
    await closed(code);
    const day = acceptedAt.slice(0, 10) as string;
    const { body } = await officer('head').get(`/api/v1/registers/H29.16?from=${day}&to=${day}`);
    expect((body.items as { code: string }[]).map((line) => line.code)).toContain(code);
  });

  it('C6: a file that is found lacking goes back with everything that lacks, within three working days (Art. 19.5)', async () => {
    const code = await accepted();
    const { acceptedAt } = await view(code);
    const task = await db()('tasks').where({ case_code: code, name: 'measure' }).first();
    expect(task.due_at.toISOString()).toBe(dueAt(new Date(acceptedAt), '3wd', calendar).at.toISOString());
    await officer('specialist').complete(code, 'measure', { lacking: 'Thiếu tọa độ.' });
    expect(await inState(code, 5)).toMatchObject({ clock: 'paused' });
    expect(await textOf(await pdfOf(code, 'form-02'))).toContain('Thiếu tọa độ.');
  });

  it('C7: the time limit begins from zero with the complete file (Art. 19.5)', async () => {
    const code = await accepted();
    await world.pass('1 day');
    await officer('specialist').complete(code, 'measure', { lacking: 'Thiếu tọa độ.' });
    await inState(code, 5);
    await world.pass('3 days');
    await citizen().complete(code, 'supply', { note: 'Đã bổ sung.' });
    const { dueAt: due } = await inState(code, 4);
    expect(due).toBe(dueAt(world.clock.now(), '5wd', calendar).at.toISOString());
  });

  it('C8: the file of who stays silent for 15 days is closed, with Form 05 (Art. 19.5); 5 → 8', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'measure', { lacking: 'Thiếu tọa độ.' });
    await inState(code, 5);
    await world.pass('14 days');
    expect(await view(code)).toMatchObject({ closedAt: null });
    await world.pass('3 days');
    expect(await closed(code)).toMatchObject({ outcome: 'incomplete', state: { code: 8 } });
    expect(await letters(code)).toEqual(['form-01', 'form-02', 'form-05']);
  });

  it('C11: who is refused is told why, within the limit (Art. 19.3)', async () => {
    const code = await permit();
    await appraised(code, 'not-eligible');
    await decided(code, 'refuse');
    const refused = await closed(code);
    expect(refused).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    expect(Date.parse(refused.closedAt)).toBeLessThanOrEqual(Date.parse(refused.dueAt));
    expect(await textOf(await pdfOf(code, 'refusal'))).toContain('Vượt mật độ xây dựng cho phép.');
  });

  it('C13: the applicant may withdraw until the decision is issued, and not afterwards (Art. 21); 4 → 7', async () => {
    const early = await accepted();
    await citizen().complete(early, 'withdraw', { reason: 'Đổi ý.' });
    expect(await closed(early)).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
    const late = await permit('oneStop');
    await appraised(late, 'not-eligible');
    const { id } = await citizen().task(late, 'withdraw');
    await decided(late, 'refuse');
    await inState(late, 9);
    const answer = { answer: { reason: 'Đổi ý.' } };
    expect(await citizen().request('POST', `/api/v1/tasks/${id}/complete`, answer)).toMatchObject({
      status: 409,
      body: { type: '/problems/task-closed' },
    });
  });

  it('C16: the result is signed by the person and sealed by the agency, and is in the applicant’s case (Art. 22)', async () => {
    const code = await permit();
    await appraised(code);
    await paid(code);
    await decided(code, 'grant');
    await closed(code);
    const signatures = verify(await pdfOf(code, 'permit'));
    expect(signatures).toMatchObject([
      { kind: 'signature', name: 'Vũ Thanh Sơn', valid: true },
      { kind: 'signature', name: 'Ủy ban nhân dân phường Vũng Tàu', valid: true },
      { kind: 'timestamp', valid: true },
    ]);
  });
});

describe('the ways from state to state (National Portal code list)', () => {
  it('1 → 3: the reception refuses with reasons', async () => {
    const code = await permit();
    await officer('reception').complete(code, 'acceptance', { decision: 'reject', reasons: 'Trùng hồ sơ.' });
    expect(await closed(code)).toMatchObject({ state: { code: 3 }, outcome: 'rejected' });
  });

  it('1 → 5 → 2: the reception has the file completed before it accepts; the clock begins then', async () => {
    const code = await filed();
    await officer('reception').complete(code, 'acceptance', { lacking: 'Thiếu sơ đồ.' });
    expect(await inState(code, 5)).toMatchObject({ clock: 'not-started', acceptedAt: null });
    await citizen().complete(code, 'supply', { note: 'Đã bổ sung.' });
    expect(await inState(code, 4)).toMatchObject({ clock: 'running' });
    await officer('specialist').task(code, 'measure');
    expect(await letters(code)).toEqual(['form-02', 'form-01']);
  });

  it('1 → 7: it is withdrawn before anybody has looked at it', async () => {
    const code = await filed();
    await officer('reception').task(code, 'acceptance');
    await citizen().complete(code, 'withdraw', { reason: 'Nộp nhầm.' });
    expect(await closed(code)).toMatchObject({ state: { code: 7 } });
  });

  it('4 → 8: it ends without a decision', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'measure', {});
    expect(await closed(code)).toMatchObject({ state: { code: 8 }, outcome: 'measured' });
  });

  it('5 → 7: it is withdrawn while a supplement is awaited', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'measure', { lacking: 'Thiếu tọa độ.' });
    await inState(code, 5);
    await citizen().complete(code, 'withdraw', { reason: 'Không bổ sung được.' });
    expect(await closed(code)).toMatchObject({ state: { code: 7 } });
  });

  it('4 → 6 → 4 → 9 → 4 → 9 → 10: it is paid for, decided, corrected and handed over', async () => {
    const code = await permit('oneStop');
    await appraised(code);
    await inState(code, 6);
    await paid(code);
    await decided(code, 'grant');
    await inState(code, 9);
    await officer('reception').complete(code, 'handOver', { result: 'error', wrong: 'Sai tên nhà thầu.' });
    await officer('specialist').complete(code, 'correction', {
      decision: 'refuse',
      reason: 'Đúng như hồ sơ.',
    });
    await inState(code, 9);
    await officer('reception').complete(code, 'handOver', { result: 'delivered' });
    expect(await closed(code)).toMatchObject({ state: { code: 10 }, outcome: 'granted' });
  });

  it('6 → 7 and 6 → 8: it is withdrawn, or not paid in time', async () => {
    const [withdrawn, unpaid] = [await permit(), await permit()];
    for (const code of [withdrawn, unpaid]) {
      await appraised(code);
      await inState(code, 6);
    }
    await citizen().complete(withdrawn, 'withdraw', { reason: 'Không xây nữa.' });
    expect(await closed(withdrawn)).toMatchObject({ state: { code: 7 } });
    await world.pass('17 days');
    expect(await closed(unpaid)).toMatchObject({ state: { code: 8 }, outcome: 'unpaid' });
  });

  it('those were all that there are; 2 → 7 is none, as a case that is accepted is in process at once', async () => {
    const all = Object.entries(transitions).flatMap(([from, to]) =>
      to.map((state: CaseState) => `${from}→${state}`),
    );
    expect((await gone()).sort()).toEqual(all.filter((way) => way !== '2→7').sort());
  });
});
