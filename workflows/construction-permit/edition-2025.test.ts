import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCaseActivities, type Op } from '../../activities/cases.ts';
import { startApi, type TestApi } from '../../testing/api.ts';
import { samplePermit } from '../../testing/world.ts';
import { procedures } from '../catalogue.ts';

const local = (text: string) => new Date(`${text}:00+07:00`);
const shown = (instant: string | undefined) =>
  new Date(Date.parse(instant ?? '') + 7 * 3_600_000).toISOString().slice(0, 16);

let now = local('2026-06-30T10:00');
let api: TestApi;
beforeAll(async () => {
  api = await startApi({ procedures, clock: { now: () => now } });
});
afterAll(() => api.stop());

/** Files the sample application for the procedure, not for an edition; gives the case code. */
async function file(at: string, procedure = '1.013225') {
  now = local(at);
  const citizen = await api.as('an');
  const paper = await citizen
    .post('/api/v1/uploads')
    .attach('file', 'samples/construction-permit/site-plan.pdf');
  const { answers, applicant, agency } = samplePermit();
  const kinds = ['landPaper', 'sitePlan', 'floorPlans', 'foundationPlan', 'adjacentSafetyCommitment'];
  const papers = kinds.map((kind) => ({ kind, upload: (paper.body as { id: string }).id }));
  return citizen
    .post('/api/v1/applications')
    .set('Idempotency-Key', `filed-${at}-${procedure}`)
    .send({ procedure, agency, applicant, answers, papers });
}

const editionOf = async (code: string) =>
  ((await (await api.as('an')).get(`/api/v1/cases/${code}`)).body as { procedure: { id: string } }).procedure
    .id;

let step = 0;
/** Carries out a step of a case at an instant, as its workflow does; gives the due instant. */
async function carryOut(code: string, at: string, ...ops: Op[]): Promise<string> {
  const cases = createCaseActivities({ db: api.db, letter: () => Promise.resolve() });
  const { dueAt } = await cases.step({
    case: code,
    run: code,
    step: ++step,
    at: local(at).toISOString(),
    ops,
  });
  return shown(dueAt);
}

/** Accepts a case and asks for a supplement, which is supplied two days later; gives the due instants on the way. */
async function supplemented(code: string, edition: string, days: [string, string, string]) {
  const { limit, supplement } = procedures.get(edition)!;
  const [accepted, asked, supplied] = days;
  const first = await carryOut(
    code,
    accepted,
    { op: 'state', state: 2 },
    { op: 'clock', to: 'start', limit },
  );
  await carryOut(code, asked, { op: 'clock', to: 'pause', waitsFor: 'applicant' });
  const goesOn: Op[] = [{ op: 'clock', to: 'resume' }];
  if (supplement?.clock === 'restart') goesOn.push({ op: 'clock', to: 'restart', limit });
  return [first, await carryOut(code, supplied, ...goesOn)];
}

describe('a house construction permit as the law changes on 1 July 2026', () => {
  it('filed on 30 June keeps the law of that day: 15 working days, and the clock goes on after a supplement', async () => {
    const { body, status } = await file('2026-06-30T10:00');
    expect(status).toBe(201);
    const { code } = body as { code: string };
    expect(await editionOf(code)).toBe('constructionPermit2025');
    const days: [string, string, string] = ['2026-06-30T10:00', '2026-07-02T09:00', '2026-07-06T09:00'];
    expect(await supplemented(code, 'constructionPermit2025', days)).toEqual([
      '2026-07-21T17:00',
      '2026-07-23T17:00',
    ]);
    now = local('2026-07-10T10:00');
    expect(await editionOf(code)).toBe('constructionPermit2025');
  });

  it('filed on 1 July has the new law: 7 working days, and the clock starts from zero after a supplement', async () => {
    const { body } = await file('2026-07-01T10:00');
    const { code } = body as { code: string };
    expect(await editionOf(code)).toBe('constructionPermit');
    const days: [string, string, string] = ['2026-07-01T10:00', '2026-07-02T09:00', '2026-07-06T09:00'];
    expect(await supplemented(code, 'constructionPermit', days)).toEqual([
      '2026-07-10T17:00',
      '2026-07-15T17:00',
    ]);
  });

  it('changes its law at midnight in Vietnam', async () => {
    const before = (await file('2026-06-30T23:59')).body as { code: string };
    const after = (await file('2026-07-01T00:00')).body as { code: string };
    expect([await editionOf(before.code), await editionOf(after.code)]).toEqual([
      'constructionPermit2025',
      'constructionPermit',
    ]);
  });

  it('cannot be filed under an edition that lies deployed for later, or is over', async () => {
    const early = await file('2026-06-30T09:00', 'constructionPermit');
    expect(early.status).toBe(409);
    expect(early.body).toMatchObject({ type: '/problems/procedure-not-in-force' });
    expect((early.body as { detail: string }).detail).toContain('constructionPermit2025');
    expect((await file('2026-07-01T09:00', 'constructionPermit2025')).status).toBe(409);
    expect((await file('2025-06-30T09:00')).body).toMatchObject({ type: '/problems/procedure-not-in-force' });
  });
});
