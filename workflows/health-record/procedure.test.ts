import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { forgetPulled } from '../../records/health-records.ts';
import { firstBrokenEntry } from '../../records/record.ts';
import { openWorld, type World } from '../../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
});
afterAll(() => world.close());

const sample = JSON.parse(readFileSync('samples/health-record/application.json', 'utf8')) as {
  applicant: Record<string, unknown>;
};
const binh = {
  fullName: 'Trần Thị Bình',
  personalNumber: '077185990002',
  dateOfBirth: '1985-11-03',
  gender: 'female',
};

/** Files as somebody; gives the case code. */
async function filed(sub = 'an', person: Record<string, unknown> = {}): Promise<string> {
  const application = { ...sample, applicant: { ...sample.applicant, ...person } };
  return world.as(sub).file('samples/health-record', application);
}

const own = {
  allergies: [{ substance: 'Penicillin', reaction: 'nổi mề đay', severity: 'severe' }],
  conditions: [{ name: 'Hen phế quản', icd10: 'J45.9' }],
  medications: [{ name: 'Salbutamol xịt', dosage: 'khi khó thở' }],
  emergencyContact: { name: 'Lê Thu Cúc', relation: 'vợ', phone: '0907654321' },
  publish: true,
};

/** What the review of a case shows of what registries have told; it comes a moment after the task. */
async function toldFor(code: string): Promise<{ id: string; title: { vi: string } }[]> {
  const { id } = await world.as('an').task(code, 'review');
  return vi.waitUntil(async () => {
    const { body } = await world.as('an').get(`/api/v1/tasks/${id}`);
    return (body as { context: { entries?: { id: string; title: { vi: string } }[] } }).context.entries;
  }, 15_000);
}

const closed = (code: string, sub = 'an') => world.as(sub).until(code, (view) => view.closedAt !== null);
const documentsOf = (view: { documents: { document: string }[] }) =>
  view.documents.map((each) => each.document);
const fhir = (sub: string, path: string) => world.as(sub).get(`/fhir${path}`);

describe('a health record', () => {
  it('is opened with what registries know and what its citizen adds, and then kept', async () => {
    const code = await filed();
    const entries = await toldFor(code);
    expect(entries.map(({ title }) => title.vi)).toContain(
      'Bệnh, chẩn đoán: Tăng huyết áp vô căn (I10), 02/10/2025',
    );
    const glucose = entries.find(({ title }) => title.vi.includes('Glucose'))!;

    const unknown = { ...own, wrong: [{ entry: 'somebody else’s', reason: 'x' }] };
    expect((await world.as('an').complete(code, 'review', unknown)).status).toBe(422);
    const answer = { ...own, wrong: [{ entry: glucose.id, reason: 'Không phải của tôi.' }] };
    expect((await world.as('an').complete(code, 'review', answer)).status).toBe(200);
    await world
      .as('station.head')
      .complete(code, 'approval', { decision: 'return', comment: 'Ghi rõ liều.' });
    await toldFor(code);
    await world.as('an').complete(code, 'review', answer);
    await world.as('station.head').complete(code, 'approval', { decision: 'approve' });
    await world.as('an').task(code, 'request');

    const view = await world.as('an').until(code, (seen) => seen.state.code === 10);
    expect(view).toMatchObject({ closedAt: null, outcome: null });
    expect(documentsOf(view)).toEqual(['form-01', 'summary']);
    const patient = (await fhir('an', '/Patient')).body as {
      total: number;
      entry: { resource: { id: string } }[];
    };
    expect(patient.total).toBe(1);
    const observations = (await fhir('an', '/Observation')).body as {
      entry: { resource: { code: { text: string } } }[];
    };
    expect(observations.entry.map(({ resource }) => resource.code.text)).not.toContain('Glucose máu');
    expect(await forgetPulled(world.database.db)).toBeGreaterThan(0);
    expect(await world.database.db('health_pulled').where({ case_code: code })).toEqual([]);
    expect(await firstBrokenEntry(world.database.db, code)).toBeUndefined();
  });

  it('never reaches Temporal with what it says', async () => {
    const { db } = world.database;
    const rows = await db('outbox').select<{ message: unknown }[]>('message');
    const told = JSON.stringify(rows);
    for (const word of ['Penicillin', 'Amlodipin', 'F41.1', 'Hen phế quản', '0907654321', '077090990001'])
      expect(told).not.toContain(word);
  });

  it('is not opened a second time', async () => {
    const view = await closed(await filed());
    expect(view).toMatchObject({ outcome: 'rejected', state: { code: 3 } });
  });

  it('is opened though a registry is down, when it answers again', async () => {
    await world.agencies.tell('IMMUNISATIONS', { mode: 'down' });
    const code = await filed('binh', binh);
    const waits = await world.as('binh').until(code, (seen) => seen.waiting !== null);
    expect(waits.waiting.agency.vi).toBe('Hệ thống thông tin tiêm chủng quốc gia');
    await world.agencies.tell('IMMUNISATIONS', {});
    await world.pass('1 minute');
    await world.as('binh').task(code, 'review');
    await world.pass('33 days');
    const view = await closed(code, 'binh');
    expect(view).toMatchObject({ outcome: 'not-reviewed', state: { code: 8 } });
    expect(documentsOf(view)).toEqual(['form-01', 'form-05']);
    expect((await fhir('binh', '/Patient')).body.total).toBe(0);
  });

  it('is not opened for somebody whom neither the registry nor the station knows', async () => {
    await world.toMonday();
    const code = await filed('binh', { ...binh, dateOfBirth: '1985-11-04' });
    const answer = { decision: 'not-confirmed', reasons: 'Không xuất trình được căn cước.' };
    expect(
      (await world.as('station.nurse').complete(code, 'identityCheck', { ...answer, reasons: '' })).status,
    ).toBe(422);
    await world.as('station.nurse').complete(code, 'identityCheck', answer);
    const view = await closed(code, 'binh');
    expect(view).toMatchObject({ outcome: 'identity-not-confirmed', state: { code: 3 } });
    expect(documentsOf(view)).toEqual(['form-03']);
  });

  it('is not opened for whoever withdraws before it is published', async () => {
    const code = await filed('binh', binh);
    await world.as('binh').task(code, 'review');
    await world.as('binh').complete(code, 'withdraw', { reason: 'Không cần nữa.' });
    expect(await closed(code, 'binh')).toMatchObject({ outcome: 'withdrawn', state: { code: 7 } });
  });
});

