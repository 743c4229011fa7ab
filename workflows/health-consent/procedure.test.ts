import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import { sampleCalendar } from '../../testing/calendar.ts';
import { openRecord, type OpenRecord } from '../../testing/health-records.ts';
import { openWorld, type World } from '../../testing/world.ts';
import { workingDaysBefore } from '../engine/clock-account.ts';

let world: World;
let record: OpenRecord;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  record = await openRecord(world.database.db, 'an', world.clock.now());
  // Its case has a workflow of its own, which is not what is told here.
  await world.database.db('outbox').where({ case_code: record.code }).update({ sent_at: world.clock.now() });
});
afterAll(() => world.close());

const sample = JSON.parse(readFileSync('samples/health-consent/application.json', 'utf8')) as {
  applicant: Record<string, unknown>;
  answers: Record<string, unknown>;
};
/** A day so many days from now (ISO date, local). */
const inDays = (days: number) =>
  new Date(world.clock.now().getTime() + days * 86_400_000 + 7 * 3_600_000).toISOString().slice(0, 10);

const applying = (answers: Record<string, unknown> = {}, person: Record<string, unknown> = {}) => ({
  ...sample,
  applicant: { ...sample.applicant, ...person },
  answers: { ...sample.answers, to: inDays(1000), ...answers },
});
const filed = (answers: Record<string, unknown> = {}, sub = 'an', person: Record<string, unknown> = {}) =>
  world.as(sub).file('samples/health-consent', applying(answers, person));

const register = (code: string) =>
  world.as('station.head').complete(code, 'registration', { decision: 'register' });
const closed = (code: string, sub = 'an') => world.as(sub).until(code, (view) => view.closedAt !== null);
const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map((each) => each.document);
const seen = async (sub = 'hospital', purpose = 'TREAT', type = 'Immunization') =>
  (
    await world.as(sub).request('GET', `/fhir/${type}?patient=${record.id}`, undefined, {
      'X-Purpose-Of-Use': purpose,
    })
  ).body.total as number;
const told = async (code: string, notice: string) =>
  Number(
    (
      await world.database.db('notices').where({ case_code: code, notice }).count<{ count: string }[]>('*')
    )[0]!.count,
  );

/** Grants a consent that is in force. */
async function inForce(answers: Record<string, unknown> = {}): Promise<string> {
  const code = await filed(answers);
  await register(code);
  await world.as('an').task(code, 'change');
  return code;
}

