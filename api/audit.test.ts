import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';

let api: TestApi;
const codes: string[] = [];
beforeAll(async () => {
  api = await startApi();
  for (let count = 0; count < 5; count++) codes.unshift(await fileCase(api));
});
afterAll(() => api.stop());

const search = async (query: string, sub = 'admin') => (await api.as(sub)).get(`/api/v1/audit${query}`);

test('only admins search the records of all cases', async () => {
  for (const sub of ['an', 'vungtau.leader'])
    for (const what of ['', '/csv']) expect((await search(what, sub)).status).toBe(403);
});

test('an auditor reads page after page, and misses nothing', async () => {
  const found: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await search(`?event=filed&limit=2${cursor && `&cursor=${cursor}`}`);
    const page = body as { items: { case: string; actor: object }[]; next?: string };
    found.push(...page.items.map((item) => item.case));
    if (page.next === undefined) break;
    cursor = page.next;
  }
  expect(found).toEqual(codes);
  expect((await search('?cursor=made-up')).status).toBe(400);
});

test('an auditor takes all of it along as one file that names no citizen', async () => {
  const { text, headers } = await search('/csv?actor=an');
  expect(headers['content-type']).toContain('text/csv');
  const lines = text.trim().split('\r\n');
  expect(lines).toHaveLength(6);
  expect(lines[1]).toContain(`"${codes[0]}","1","filed","","an","citizen",""`);
});
