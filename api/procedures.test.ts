import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { streetLight } from '../testing/street-light.ts';

let api: TestApi;
beforeAll(async () => {
  const procedures = new Map([
    ['lightOfTomorrow', { ...streetLight, effectiveFrom: '2027-01-01' }],
    ['streetLight', { ...streetLight, effectiveTo: '2026-12-31' }],
  ]);
  // Half past midnight in Vietnam, the evening before in UTC.
  const clock = { now: () => new Date('2026-12-31T17:30:00Z') };
  api = await startApi({ procedures, clock });
});
afterAll(() => api.stop());

test('a procedure that does not exist is not found', async () => {
  const answer = await api.stranger.get('/api/v1/procedures/nothing');
  expect(answer.body).toMatchObject({ type: '/problems/not-found' });
});

test('anybody sees all procedures; a law begins at midnight in Vietnam', async () => {
  const answer = await api.stranger.get('/api/v1/procedures').expect(200);
  expect(answer.body.items).toMatchObject([
    { id: 'lightOfTomorrow', inForce: true, limit: '3wd', title: { en: 'Report a street light' } },
    { id: 'streetLight', inForce: false, effectiveTo: '2026-12-31' },
  ]);
});

test('a procedure tells what it asks for, with the JSON Schema of its form', async () => {
  const answer = await api.stranger.get('/api/v1/procedures/streetLight').expect(200);
  expect(answer.body).toMatchObject({
    code: '9.000001',
    papers: [
      { kind: 'photo', required: true },
      { kind: 'sketch', required: false },
    ],
    tasks: [{ name: 'repair', by: 'specialist', due: '3wd' }],
    documents: [{ document: 'report' }],
    application: { type: 'object', required: ['pole'], properties: { pole: { maxLength: 20 } } },
    applicant: { properties: { personalNumber: { title: 'Số định danh cá nhân' } } },
  });
});
