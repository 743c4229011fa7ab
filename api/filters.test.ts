import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { Officers } from '../testing/light-case.ts';

let api: TestApi;
let officers: Officers;
beforeAll(async () => {
  api = await startApi();
  officers = new Officers(api);
});
afterAll(() => api.stop());

const given = { name: 'Hôm nay, chưa ai nhận', query: 'due=today&claimed=none&area=le+loi', shared: false };
const save = (by: string, body: object = given) => officers.request(by, 'post', '/api/v1/me/filters', body);
const namesOf = async (by: string) =>
  ((await officers.request(by, 'get', '/api/v1/me/filters')).body.items as { name: string }[]).map(
    ({ name }) => name,
  );

test('strangers have no filters', async () => {
  expect((await api.stranger.get('/api/v1/me/filters')).status).toBe(401);
  expect((await api.stranger.post('/api/v1/me/filters').send(given)).status).toBe(401);
});

test('only its owner changes a filter, and only officers of the agency see one that is shared', async () => {
  const own = await save('vungtau.head');
  const shared = await save('vungtau.head', { ...given, name: 'Chung', shared: true });
  expect(await namesOf('vungtau.specialist')).toEqual(['Chung']);
  expect(await namesOf('tamthang.specialist')).toEqual([]);
  const path = (filter: { body: { id?: unknown } }) => `/api/v1/me/filters/${String(filter.body.id)}`;
  const byColleague = await officers.request('vungtau.specialist', 'delete', path(shared));
  expect(byColleague.body).toMatchObject({ type: '/problems/not-yours' });
  const unseen = await officers.request('vungtau.specialist', 'put', path(own), {
    name: 'Của tôi',
    shared: false,
  });
  expect(unseen.body).toMatchObject({ type: '/problems/not-found' });
  const renamed = await officers.request('vungtau.head', 'put', path(shared), {
    name: 'Việc chung',
    shared: false,
  });
  expect(renamed.body).toMatchObject({ name: 'Việc chung', shared: false, query: given.query, own: true });
  expect(await namesOf('vungtau.specialist')).toEqual([]);
  expect((await officers.request('vungtau.head', 'delete', path(own))).status).toBe(204);
  expect(await namesOf('vungtau.head')).toEqual(['Việc chung']);
});

test('what is no filter is refused, the name of a person above all', async () => {
  for (const query of ['applicant=An', 'due=tomorrow', 'cursor=abc', 'nothing=1'])
    expect((await save('vungtau.head', { ...given, query })).body).toMatchObject({
      type: '/problems/invalid-form',
      errors: [{ pointer: '/query' }],
    });
  expect((await save('an', { ...given, shared: true })).body).toMatchObject({ type: '/problems/wrong-role' });
});

test('saving again with the same key saves once', async () => {
  const reception = await api.as('vungtau.reception');
  const key = randomUUID();
  const send = () => reception.post('/api/v1/me/filters').set('Idempotency-Key', key).send(given).expect(201);
  expect((await send()).body).toEqual((await send()).body);
  expect(await namesOf('vungtau.reception')).toHaveLength(1);
});
