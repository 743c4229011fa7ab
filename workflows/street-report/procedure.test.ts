import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.close());
beforeEach(() => world.toMonday());

const sample = JSON.parse(readFileSync('samples/street-report/application.json', 'utf8')) as {
  answers: Record<string, unknown>;
  papers: unknown[];
};
const reporter = () => world.as('an');
const operator = () => world.as('ioc.operator');
const lighting = (name: string) => world.as(`light.${name}`);
type View = { closedAt: string | null; state: { code: number } };
const closed = (code: string) => reporter().until(code, ({ closedAt }: View) => closedAt !== null);
const inState = (code: string, state: number) =>
  reporter().until(code, ({ state: { code: now } }: View) => now === state);

/** Reports the dark lamp, or something else. */
const reported = (answers: Record<string, unknown> = {}, papers: unknown[] = []) =>
  reporter().file('samples/street-report', {
    ...sample,
    answers: { ...sample.answers, ...answers },
    papers,
  });
const publicText = 'Đèn đường không sáng.';
const verified = (code: string) =>
  operator().complete(code, 'verification', { decision: 'accept', publicText });

/** A report that the lighting company has and acknowledged. */
async function taken(team = '', answers: Record<string, unknown> = {}): Promise<string> {
  const code = await reported(answers);
  await verified(code);
  await operator().complete(code, 'dispatch', {});
  await lighting('officer').complete(code, 'acknowledgement', { decision: 'take', team });
  return code;
}

async function answered(code: string, text = 'Đã thay bóng.'): Promise<void> {
  await lighting('officer').complete(code, 'resolution', { decision: 'resolved', text });
  await lighting('leader').complete(code, 'publication', { decision: 'approve' });
}

