import supertest from 'supertest';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

let world: World;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  const code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
  await world.as('an').until(code, ({ documents }) => documents.length > 0);
});
afterAll(() => world.close());

const page = (path: string, sub = 'admin') =>
  supertest(world.url)
    .get(path)
    .set({ accept: 'text/html', authorization: `Bearer ${sub}` });
/** How often each version on a page was used. */
const uses = (text: string) =>
  [...text.matchAll(/data-label="Số lần dùng">(\d+)</g)].map(([, count]) => Number(count));

test('templates are for admins', async () => {
  for (const path of [
    '/admin/templates',
    '/admin/templates/letters/form-01',
    '/admin/template-samples/letters/form-01',
  ])
    await page(path, 'vungtau.head').expect(403);
});

test('what was issued and sent says of which version it was made', async () => {
  const list = (await page('/admin/templates').expect(200)).text;
  for (const words of ['Giấy phép xây dựng', 'Giấy tiếp nhận hồ sơ và hẹn trả kết quả', 'Hồ sơ … đã đến'])
    expect(list).toContain(words);
  const receipt = (await page('/admin/templates/letters/form-01').expect(200)).text;
  expect(uses(receipt)).toEqual([1]);
  // The applicant and the reception were told.
  const notice = (await page('/admin/templates/messages/received').expect(200)).text;
  expect(uses(notice)).toEqual([2]);
  expect(notice).toContain('Hồ sơ H29.16-261122-0001 đã đến');
});

test('a version of an earlier program stays as history', async () => {
  const earlier = { name: 'letters/form-01', version: 'f'.repeat(16), title: '{"vi":"x","en":"x"}' };
  await world.database.db('template_versions').insert({ ...earlier, seen_at: new Date(0), current: false });
  const receipt = (await page('/admin/templates/letters/form-01').expect(200)).text;
  expect(uses(receipt)).toEqual([1, 0]);
  expect(receipt.match(/đang dùng/g)).toHaveLength(1);
});

test('a template is looked at with sample data', async () => {
  const { body, headers } = await page('/admin/template-samples/documents/construction-permit/permit').expect(
    200,
  );
  expect(headers['content-type']).toBe('application/pdf');
  expect((body as Buffer).subarray(0, 5).toString()).toBe('%PDF-');
});

test('a template that there is not is told so', async () => {
  await page('/admin/templates/letters/nothing').expect(404);
  await page('/admin/template-samples/letters/nothing').expect(404);
  await page('/admin/templates/letters').expect(400);
});
