import { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, samplePermit, type World } from '../../testing/world.ts';

const folder = 'samples/construction-permit';
const appraised = { conclusion: 'eligible', reasons: 'Hồ sơ phù hợp quy hoạch.' };
const approve = { decision: 'approve' };

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(async () => {
  await world.toMonday();
  for (const agency of [
    'RESIDENT_REGISTRY',
    'LAND_REGISTRY',
    'PLANNING',
    'FIRE_SERVICE',
    'TREASURY',
  ] as const)
    await world.agencies.tell(agency, {});
});

const citizen = () => world.as('an');
const officer = (name: string) => world.as(`vungtau.${name}`);

/** Files the sample application and has it accepted. */
async function accepted(): Promise<string> {
  const code = await citizen().file(folder, samplePermit());
  await officer('reception').complete(code, 'acceptance', { decision: 'accept' });
  await citizen().until(code, (view) => view.state.code === 4);
  return code;
}

/** The citizen pays when asked. */
async function pay(code: string): Promise<void> {
  await world.as('treasury').task(code, 'pay');
  await expect
    .poll(() =>
      world.agencies.pay(code.replaceAll(/[^A-Z0-9]/g, '')).then(
        () => 'paid',
        () => 'not yet',
      ),
    )
    .toBe('paid');
}

/** From the draft to the clerk. */
async function decide(code: string, outcome: 'grant' | 'refuse', reasons = ''): Promise<void> {
  await officer('specialist').complete(code, 'draft', { outcome, reasons });
  await officer('head').complete(code, 'review', approve);
  await officer('leader').complete(code, 'approval', approve);
  await officer('clerk').complete(code, 'registration', { registered: true });
}

/** Keeps acts from reaching their cases; gives the way to tell a case of one of them, after which all are told again. */
async function holdActs(): Promise<(code: string, act: number) => Promise<void>> {
  const { db } = world.database;
  await db.raw(`
    CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.sent_at = now(); RETURN NEW; END';
    CREATE TRIGGER hold BEFORE INSERT ON outbox FOR EACH ROW EXECUTE FUNCTION hold()`);
  return async (code, act) => {
    await db.raw('DROP FUNCTION IF EXISTS hold CASCADE');
    await db('outbox').where({ case_code: code, act }).update({ sent_at: null });
  };
}

/** Type of the last event of a case's history, for example `timerStarted`. */
async function lastEvent(code: string): Promise<string> {
  const { events } = await world.client.workflow.getHandle(code).fetchHistory();
  const attributes = Object.keys(events?.at(-1) ?? {}).find((key) => key.endsWith('EventAttributes'));
  return attributes?.replace('EventAttributes', '') ?? '';
}

const closed = (code: string) => citizen().until(code, (view) => view.closedAt !== null);
const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map(({ document }) => document);