describe('a consent', () => {
  it('counts when it is registered, and until it is withdrawn: from that instant on', async () => {
    const code = await filed();
    expect(await seen()).toBe(0);
    await register(code);
    await world.as('an').task(code, 'change');
    expect(await seen()).toBe(3);
    const { id } = await world.as('an').task(code, 'change');
    const stranger = { answer: { decision: 'withdraw' } };
    expect((await world.as('binh').request('POST', `/api/v1/tasks/${id}/complete`, stranger)).status).toBe(
      403,
    );

    await world.as('an').complete(code, 'change', { decision: 'withdraw', reason: 'Tôi đổi bệnh viện.' });
    expect(await seen()).toBe(0);
    await world.as('hospital').complete(code, 'confirmation', { done: 'deleted' });
    await world.as('station.head').complete(code, 'certification', { certified: true });
    const view = await closed(code);
    expect(view).toMatchObject({ outcome: 'withdrawn-confirmed', state: { code: 10 } });
    expect(documentsOf(view)).toEqual(['form-01', 'consent', 'withdrawal']);
    expect(await told(code, 'consent-confirmed')).toBe(1);
    expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();
  });

  it('has versions: the new one is in the place of the old one at once, and both are kept', async () => {
    const code = await inForce();
    const { id: task } = await world.as('an').task(code, 'change');
    const tooLong = { answer: { decision: 'replace', classes: ['summary'], until: '2090-01-01' } };
    const refused = await world.as('an').request('POST', `/api/v1/tasks/${task}/complete`, tooLong);
    expect([refused.status, refused.body.errors[0].pointer]).toEqual([422, '/answer/until']);
    const { id, version } = await world.database
      .db('health_consents')
      .where({ case_code: code })
      .first<{ id: string; version: number }>();
    expect(version).toBe(1);
    await world
      .as('an')
      .complete(code, 'change', { decision: 'replace', classes: ['laboratory'], until: inDays(30) });
    expect([await seen(), await seen('hospital', 'TREAT', 'Observation')]).toEqual([0, 2]);
    await world.as('station.head').complete(code, 'certification', { certified: true });
    const view = await world.as('an').until(code, (now) => now.documents.length === 3);
    expect(documentsOf(view)).toEqual(['form-01', 'consent', 'newVersion']);
    const { body } = await world.as('an').get(`/fhir/Consent/${id}/_history`);
    const said = (body.entry as { resource: { status: string; meta: { versionId: string } } }[]).map(
      ({ resource }) => [resource.meta.versionId, resource.status],
    );
    expect(said).toEqual([
      ['2', 'active'],
      ['1', 'inactive'],
    ]);
    await world.as('an').complete(code, 'change', { decision: 'withdraw' });
  });

  it('ends with its last day, and its citizen is told', async () => {
    const code = await inForce({ to: inDays(200) });
    await world.pass('199 days');
    expect(await seen()).toBe(3);
    await world.pass('2 days');
    expect(await seen()).toBe(0);
    expect(await closed(code)).toMatchObject({ outcome: 'expired' });
    expect(await told(code, 'consent-expired')).toBe(1);
  });

  it('is escalated when the recipient never confirms, and reported in the end', async () => {
    await world.toMonday();
    const code = await inForce();
    await world.as('an').complete(code, 'change', { decision: 'withdraw' });
    await world.as('station.head').complete(code, 'certification', { certified: true });
    await world.as('hospital').task(code, 'confirmation');
    await world.pass('18 days');
    await world.as('station.doctor').complete(code, 'escalation', { decision: 'ask-again' });
    await world.as('hospital.doctor').task(code, 'confirmation');
    await world.pass('20 days');
    await world.as('station.doctor').complete(code, 'escalation', { decision: 'report' });
    expect(await closed(code)).toMatchObject({ outcome: 'withdrawn-unconfirmed' });
    expect(await told(code, 'consent-unconfirmed')).toBe(1);
  });

  it('for an insurer needs the written request of the patient', async () => {
    await world.toMonday();
    const code = await filed({ recipient: 'H29.62', purpose: 'insurance', classes: ['laboratory'] });
    const missing = [{ what: 'writtenRequest', reason: 'Chưa có văn bản đề nghị của người bệnh.' }];
    await world.as('station.head').complete(code, 'registration', { missing, decision: 'register' });
    const upload = await world.as('an').upload('samples/construction-permit/land-certificate.pdf');
    await world.as('an').complete(code, 'supply', { papers: [{ kind: 'writtenRequest', upload }] });
    await register(code);
    await world.as('an').task(code, 'change');
    expect(await seen('insurer', 'COVERAGE', 'Observation')).toBe(2);
    expect(await seen('insurer', 'COVERAGE')).toBe(0);
  });

  it('is not registered without that request, nor when the authority finds it wrong', async () => {
    const silent = await filed({ recipient: 'H29.62', purpose: 'insurance' });
    const missing = [{ what: 'writtenRequest', reason: 'Thiếu.' }];
    await world.as('station.head').complete(silent, 'registration', { missing, decision: 'register' });
    await world.as('an').task(silent, 'supply');
    const refused = await filed({ recipient: 'H29.62', purpose: 'insurance' });
    const answer = { decision: 'refuse', reasons: 'Bên nhận không phải doanh nghiệp bảo hiểm.' };
    await world.as('station.head').complete(refused, 'registration', answer);
    expect(await closed(refused)).toMatchObject({ outcome: 'refused', state: { code: 10 } });
    await world.pass('25 days');
    expect(await closed(silent)).toMatchObject({ outcome: 'unsupplied', state: { code: 8 } });
  });

  it('can be withdrawn before it is registered, and is nothing without a record', async () => {
    await world.toMonday();
    const early = await filed();
    await world.as('station.head').task(early, 'registration');
    await world.as('an').complete(early, 'withdraw', { reason: 'Nhầm.' });
    expect(await closed(early)).toMatchObject({ outcome: 'withdrawn' });
    const binh = {
      fullName: 'Trần Thị Bình',
      personalNumber: '077185990002',
      dateOfBirth: '1985-11-03',
      gender: 'female',
    };
    expect(await closed(await filed({}, 'binh', binh), 'binh')).toMatchObject({ outcome: 'rejected' });
  });

  it('leaves nobody to promise a later date when it is registered while the head still may', async () => {
    const code = await filed();
    const { dueAt } = await world.as('an').until(code, (view) => view.dueAt !== null);
    await world.passUntil(workingDaysBefore(new Date(dueAt), 2, sampleCalendar()));
    await world.as('station.head').task(code, 'extend');
    await register(code);
    await world.as('an').task(code, 'change');
    const open = world.database.db('tasks').where({ case_code: code, state: 'open' }).pluck('name');
    expect(await open).toEqual(['change']);
  });

  it.each([
    ['/answers/to', { to: '2020-01-01' }],
    ['/answers/to', { to: '2040-01-01' }],
    ['/answers/from', { from: '2020-01-01' }],
    ['/answers/recipient', { recipient: 'H29.99' }],
    ['/answers/classes', { classes: [] }],
  ])('is refused at once where %s is wrong', async (pointer, answers) => {
    const { status, body } = await world.as('an').request('POST', '/api/v1/applications', applying(answers));
    expect([status, body.errors?.[0]?.pointer]).toEqual([422, pointer]);
  });
});
