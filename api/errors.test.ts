import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../records/db.ts';
import { startApi, type TestApi } from '../testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

test('an address that nothing serves is told in the reader’s language', async () => {
  const vietnamese = await api.stranger.get('/api/v1/nothing');
  expect(vietnamese.headers['content-type']).toMatch('application/problem+json');
  expect(vietnamese.body).toMatchObject({
    type: '/problems/not-found',
    title: 'Không tìm thấy',
    status: 404,
  });
  const english = await api.stranger.get('/api/v1/nothing').set('Accept-Language', 'en-GB,en;q=0.8');
  expect(english.headers['content-language']).toBe('en');
  expect(english.body).toMatchObject({ title: 'Not found' });
});

test('a body that is no JSON is refused, and printed nowhere', async () => {
  const secret = '{"personalNumber": "077090990001", oops';
  const answer = await api.stranger.post('/api/v1/applications').type('json').send(secret);
  expect(answer.status).toBe(400);
  expect(answer.body).toMatchObject({ type: '/problems/invalid-request' });
  expect(JSON.stringify([answer.body, api.logged])).not.toContain('077090990001');
});

test('a body that is far too large is refused', async () => {
  const answer = await api.stranger.post('/api/v1/applications').send({ answers: 'x'.repeat(300_000) });
  expect(answer.body).toMatchObject({ type: '/problems/file-too-large', status: 413 });
});

test('an address that is not even one is refused', async () => {
  const answer = await fetch(`${api.url}/api/v1/procedures/%E0%A4%A`);
  expect(answer.status).toBe(400);
});

test('while PostgreSQL is away people are asked to try again', async () => {
  const db = openDatabase('postgres://nobody@127.0.0.1:9/none', 1);
  const url = await api.beside({ db });
  const answer = await fetch(`${url}/api/v1/cases`, {
    headers: { authorization: `Bearer ${await api.token('an')}` },
  });
  expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '5']);
  expect(await answer.json()).toMatchObject({ type: '/problems/not-ready' });
  await db.destroy();
});

test('a fault of ours says nothing of our inside, and is logged without the person’s data', async () => {
  const codec = { decode: () => Promise.reject(new Error('the key of Nguyễn Văn An is broken')) };
  const url = await api.beside({ codec });
  const answer = await fetch(`${url}/codec/decode`, {
    method: 'POST',
    headers: { authorization: `Bearer ${await api.token('admin')}`, 'content-type': 'application/json' },
    body: JSON.stringify({ payloads: [] }),
  });
  expect(await answer.json()).toEqual({ type: '/problems/internal', title: 'Lỗi của hệ thống', status: 500 });
  const logged = api.logged.filter((line) => line.includes('a request failed'));
  expect(logged).toHaveLength(1);
  expect(logged[0]).toContain('/codec/decode');
  expect(logged[0]).not.toContain('Nguyễn Văn An');
});

test('requests are logged by the pattern of their route, without query or codes', async () => {
  await api.stranger.get('/api/v1/cases/H29.16-261122-0001?name=An');
  const line = api.logged
    .map((each) => JSON.parse(each) as { route?: string })
    .find((each) => each.route?.includes(':code'));
  expect(line).toMatchObject({ method: 'GET', route: '/api/v1/cases/:code', status: 401 });
  expect(api.logged.join()).not.toContain('name=An');
});