describe('a street report', () => {
  it('is verified, forwarded, done by a team, answered in public and rated', async () => {
    const code = await reported({}, sample.papers);
    await verified(code);
    await operator().complete(code, 'dispatch', { instructions: 'Đoạn dốc.' });
    const officer = lighting('officer');
    await officer.complete(code, 'acknowledgement', { decision: 'take', team: 'H29.33.01' });
    const view = await inState(code, 4);
    expect(view).toMatchObject({ agency: { code: 'H29.33' }, clock: 'running', documents: [] });
    // 24 hours from the acceptance, day and night.
    expect(Date.parse(view.dueAt) - Date.parse(view.acceptedAt)).toBe(86_400_000);
    await lighting('crew').complete(code, 'crew', { decision: 'accept' });
    const after = await lighting('crew').upload('samples/street-report/dark-lamp.jpg');
    await lighting('crew').complete(code, 'work', {
      result: 'done',
      findings: 'Thay bóng LED 120 W.',
      materials: 'Bóng LED 120 W: 1 cái',
      papers: [{ kind: 'after', upload: after }],
    });
    await answered(code);
    const published = await inState(code, 9);
    expect(published).toMatchObject({ clock: 'stopped', timeliness: 'early' });
    await reporter().complete(code, 'rating', { score: '5', comment: 'Nhanh.' });
    const end = await closed(code);
    expect(end).toMatchObject({ outcome: 'resolved', state: { code: 10 } });
    expect(end.documents.map(({ document }: { document: string }) => document)).toEqual(['answer']);
    expect(end.papers.map(({ kind }: { kind: string }) => kind)).toEqual(['photo', 'after']);
    const { body } = await reporter().get(`/api/v1/cases/${code}/rating`);
    expect(body).toMatchObject({ score: 5, comment: 'Nhanh.' });
  });

  it('is opened once more by a low rating, with a new answer in the place of the first one, and no second time', async () => {
    const code = await taken();
    await answered(code);
    await reporter().complete(code, 'rating', { score: '2', comment: 'Vẫn tối.' });
    await inState(code, 4);
    await lighting('officer').complete(code, 'acknowledgement', { decision: 'take' });
    await answered(code, 'Đã thay bộ nguồn.');
    await reporter().complete(code, 'rating', { score: '1' });
    const { outcome, documents } = await closed(code);
    expect(outcome).toBe('resolved');
    expect(documents).toMatchObject([
      { document: 'answer', supersededBy: documents[1].id },
      { document: 'answer', supersededBy: null },
    ]);
  });

  it('counts as accepted when nobody rates the answer within three days', async () => {
    const code = await taken();
    const officer = lighting('officer');
    await officer.complete(code, 'resolution', { decision: 'interim', text: 'Chờ vật tư.' });
    await officer.complete(code, 'resolution', { decision: 'unresolved', text: 'Cột nằm trên đất tư.' });
    await lighting('leader').complete(code, 'publication', {
      decision: 'return',
      comment: 'Ghi rõ thửa đất.',
    });
    await officer.complete(code, 'resolution', { decision: 'unresolved', text: 'Cột nằm trên thửa 146.' });
    await lighting('leader').complete(code, 'publication', { decision: 'approve' });
    await inState(code, 9);
    await world.pass('4 days');
    expect(await closed(code)).toMatchObject({ outcome: 'unresolved', state: { code: 10 } });
    const posts = await world.database.db('incident_posts').where({ case_code: code }).orderBy('number');
    expect(posts.map(({ kind, text }: { kind: string; text: string }) => [kind, text])).toEqual([
      ['interim', 'Chờ vật tư.'],
      ['answer', 'Cột nằm trên thửa 146.'],
    ]);
  });

  it('goes from one agency to the next without losing time', async () => {
    const code = await reported();
    await verified(code);
    await operator().complete(code, 'dispatch', {});
    const before = await inState(code, 4);
    await world.pass('3 hours');
    await lighting('officer').complete(code, 'acknowledgement', {
      decision: 'pass-on',
      agency: 'H29.34',
      reason: 'Đèn trong trạm bơm.',
    });
    const drain = world.as('drain.officer');
    await drain.complete(code, 'acknowledgement', { decision: 'take' });
    const { id } = await drain.task(code, 'resolution');
    const { body: task } = await drain.get(`/api/v1/tasks/${id}`);
    const view = await drain.until(
      code,
      ({ agency }: { agency: { code: string } }) => agency.code === 'H29.34',
    );
    expect(view.dueAt).toBe(before.dueAt);
    expect(task.deadline).toBe(before.dueAt);
    // Officers may also hand the whole case over, at any time.
    const transfer = { agency: 'H29.33', reason: 'Nhầm.' };
    expect(
      (await world.as('drain.leader').request('POST', `/api/v1/cases/${code}/transfer`, transfer)).status,
    ).toBe(200);
    const { id: moved } = await lighting('officer').task(code, 'resolution');
    const { body: same } = await lighting('officer').get(`/api/v1/tasks/${moved}`);
    expect(same.deadline).toBe(before.dueAt);
  });

  it('climbs the ladder when nobody acknowledges it, by night too', async () => {
    const code = await reported({
      category: 'beach-danger',
      place: { lat: 10.33, lng: 107.085 },
      details: {},
    });
    await world.pass('9 hours');
    await verified(code);
    await operator().complete(code, 'dispatch', {});
    const { id } = await world.as('lifeguard.officer').task(code, 'acknowledgement');
    const { body: task } = await world.as('lifeguard.officer').get(`/api/v1/tasks/${id}`);
    expect(Date.parse(task.deadline) - Date.parse(task.openedAt)).toBe(2 * 60_000);
    await world.pass('7 minutes');
    const told = () =>
      world.database.db('notices').where({ case_code: code, notice: 'overdue' }).orderBy('number');
    await expect
      .poll(
        async () => (await told()).map(({ recipient_sub: to }: { recipient_sub: string }) => to).slice(-3),
        {
          timeout: 10_000,
        },
      )
      .toEqual(['queue:H29.37:head', 'queue:H29.37:leader', 'queue:H29:leader']);
  });

  it('is merged into an earlier one about the same, whose news reach both reporters', async () => {
    const first = await reported();
    const second = await reported({ place: { lat: 10.3416, lng: 107.0811 } });
    await operator().complete(second, 'verification', { decision: 'duplicate', into: first });
    expect(await closed(second)).toMatchObject({ outcome: 'duplicate', state: { code: 3 } });
    const incident = await world.database.db('incidents').where({ case_code: second }).first();
    expect(incident).toMatchObject({ merged_into: first, shown: false });
    const other = await reported({ place: { lat: 10.3417, lng: 107.0811 } });
    await verified(other);
    await operator().complete(other, 'dispatch', {});
    await lighting('officer').complete(other, 'acknowledgement', { decision: 'duplicate', into: first });
    expect(await closed(other)).toMatchObject({ outcome: 'duplicate', state: { code: 8 } });
    expect(await world.database.db('incidents').where({ case_code: first }).first()).toMatchObject({
      duplicates: 2,
      priority: 3,
    });
    // Into one that does not exist it is not merged: the operator is asked again.
    const lone = await reported();
    await operator().complete(lone, 'verification', { decision: 'duplicate', into: 'H29.22-200101-0001' });
    await operator().complete(lone, 'verification', { decision: 'reject', reasons: 'Thử máy.' });
    expect(await closed(lone)).toMatchObject({ outcome: 'rejected', state: { code: 3 }, documents: [] });
  });

  it('ends when what was asked for does not come within 24 hours, and goes on when it does', async () => {
    const missing = [{ what: '/description', reason: 'Ghi rõ cột nào.' }];
    const silent = await reported();
    await operator().complete(silent, 'verification', { decision: 'ask', missing });
    await reporter().task(silent, 'supply');
    await world.pass('25 hours');
    expect(await closed(silent)).toMatchObject({ outcome: 'unsupplied', state: { code: 8 } });
    const code = await reported();
    await operator().complete(code, 'verification', { decision: 'ask', missing });
    await reporter().complete(code, 'supply', { papers: [] });
    await verified(code);
    await operator().complete(code, 'dispatch', { lead: 'H29.34' });
    expect(await world.as('drain.officer').task(code, 'acknowledgement')).toBeDefined();
    expect((await reporter().complete(code, 'withdraw', { reason: 'Đèn đã sáng.' })).status).toBe(200);
    expect(await closed(code)).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
  });

  it('is an incident that a machine opens, with those who support, and without anybody to rate it', async () => {
    const answers = {
      category: 'sensor-flood',
      place: { lat: 10.34, lng: 107.07 },
      address: 'Hầm chui Lê Hồng Phong',
      description: 'Mực nước 35 cm, ngưỡng 30 cm.',
      details: { device: 'FL-007', value: '35' },
    };
    const alert = { procedure: '9.001022', agency: 'H29.22', channel: 'machine', applicant: {}, answers };
    const asPerson = await reporter().request('POST', '/api/v1/applications', alert);
    expect(asPerson).toMatchObject({ status: 403, body: { type: '/problems/wrong-role' } });
    const online = { ...alert, channel: 'online' };
    expect((await reporter().request('POST', '/api/v1/applications', online)).status).toBe(422);
    const code = await world.as('flood-sensors').file('samples', alert);
    await verified(code);
    await operator().complete(code, 'dispatch', {});
    const drain = world.as('drain.officer');
    await world.as('police.officer').complete(code, 'support', { acknowledged: true });
    await drain.complete(code, 'acknowledgement', { decision: 'take', team: 'H29.34.01' });
    await world
      .as('drain.crew')
      .complete(code, 'crew', { decision: 'decline', reason: 'Đội đang ở hầm khác.' });
    await drain.complete(code, 'resolution', { decision: 'team', team: 'H29.34.01' });
    await world.as('drain.crew').complete(code, 'crew', { decision: 'accept' });
    await world.as('drain.crew').complete(code, 'work', { result: 'done', findings: 'Bơm hút.' });
    await drain.complete(code, 'resolution', { decision: 'resolved', text: 'Đã bơm hút hết nước.' });
    await world.as('drain.leader').complete(code, 'publication', { decision: 'approve' });
    const end = await drain.until(code, ({ closedAt }: View) => closedAt !== null);
    expect(end).toMatchObject({ outcome: 'resolved', channel: 'machine', state: { code: 10 } });
  });
});
