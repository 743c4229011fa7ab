import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { firstBrokenEntry } from '../records/record.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers } from '../testing/light-case.ts';

let api: TestApi;
let officers: Officers;
let one: string;
let other: string;
beforeAll(async () => {
  api = await startApi();
  officers = new Officers(api);
});
afterAll(() => api.stop());
beforeEach(async () => {
  [one, other] = [await fileCase(api), await fileCase(api)];
});

const link = (by: string, from = one, to = other, kind = 'follows') =>
  officers.request(by, 'post', `/api/v1/cases/${from}/links`, { case: to, kind });
const linksOf = async (by: string, code: string) =>
  (await officers.request(by, 'get', `/api/v1/cases/${code}`)).body.links as { id: string }[];

test('a link needs an officer who may read both cases', async () => {
  expect((await api.stranger.post(`/api/v1/cases/${one}/links`)).status).toBe(401);
  expect((await link('an')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await link('tamthang.head')).body).toMatchObject({ type: '/problems/wrong-agency' });
  await api.db('cases').where({ code: other }).update({ agency: 'H29.17' });
  expect((await link('vungtau.head')).body).toMatchObject({ type: '/problems/wrong-agency' });
  expect((await link('vungtau.head', one, 'H29.16-200101-0001')).body).toMatchObject({
    type: '/problems/not-found',
  });
  expect((await link('vungtau.head', one, one)).body).toMatchObject({ type: '/problems/invalid-form' });
  expect((await link('vungtau.head', one, other, 'likes')).body).toMatchObject({
    errors: [{ pointer: '/kind' }],
  });
});

test('both cases show the link from their side, once, and their records tell of it', async () => {
  const { status, body } = await link('vungtau.head');
  expect(status).toBe(201);
  expect((await link('vungtau.reception')).body).toEqual(body);
  expect((await link('vungtau.reception', other, one)).body).toEqual(body);
  expect(await linksOf('vungtau.reception', one)).toMatchObject([
    { id: body.id, kind: 'follows', case: other, direction: 'to' },
  ]);
  expect(await linksOf('vungtau.reception', other)).toMatchObject([{ case: one, direction: 'from' }]);
  for (const code of [one, other]) {
    const entries = await api.db('case_record').where({ case_code: code, event: 'linked' });
    expect(entries).toMatchObject([{ details: { from: one, to: other, kind: 'follows' } }]);
    expect(await firstBrokenEntry(api.db, code)).toBeUndefined();
  }
});

test('a reader sees only links to cases that they may read too', async () => {
  await link('vungtau.head');
  expect(await linksOf('an', one)).toHaveLength(1);
  await api.db('cases').where({ code: other }).update({ applicant_sub: 'binh' });
  expect(await linksOf('an', one)).toEqual([]);
  expect(await linksOf('binh', other)).toEqual([]);
});

test('a link that is taken away is gone from both cases, and their records keep that it was there', async () => {
  const { body } = await link('vungtau.head');
  const unlink = (by: string, id = body.id as string) =>
    officers.request(by, 'delete', `/api/v1/cases/${other}/links/${id}`);
  expect((await unlink('an')).body).toMatchObject({ type: '/problems/wrong-role' });
  expect((await unlink('vungtau.head', randomUUID())).body).toMatchObject({ type: '/problems/not-found' });
  expect((await unlink('vungtau.head')).status).toBe(204);
  expect((await unlink('vungtau.head')).status).toBe(204);
  for (const code of [one, other]) {
    expect(await linksOf('vungtau.head', code)).toEqual([]);
    const events = await api.db('case_record').where({ case_code: code }).orderBy('number').pluck('event');
    expect(events).toEqual(['filed', 'linked', 'unlinked']);
  }
  expect((await link('vungtau.head')).body.id).not.toBe(body.id);
});

test('two officers link two cases at once from both ends: one link, and neither waits for ever', async () => {
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      index % 2
        ? link('vungtau.head', one, other, 'duplicate')
        : link('vungtau.head', other, one, 'duplicate'),
    ),
  );
  expect(new Set(answers.map(({ body }) => body.id as string)).size).toBe(1);
  expect(await linksOf('vungtau.head', one)).toHaveLength(1);
});
