import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { firstBrokenEntry } from '../../records/record.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
let code: string;
let patient: string;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  const sample = JSON.parse(readFileSync('samples/health-record/application.json', 'utf8')) as Record<
    string,
    unknown
  >;
  code = await world.as('an').file('samples/health-record', sample);
  const allergies = [{ substance: 'Penicillin', severity: 'severe' }];
  await world.as('an').complete(code, 'review', { allergies, publish: true });
  await world.as('station.head').complete(code, 'approval', { decision: 'approve' });
  await world.as('an').task(code, 'request');
  patient = ((await fhir('an', '/Patient')).body as { entry: { resource: { id: string } }[] }).entry[0]!
    .resource.id;
});
afterAll(() => world.close());

const fhir = (sub: string, path: string, purpose?: string) =>
  world.as(sub).request('GET', `/fhir${path}`, undefined, purpose ? { 'X-Purpose-Of-Use': purpose } : {});
const breakGlass = (sub: string, reason = 'Người bệnh hôn mê, cần biết dị ứng.', number = '077090990001') =>
  world.as(sub).request('POST', '/fhir/$break-glass', {
    resourceType: 'Parameters',
    parameter: [
      { name: 'identifier', valueString: number },
      { name: 'reason', valueString: reason },
    ],
  });
const seen = async (sub: string, type = 'AllergyIntolerance', purpose = 'ETREAT') =>
  ((await fhir(sub, `/${type}?patient=${patient}`, purpose)).body as { total: number }).total;
const notices = (notice: string) =>
  world.database
    .db('notices')
    .where({ case_code: code, notice })
    .select<{ recipient_sub: string }[]>('recipient_sub');

describe('breaking the glass', () => {
  it('is for health workers, with a reason, and for somebody who has a record', async () => {
    expect((await breakGlass('insurer.officer')).status).toBe(403);
    expect((await breakGlass('binh')).status).toBe(403);
    expect((await breakGlass('hospital.doctor', 'vì')).status).toBe(400);
    expect((await breakGlass('hospital.doctor', undefined, '077185990002')).status).toBe(404);
    expect(await seen('hospital.doctor')).toBe(0);
    expect(await notices('break-glass')).toEqual([]);
  });

  it('opens the record for that person alone, without what is sensitive, and tells its citizen at once', async () => {
    const { status, body } = await breakGlass('hospital.doctor');
    expect(status).toBe(200);
    expect(body.parameter[0]).toEqual({
      name: 'patient',
      valueReference: { reference: `Patient/${patient}` },
    });
    expect(await notices('break-glass')).toEqual([{ recipient_sub: 'an' }]);
    expect([
      await seen('hospital.doctor'),
      await seen('hospital'),
      await seen('hospital.doctor', undefined, 'TREAT'),
    ]).toEqual([1, 0, 0]);
    expect(await seen('hospital.doctor', 'Condition')).toBe(1);
    const audit = (await fhir('an', '/AuditEvent')).body as {
      entry: { resource: { outcomeDesc: string } }[];
    };
    const said = audit.entry.map(({ resource }) => resource.outcomeDesc.split(' · ')[0]);
    expect(said).toContain('Bệnh viện Bà Rịa (Thái Bá Duy) đã mở khẩn cấp hồ sơ, mục đích cấp cứu');
  });

  it('is reviewed within 24 hours by somebody of the authority who is told why, and is then right', async () => {
    const { id } = await world.as('station.doctor').task(code, 'emergencyReview');
    const task = async () =>
      (await world.as('station.doctor').get(`/api/v1/tasks/${id}`)).body as {
        deadline: string;
        openedAt: string;
        context: { opened?: { reason: string } };
      };
    await expect
      .poll(async () => (await task()).context.opened?.reason)
      .toBe('Người bệnh hôn mê, cần biết dị ứng.');
    const { deadline, openedAt } = await task();
    expect(Date.parse(deadline) - Date.parse(openedAt)).toBe(24 * 3_600_000);
    const outbox = await world.database
      .db('outbox')
      .where({ case_code: code })
      .select<{ message: unknown }[]>('message');
    expect(JSON.stringify(outbox)).not.toContain('hôn mê');
    await world.as('station.doctor').complete(code, 'emergencyReview', { verdict: 'justified' });
    expect(await notices('emergency-justified')).toEqual([{ recipient_sub: 'an' }]);
    expect(await seen('hospital.doctor')).toBe(1);
  });

  it('is over after a day', async () => {
    await world.pass('25 hours');
    expect(await seen('hospital.doctor')).toBe(0);
  });

  it('that was an abuse ends at once, is on record, and its citizen is told', async () => {
    await breakGlass('hospital.doctor', 'Muốn xem hồ sơ của hàng xóm.');
    expect(await seen('hospital.doctor')).toBe(1);
    const { id } = await world.as('station.doctor').task(code, 'emergencyReview');
    const judge = (answer: unknown) =>
      world.as('station.doctor').request('POST', `/api/v1/tasks/${id}/complete`, { answer });
    expect((await judge({ verdict: 'abuse' })).status).toBe(422);
    expect((await judge({ verdict: 'abuse', reasons: 'Người bệnh không nhập viện.' })).status).toBe(200);
    expect(await seen('hospital.doctor')).toBe(0);
    expect(await notices('emergency-abuse')).toEqual([{ recipient_sub: 'an' }]);
    const [row] = await world.database.db('health_emergencies').orderBy('at', 'desc').limit(1);
    expect(row).toMatchObject({ verdict: 'abuse', judged_by: { sub: 'station.doctor' } });
  });

  it('goes to the head as overdue when nobody reviews it within a day, day and night', async () => {
    await world.toMonday();
    await breakGlass('hospital.doctor');
    await world.as('station.doctor').task(code, 'emergencyReview');
    await world.pass('25 hours');
    await expect.poll(async () => (await notices('overdue')).length).toBe(1);
    await world.as('station.doctor').complete(code, 'emergencyReview', { verdict: 'justified' });
    await expect.poll(() => firstBrokenEntry(world.database.db, code)).toBeUndefined();
  });

  it('is never reviewed by whoever did it', async () => {
    const row = { name: 'emergencyReview', not_by: [], role: 'head', agency: 'H29.25.16', state: 'open' };
    const { authorityOver } = await import('../../records/policy.ts');
    const task = {
      ...row,
      case_code: code,
      procedure: 'healthRecord',
      claimed_by: null,
      context: { asker: 'station.doctor' },
    };
    const actor = {
      sub: 'station.doctor',
      name: 'Quách Thanh Tùng',
      roles: ['head' as const],
      agency: 'H29.25.16',
    };
    await expect(authorityOver(world.database.db, actor, task, world.clock.now())).rejects.toMatchObject({
      type: 'same-person',
    });
  });
});
