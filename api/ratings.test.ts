import { afterAll, beforeAll, expect, test } from 'vitest';
import { Person } from '../embedded/person.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileLight } from '../testing/filed-case.ts';

let api: TestApi;
let code: string;
const rate = async (sub: string, rating: unknown) =>
  new Person(api.url, await api.token(sub)).request('PUT', `/api/v1/cases/${code}/rating`, rating);
const good = { score: '4', comment: 'Nhanh, rõ ràng.' };

beforeAll(async () => {
  api = await startApi();
  code = await fileLight(api.db, new Date());
});
afterAll(() => api.stop());

test('nobody rates a case that is still open', async () => {
  expect(await rate('an', good)).toMatchObject({ status: 409, body: { type: '/problems/case-open' } });
});

test('its applicant alone rates a case that has ended, within the scale', async () => {
  await api.db('cases').where({ code }).update({ closed_at: new Date() });
  expect((await rate('binh', good)).body.type).toBe('/problems/not-yours');
  expect((await rate('vungtau.reception', good)).body.type).toBe('/problems/not-yours');
  expect((await rate('an', { score: '6' })).status).toBe(422);
  expect((await rate('an', good)).status).toBe(204);
});

test('the latest word counts, its agency reads it, and the record keeps the score without the words', async () => {
  expect((await rate('an', { score: '2', comment: 'Kết quả sai tên.' })).status).toBe(204);
  const officer = new Person(api.url, await api.token('vungtau.reception'));
  const { body } = await officer.get(`/api/v1/cases/${code}/rating`);
  expect(body).toMatchObject({ score: 2, comment: 'Kết quả sai tên.' });
  const { body: timeline } = await officer.get(`/api/v1/cases/${code}/timeline`);
  const rated = timeline.items.filter(({ event }: { event: string }) => event === 'rated');
  expect(rated.map(({ details }: { details: { score: number } }) => details.score)).toEqual([4, 2]);
  expect(JSON.stringify(rated)).not.toContain('sai tên');
});