describe('the rights of its citizen', () => {
  const codeOf = async () =>
    (
      await world.database
        .db('health_records')
        .where({ state: 'open' })
        .first<{ case_code: string }>('case_code')
    ).case_code;

  it('are answered by a new summary, also after years', async () => {
    const code = await codeOf();
    await world.pass('400 days');
    await world.toMonday();
    await world.as('an').complete(code, 'request', { wish: 'summary' });
    await world.as('station.doctor').complete(code, 'answer', { decision: 'accept' });
    await world.as('station.head').complete(code, 'renewal', { signed: true });
    const view = await world.as('an').until(code, (seen) => seen.documents.length === 3);
    expect(documentsOf(view)).toEqual(['form-01', 'summary', 'renewedSummary']);
  });

  it('stop all sharing at once, and are told by a signed answer', async () => {
    const code = await codeOf();
    await world.as('an').complete(code, 'request', { wish: 'restrict', details: 'Tôi đổi ý.' });
    const state = await world.database
      .db('health_records')
      .where({ case_code: code })
      .first<{ state: string }>('state');
    expect(state).toEqual({ state: 'restricted' });
    await world.as('station.doctor').complete(code, 'answer', { decision: 'accept' });
    await world.as('station.head').complete(code, 'renewal', { signed: true });
    await world.as('an').until(code, (seen) => seen.documents.length === 4);
    await world.as('an').complete(code, 'request', { wish: 'lift' });
    await world.as('station.doctor').complete(code, 'answer', { decision: 'accept' });
    await world.as('station.head').complete(code, 'renewal', { signed: true });
    await world.as('an').until(code, (seen) => seen.documents.length === 5);
  });

  it('erase it, and leave nothing of what it said', async () => {
    const code = await codeOf();
    const [patient] = ((await fhir('an', '/Patient')).body as { entry: { resource: { id: string } }[] })
      .entry;
    await world.as('an').complete(code, 'request', { wish: 'erase' });
    await world.as('station.doctor').complete(code, 'answer', { decision: 'accept' });
    await world.as('station.doctor').complete(code, 'fulfilment', { done: true, what: 'Đã xóa.' });
    await world.as('station.head').complete(code, 'renewal', { signed: true });
    expect(await closed(code)).toMatchObject({ outcome: 'erased', state: { code: 10 } });
    expect((await fhir('an', `/Patient/${patient!.resource.id}`)).status).toBe(410);
    expect((await fhir('an', '/Patient')).body.total).toBe(0);
    const left = await world.database.db('fhir_versions').whereNotNull('resource');
    expect(left).toEqual([]);
    const tasks = await world.database
      .db('tasks')
      .where({ case_code: code })
      .select<{ personal: unknown; context: object }[]>('personal', 'context');
    expect(tasks.filter(({ personal }) => personal)).toEqual([]);
    expect(JSON.stringify(tasks)).not.toContain('Penicillin');
  });
});
