import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Procedure } from '../workflows/engine/index.ts';
import { applyCity } from '../records/city.ts';
import { sampleCity } from '../embedded/samples.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { applicant, streetLight } from '../testing/street-light.ts';

const { withdraw: _withdraw, extend: _extend, ...tasks } = streetLight.tasks;
const plan: Procedure = {
  ...streetLight,
  code: '9.000098',
  title: { vi: 'Kế hoạch chiếu sáng', en: 'Lighting plan' },
  applicant: 'agency',
  papers: {},
  tasks,
};

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    procedures: new Map([
      ['streetLight', streetLight],
      ['lightingPlan', plan],
    ]),
  });
  await applyCity(api.db, sampleCity(), new Date());
});
afterAll(() => api.stop());

const filing = {
  procedure: '9.000098',
  agency: 'H29.16',
  answers: { pole: 'VT-17', witnesses: [] },
};
const file = async (sub: string, body: Record<string, unknown> = filing) =>
  (await api.as(sub)).post('/api/v1/applications').set('Idempotency-Key', randomUUID()).send(body);

describe('what an agency does on its own account', () => {
  it('is filed by nobody but its officers of the role that files', async () => {
    expect(await file('an')).toMatchObject({
      status: 403,
      body: { type: expect.stringContaining('wrong-role') },
    });
    expect(await file('vungtau.reception')).toMatchObject({ status: 403 });
    expect(await file('tamthang.specialist')).toMatchObject({
      status: 403,
      body: { type: expect.stringContaining('wrong-agency') },
    });
  });

  it('has no applicant: it is the agency’s, whose officers of that role are told', async () => {
    const filed = await file('vungtau.specialist');
    expect(filed.status).toBe(201);
    const { code } = filed.body as { code: string };
    const row = await api.db('cases').where({ code }).first();
    expect(row).toMatchObject({
      applicant_sub: 'queue:H29.16:specialist',
      applicant: { fullName: 'Ủy ban nhân dân phường Vũng Tàu' },
      channel: 'online',
    });
    const told = await api.db('notices').where({ case_code: code }).pluck('recipient_sub');
    expect(told).toEqual(['queue:H29.16:specialist']);
    const [entry] = await api.db('case_record').where({ case_code: code });
    expect(entry.actor).toMatchObject({ sub: 'vungtau.specialist' });
    const seen = await (await api.as('vungtau.head')).get(`/api/v1/cases/${code}`);
    expect(seen).toMatchObject({ status: 200, body: { state: { code: 1 } } });
    expect((await (await api.as('an')).get(`/api/v1/cases/${code}`)).status).toBe(403);
  });

  it('takes nobody’s block, nor co-applicants', async () => {
    for (const more of [
      { applicant },
      { coApplicants: [{ fullName: 'An', personalNumber: '077090990001' }] },
    ]) {
      const refused = await file('vungtau.specialist', { ...filing, ...more });
      expect(refused).toMatchObject({ status: 422, body: { errors: [{ pointer: '/applicant' }] } });
    }
  });

  it('is told in the API as what officers file, and offered in the catalogue to them only', async () => {
    const { body } = await api.stranger.get('/api/v1/procedures/lightingPlan');
    expect(body).toMatchObject({ filedBy: 'specialist' });
    expect(body).not.toHaveProperty('applicant');
    const catalogue = (who: Awaited<ReturnType<TestApi['as']>>) =>
      who.get('/procedures').set('accept', 'text/html');
    expect((await catalogue(api.stranger)).text).not.toContain('Kế hoạch chiếu sáng');
    expect((await catalogue(await api.as('vungtau.specialist'))).text).toContain('Kế hoạch chiếu sáng');
    expect((await catalogue(await api.as('vungtau.clerk'))).text).not.toContain('Kế hoạch chiếu sáng');
  });

  it('still asks every citizen for their block', async () => {
    const { body } = await file('an', { ...filing, procedure: 'streetLight' });
    expect(body.errors).toMatchObject([{ pointer: '/applicant' }]);
  });
});