describe('a house construction permit', () => {
  it('is granted when the file is complete', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'appraisal', appraised);
    await pay(code);
    await decide(code, 'grant');
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'granted', state: { code: 10 }, clock: 'stopped' });
    expect(documentsOf(view)).toEqual(['form-01', 'permit']);

    const permit = view.documents.find(({ document }: { document: string }) => document === 'permit');
    expect(permit.registerNumber).toMatch(/^\d{2,}\/GPXD-UBND$/);
    const pdf = await citizen().get(`/api/v1/documents/${permit.id}`);
    expect(pdf.body.subarray(0, 8).toString()).toBe('%PDF-1.7');
    const history = await world.client.workflow.getHandle(code).fetchHistory();
    expect(history.events?.length).toBeLessThanOrEqual(60);
  });

  it('is granted after the one supplement, with the time limit from zero', async () => {
    const code = await accepted();
    await world.pass('1 day');
    const missing = [{ what: 'foundationPlan', reason: 'Thiếu sơ đồ đấu nối thoát nước.' }];
    await officer('specialist').complete(code, 'appraisal', { ...appraised, missing });
    const asked = await citizen().until(code, (view) => view.state.code === 5);
    expect(asked.clock).toBe('paused');
    await world.pass('1 day');
    const upload = await citizen().upload(`${folder}/foundation-plan.pdf`);
    const supplied = Math.floor(world.clock.now().getTime() / 60_000) * 60_000;
    await citizen().complete(code, 'supply', { papers: [{ kind: 'foundationPlan', upload }] });
    await officer('specialist').complete(code, 'appraisal', appraised);
    const { dueDerivation } = (await citizen().get(`/api/v1/cases/${code}`)).body;
    expect(dueDerivation).toMatchObject({ limit: '7wd' });
    expect(Date.parse(dueDerivation.countedFrom)).toBeGreaterThanOrEqual(supplied);
    await pay(code);
    await decide(code, 'grant');
    // The slip is given anew with the date that counts now.
    expect(documentsOf(await closed(code))).toEqual(['form-01', 'form-02', 'form-01', 'permit']);
  });

  it('is refused when the supplement is not supplied within two working days', async () => {
    const code = await accepted();
    const missing = [{ what: 'landPaper', reason: 'Ảnh chụp mờ.' }];
    await officer('specialist').complete(code, 'appraisal', { ...appraised, missing });
    const { id } = await citizen().task(code, 'supply');
    await world.pass('3 days');
    await decide(code, 'refuse', 'Không bổ sung giấy tờ về đất đai.');
    expect(await closed(code)).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    const late = await citizen().request('POST', `/api/v1/tasks/${id}/complete`, { answer: {} });
    expect(late).toMatchObject({ status: 409, body: { type: '/problems/task-closed' } });
  });

  it('takes the silence of a consulted agency as consent, in its name', async () => {
    await world.agencies.tell('FIRE_SERVICE', { answers: 'silent' });
    const code = await accepted();
    await officer('specialist').complete(code, 'appraisal', { ...appraised, consult: ['fire', 'land'] });
    await world.as('land.officer').complete(code, 'consult.land', { opinion: 'agree' });
    await world.pass('3 days');
    await pay(code);
    const draft = await officer('specialist').task(code, 'draft');
    const { body } = await officer('specialist').get(`/api/v1/tasks/${draft.id}`);
    expect(body.context.opinions).toEqual([
      { of: 'fire', agency: 'G01.07', silent: true, opinion: 'agree', reason: '' },
      { of: 'land', agency: 'H29.21', silent: false, opinion: 'agree', reason: '' },
    ]);
    await decide(code, 'grant');
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('is refused when the fire service objects', async () => {
    await world.agencies.tell('FIRE_SERVICE', { answers: 'object', reason: 'Lối thoát nạn quá hẹp.' });
    const code = await accepted();
    await officer('specialist').complete(code, 'appraisal', { ...appraised, consult: ['fire'] });
    const draft = await officer('specialist').task(code, 'draft');
    const { body } = await officer('specialist').get(`/api/v1/tasks/${draft.id}`);
    expect(body.context.opinions).toMatchObject([{ opinion: 'object', reason: 'Lối thoát nạn quá hẹp.' }]);
    await decide(code, 'refuse', 'Cơ quan PCCC không đồng ý: lối thoát nạn quá hẹp.');
    expect(documentsOf(await closed(code))).toEqual(['form-01', 'refusal']);
  });

  it('goes back to the specialist when the leader returns the draft', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'appraisal', appraised);
    await pay(code);
    await officer('specialist').complete(code, 'draft', { outcome: 'grant' });
    await officer('head').complete(code, 'review', approve);
    await officer('leader').complete(code, 'approval', {
      decision: 'return',
      comment: 'Ghi rõ chỉ giới xây dựng.',
    });
    const again = await officer('specialist').task(code, 'draft');
    const { body } = await officer('specialist').get(`/api/v1/tasks/${again.id}`);
    expect(body.context.returned).toBe('Ghi rõ chỉ giới xây dựng.');
    await decide(code, 'grant');
    expect(await closed(code)).toMatchObject({ outcome: 'granted' });
  });

  it('ends when the applicant withdraws, and open tasks with it', async () => {
    const code = await accepted();
    const { id } = await officer('specialist').task(code, 'appraisal');
    await citizen().complete(code, 'withdraw', { reason: 'Thay đổi thiết kế.' });
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
    expect(documentsOf(view)).toContain('form-05');
    const late = await officer('specialist').request('POST', `/api/v1/tasks/${id}/complete`, {
      answer: appraised,
    });
    expect(late.status).toBe(409);
  });

  it('is not accepted when reception refuses, with Form 03', async () => {
    const code = await citizen().file(folder, samplePermit());
    await officer('reception').complete(code, 'acceptance', {
      decision: 'reject',
      reasons: 'Không đúng thẩm quyền.',
    });
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'rejected', state: { code: 3 } });
    expect(documentsOf(view)).toEqual(['form-03']);
  });

  it('is withdrawn when that came just before the refusal, though the case hears of it later', async () => {
    const code = await citizen().file(folder, samplePermit());
    await officer('reception').task(code, 'acceptance');
    const tell = await holdActs();
    await officer('reception').complete(code, 'acceptance', { decision: 'reject', reasons: 'Trùng hồ sơ.' });
    await citizen().complete(code, 'withdraw', { reason: 'Thay đổi thiết kế.' });
    await tell(code, 2);
    await expect.poll(() => lastEvent(code), { timeout: 20_000 }).toBe('markerRecorded');
    expect((await citizen().get(`/api/v1/cases/${code}`)).body).toMatchObject({
      closedAt: null,
      documents: [],
    });
    await tell(code, 3);
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
    expect(documentsOf(view)).toEqual(['form-05']);
  });

  it('waits for an agency that is down for two days, in that agency’s name', async () => {
    await world.agencies.tell('LAND_REGISTRY', { mode: 'down' });
    const code = await citizen().file(folder, samplePermit());
    const waiting = await citizen().until(code, (view) => view.waiting !== null);
    expect(waiting.waiting).toMatchObject({ for: 'parcel', agency: { en: 'Land registry' } });
    // Some six hundred tries, each of which is really made.
    await world.pass('2 days');
    await world.agencies.tell('LAND_REGISTRY', {});
    await world.pass('10 minutes');
    const task = await officer('reception').task(code, 'acceptance');
    expect(task.case).toBe(code);
    await citizen().complete(code, 'withdraw', { reason: 'Thử nghiệm.' });
    expect(await closed(code)).toMatchObject({ waiting: null });

    // What Temporal keeps, errors included, cannot be read without the key of the case.
    const stranger = new Client({ connection: world.client.connection });
    const history = await stranger.workflow.getHandle(code).fetchHistory();
    const kept = Buffer.from(proto.temporal.api.history.v1.History.encode(history).finish()).toString();
    expect(kept).toContain('act withdraw');
    for (const secret of ['DB 123456', 'Lê Lai', '077090990001', 'land registry answers 503', 'Thử nghiệm.'])
      expect(kept).not.toContain(secret);
  }, 120_000);

  it('is one case when the citizen’s browser files twice', async () => {
    const upload = await citizen().upload(`${folder}/land-certificate.pdf`);
    const kinds = ['landPaper', 'sitePlan', 'floorPlans', 'foundationPlan', 'adjacentSafetyCommitment'];
    const body = { ...samplePermit(), papers: kinds.map((kind) => ({ kind, upload })) };
    const key = { 'idempotency-key': 'filing-twice' };
    const [first, second] = await Promise.all([
      citizen().request('POST', '/api/v1/applications', body, key),
      citizen().request('POST', '/api/v1/applications', body, key),
    ]);
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(first.body.code).toBe(second.body.code);
    const other = await citizen().request('POST', '/api/v1/applications', { ...body, agency: 'H29.17' }, key);
    expect(other).toMatchObject({ status: 422, body: { type: '/problems/key-reused' } });
  });

  it('refuses a file that is not what its name says', async () => {
    const form = new FormData();
    form.append('file', new Blob(['#!/bin/sh\necho no PDF']), 'land-paper.pdf');
    const answer = await citizen().request('POST', '/api/v1/uploads', form);
    expect(answer).toMatchObject({ status: 415, body: { type: '/problems/wrong-file-type' } });
  });

  it('is closed to officers of another ward and to other citizens', async () => {
    const code = await citizen().file(folder, samplePermit());
    const { id } = await officer('reception').task(code, 'acceptance');
    const stranger = world.as('tamthang.reception');
    const act = await stranger.request('POST', `/api/v1/tasks/${id}/complete`, {
      answer: { decision: 'accept' },
    });
    expect(act).toMatchObject({ status: 403, body: { type: '/problems/wrong-agency' } });
    expect((await stranger.get(`/api/v1/cases/${code}`)).status).toBe(403);
    expect((await world.as('binh').get(`/api/v1/cases/${code}`)).status).toBe(403);
  });

  it('leaves nobody decide about their own draft', async () => {
    const code = await accepted();
    await officer('specialist').complete(code, 'appraisal', appraised);
    await pay(code);
    await officer('specialist').complete(code, 'draft', { outcome: 'grant' });
    const { id } = await officer('head').task(code, 'review');
    await world.database
      .db('tasks')
      .where({ case_code: code, name: 'draft' })
      .update({
        closed_by: JSON.stringify({ sub: 'vungtau.head', name: 'Đỗ Quốc Hùng' }),
      });
    const act = await officer('head').request('POST', `/api/v1/tasks/${id}/complete`, { answer: approve });
    expect(act).toMatchObject({ status: 403, body: { type: '/problems/same-person' } });
  });
});
