import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, test } from 'vitest';
import { noteContact } from '../records/contacts.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';

let api: TestApi;
let code: string;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());
beforeEach(async () => {
  await api.db.raw('TRUNCATE notice_reads, contacts');
  code = await fileCase(api);
});

const key = () => ({ 'Idempotency-Key': randomUUID() });
const get = async (sub: string, path: string, status = 200) => {
  const { body } = await (await api.as(sub)).get(path).expect(status);
  return body as Record<string, unknown> & { items: Record<string, unknown>[] };
};

describe('what somebody was told', () => {
  it('is for those who are signed in', async () => {
    await api.stranger.get('/api/v1/me/notices').expect(401);
    await api.stranger.post('/api/v1/me/notices/read').set(key()).send({}).expect(401);
    await api.stranger.get('/api/v1/me/contact').expect(401);
    await api.stranger.put('/api/v1/me/contact').set(key()).send({}).expect(401);
  });

  it('is nobody else’s', async () => {
    const { items } = await get('binh', '/api/v1/me/notices');
    expect(items).toEqual([]);
  });

  it('comes with the latest first, and is new until it was read', async () => {
    const told = (await get('an', '/api/v1/me/notices')).items;
    expect(told[0]).toMatchObject({ case: code, notice: 'received', read: false });
    const an = await api.as('an');
    const read = { until: told[0]?.['at'] };
    await an.post('/api/v1/me/notices/read').set(key()).send(read).expect(204);
    expect((await get('an', '/api/v1/me/notices')).items.every((each) => each['read'])).toBe(true);
    const next = await fileCase(api);
    const after = (await get('an', '/api/v1/me/notices')).items;
    expect(after.filter((each) => !each['read'])).toMatchObject([{ case: next }]);
  });

  it('reaches whoever works at the queue that it is for, each of whom reads for themselves', async () => {
    const { items } = await get('vungtau.reception', '/api/v1/me/notices');
    expect(items[0]).toMatchObject({ case: code, notice: 'received', read: false });
    const hoa = await api.as('vungtau.reception');
    const read = { until: items[0]?.['at'] };
    await hoa.post('/api/v1/me/notices/read').set(key()).send(read).expect(204);
    expect((await get('an', '/api/v1/me/notices')).items[0]).toMatchObject({ read: false });
    expect((await get('vungtau.specialist', '/api/v1/me/notices')).items).toEqual([]);
  });

  it('is not marked by what is no instant', async () => {
    const an = await api.as('an');
    await an.post('/api/v1/me/notices/read').set(key()).send({ until: 'soon' }).expect(422);
  });
});

test('one chooses how notices come, and what the identity provider vouches for stays', async () => {
  await noteContact(api.db, { sub: 'an', email: 'an@example.vn' });
  const an = await api.as('an');
  const chosen = { byEmail: false, bySms: true, language: 'vi' };
  await an.put('/api/v1/me/contact').set(key()).send(chosen).expect(204);
  await an.put('/api/v1/me/contact').set(key()).send({ byEmail: 'no' }).expect(422);
  await noteContact(api.db, { sub: 'an', email: 'an@new.example.vn' });
  expect(await get('an', '/api/v1/me/contact')).toEqual({
    ...chosen,
    email: 'an@new.example.vn',
    phone: null,
  });
});

describe('the notices of a case', () => {
  const path = () => `/api/v1/cases/${code}/notices`;

  it('are for whoever may read the case', async () => {
    await api.stranger.get(path()).expect(401);
    await get('binh', path(), 403);
  });

  it('tell officers of every notice and its deliveries, and the applicant of their own', async () => {
    await api.db('deliveries').insert({
      id: randomUUID(),
      case_code: code,
      notice: 'received',
      number: 100,
      to_sub: 'an',
      channel: 'sms',
      attempts: 2,
      failure: 'the SMS gateway answers 503',
      made_at: new Date(),
      due_at: new Date(),
    });
    const { items } = await get('vungtau.reception', path());
    expect(items.map((each) => each['to']).sort()).toEqual(['applicant', 'queue']);
    const own = (await get('an', path())).items;
    expect(own).toMatchObject([
      {
        notice: 'received',
        to: 'applicant',
        deliveries: [
          { channel: 'sms', state: 'queued', attempts: 2, failure: 'the SMS gateway answers 503' },
        ],
      },
    ]);
    expect(JSON.stringify(items)).not.toContain('0901234567');
  });
});
