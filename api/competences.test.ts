import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { setCompetences } from '../records/competences.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { application, fileCase } from '../testing/light-case.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(() => only([]));

/** Lets only some agencies receive reports of street lights. */
const only = (agencies: string[]) =>
  api.db.transaction((trx) => setCompetences(trx, [{ procedureCode: '9.000001', agencies }]));
const page = async (path: string) =>
  (await api.stranger.get(path).set({ accept: 'text/html', 'accept-language': 'en' }).expect(200)).text;

test('an agency that does not receive the procedure takes no application of it, and the form says so', async () => {
  await only(['H29.17']);
  const an = await api.as('an');
  const answer = await an
    .post('/api/v1/applications')
    .set('Idempotency-Key', randomUUID())
    .send(await application(api));
  expect([answer.status, answer.body]).toEqual([
    422,
    expect.objectContaining({ errors: [expect.objectContaining({ pointer: '/agency' })] }),
  ]);
  expect(await api.db('cases')).toEqual([]);
  await only(['H29.16', 'H29.17']);
  await fileCase(api);
});

test('people find what an agency receives, and read on the procedure’s page who does', async () => {
  expect(await page('/procedures?agency=H29.16')).toContain('9.000001');
  await only(['H29.17']);
  expect(await page('/procedures?agency=H29.16')).not.toContain('/procedures/9.000001');
  const found = await page('/procedures?agency=H29.17');
  expect(found).toContain('/procedures/9.000001');
  expect(found).toContain('<option value="H29.17" selected>');
  const own = await page('/procedures/9.000001');
  expect(own).toContain('People&#x27;s Committee of Tam Thang Ward');
  expect(own).not.toContain('People&#x27;s Committee of Vung Tau Ward');
});

test('where nothing is said, every agency receives it that receives any', async () => {
  const own = await page('/procedures/9.000001');
  expect(own).toContain('Vung Tau Ward');
  expect(own).not.toContain('Power company');
});
