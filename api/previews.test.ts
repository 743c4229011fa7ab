import supertest from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { textOf } from '../activities/documents/pdf-text.ts';
import { samplePeople } from '../embedded/samples.ts';
import { openWorld, samplePermit, type World } from '../testing/world.ts';

let world: World;
let code: string;
beforeAll(async () => {
  world = await openWorld();
  await world.toMonday();
  code = await world.as('an').file('samples/construction-permit', samplePermit());
  await world.as('vungtau.reception').complete(code, 'acceptance', { decision: 'accept' });
  await world.as('vungtau.specialist').complete(code, 'appraisal', {
    conclusion: 'not-eligible',
    reasons: 'Công trình vượt chiều cao.',
  });
}, 60_000);
afterAll(() => world.close());

const granted = { outcome: 'grant', conditions: 'Chỉ thi công ban ngày.' };
const preview = (id: string, sub: string, answer: unknown, document = 'permit') =>
  supertest(world.url)
    .post(`/api/v1/tasks/${id}/preview`)
    .set('authorization', `Bearer ${sub}`)
    .send({ document, answer })
    .buffer(true);

const documents = async () => (await world.database.db('documents').where({ case_code: code })).length;

describe('a draft of the result', () => {
  it('shows whoever writes it how it would be issued, and is kept nowhere', async () => {
    const { id } = await world.as('vungtau.specialist').task(code, 'draft');
    const before = await documents();
    const answer = await preview(id, 'vungtau.specialist', granted).expect(200);
    expect(answer.headers['content-type']).toBe('application/pdf');
    expect(answer.headers['cache-control']).toBe('private, no-store');
    const text = await textOf(answer.body as Buffer);
    for (const words of ['GIẤY PHÉP XÂY DỰNG', 'Số: ……', 'Chỉ thi công ban ngày.', 'Bản dự thảo'])
      expect(text).toContain(words);
    expect((answer.body as Buffer).includes('/Type /Sig')).toBe(false);
    expect(await documents()).toBe(before);
    expect(await world.database.db('printouts')).toEqual([]);
    const reads = world.database.db('case_reads').where({ case_code: code, sub: 'vungtau.specialist' });
    expect(await reads).toHaveLength(1);
  });

  it('is for those who may do the task, of a result that is drafted there, and from an answer that is right', async () => {
    const { id } = await world.as('vungtau.specialist').task(code, 'draft');
    expect((await preview(id, 'an', granted)).status).toBe(403);
    expect((await preview(id, 'tamthang.specialist', granted)).status).toBe(403);
    expect((await preview(id, 'vungtau.leader', granted)).status).toBe(403);
    expect((await preview(id, 'vungtau.specialist', granted, 'form-01')).status).toBe(404);
    expect((await preview(id, 'vungtau.specialist', { outcome: 'maybe' })).status).toBe(422);
  });

  it('names who is about to sign it, and leaves what they have filled in on the page', async () => {
    await world.as('vungtau.specialist').complete(code, 'draft', granted);
    await world.as('vungtau.head').complete(code, 'review', { decision: 'approve' });
    const { id } = await world.as('vungtau.leader').task(code, 'approval');
    const { body } = await preview(id, 'vungtau.leader', { decision: 'approve' }).expect(200);
    const text = await textOf(body as Buffer);
    expect(text).toContain('Chỉ thi công ban ngày.');
    const leader = samplePeople().people.find(({ sub }) => sub === 'vungtau.leader');
    expect(text).toContain(leader?.name);

    const browser = supertest
      .agent(world.url)
      .set({ authorization: 'Bearer vungtau.leader', accept: 'text/html' });
    const shown = await browser.get(`/tasks/${id}`).expect(200);
    expect(shown.text).toContain('Xem dự thảo: Giấy phép xây dựng');
    const [, csrf] = /name="_csrf" value="([^"]+)"/.exec(shown.text)!;
    const filled = { '/answer/decision': 'approve', '/answer/comment': 'Đã đọc kỹ' };
    const press = (fields: object) =>
      browser
        .post(`/tasks/${id}/preview`)
        .type('form')
        .send({ _csrf: csrf, document: 'permit', ...fields });
    const seen = await press(filled).buffer(true).expect(200);
    expect(seen.headers['content-disposition']).toContain('inline');
    expect((await browser.get(`/tasks/${id}`)).text).toContain('Đã đọc kỹ');
    const wrong = await press({ '/answer/decision': '' });
    expect([wrong.status, wrong.text.includes('govuk-error-summary')]).toEqual([422, true]);
  });
});
