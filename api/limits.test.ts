import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';

let api: TestApi;
let now: Date;
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } }, () => Promise.resolve({ RATE_LIMIT: '3' }));
});
afterAll(() => api.stop());
beforeEach(async () => {
  now = new Date('2027-06-30T03:00:00Z');
  await api.db('rate_limits').delete();
});

const due = (from = '203.0.113.7') =>
  api.stranger
    .get('/api/v1/clock?from=2027-06-30T10:00&count=3&unit=wd&agency=H29.16')
    .set('x-forwarded-for', from);

test('whoever calls too often is told to wait, and is served again a minute after they began', async () => {
  for (let count = 0; count < 3; count++) expect((await due()).status).not.toBe(429);
  now = new Date('2027-06-30T03:00:40Z');
  const refused = await due();
  expect(refused.status).toBe(429);
  expect(refused.body).toMatchObject({ type: '/problems/too-many-requests', status: 429 });
  expect(refused.headers).toHaveProperty('retry-after');
  now = new Date('2027-06-30T03:01:00Z');
  expect((await due()).status).not.toBe(429);
});

test('people read it on a page', async () => {
  const page = () => api.stranger.get('/clock').set('accept', 'text/html');
  for (let count = 0; count < 3; count++) expect((await page()).status).toBe(200);
  const refused = await page();
  expect(refused.status).toBe(429);
  expect(refused.text).toContain('thử lại sau một phút');
});

test('others, and other things, are not held up', async () => {
  for (let count = 0; count < 4; count++) await due();
  expect((await due('203.0.113.8')).status).not.toBe(429);
  expect((await api.stranger.get('/clock').set('x-forwarded-for', '203.0.113.7')).status).toBe(200);
});

test('a network of IPv6 is one caller, however many addresses it has', async () => {
  for (const end of ['1', '2', '3']) await due(`2001:db8:1:2::${end}`);
  expect((await due('2001:db8:1:2::4')).status).toBe(429);
});

test('all API processes count together, also calls at the same moment, and keep nobody’s address', async () => {
  const beside = await api.beside({});
  const call = (url: string) =>
    fetch(`${url}/clock`, { headers: { 'x-forwarded-for': '203.0.113.9', accept: 'text/html' } });
  const answers = await Promise.all([api.url, beside, api.url, beside, api.url].map(call));
  expect(answers.filter(({ status }) => status === 429)).toHaveLength(2);
  expect(JSON.stringify(await api.db('rate_limits'))).not.toContain('203.0.113.9');
});

test('what is over is cleared away', async () => {
  await due('203.0.113.7');
  now = new Date('2027-06-30T03:02:00Z');
  await due('203.0.113.8');
  expect(await api.db('rate_limits')).toHaveLength(1);
});
