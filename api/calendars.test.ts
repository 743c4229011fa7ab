import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';

let now = new Date('2026-11-20T03:00:00Z');
let api: TestApi;
let admin: Awaited<ReturnType<TestApi['as']>>;
beforeAll(async () => {
  api = await startApi({ clock: { now: () => now } });
  admin = await api.as('admin');
});
afterAll(() => api.stop());
beforeEach(() => {
  now = new Date('2026-11-20T03:00:00Z'); // Friday 10:00 in Vietnam
});

const why = { reason: { vi: 'Bão số 13 đổ bộ.', en: 'Typhoon no. 13.' }, legalBasis: 'Công điện 112/CĐ-TTg' };
const storm = { kind: 'emergency-closing', name: 'Bão số 13', ...why };
const hours = {
  validFrom: '2027-01-01',
  work: { mon: ['08:00-12:00', '13:00-17:00'] },
  intake: { sat: ['08:00-11:00'] },
  ...why,
};
const put = (path: string, body: object, key = randomUUID()) =>
  admin.put(`/api/v1/calendars/${path}`).set('Idempotency-Key', key).send(body);
const remove = (path: string, body: object = why) =>
  admin.delete(`/api/v1/calendars/${path}`).set('Idempotency-Key', randomUUID()).send(body);
const due = async (query: string) => (await api.stranger.get(`/api/v1/clock?${query}`).expect(200)).body.due;

describe('nobody but an admin changes a calendar', () => {
  test.each(['an', 'vungtau.head', 'vungtau.leader'])('%s may not', async (sub) => {
    const person = await api.as(sub);
    for (const [method, path, body] of [
      ['put', 'days/2026-12-01', storm],
      ['delete', 'days/2026-12-01', why],
      ['put', 'hours', hours],
      ['get', 'history', undefined],
    ] as const) {
      const request = person[method](`/api/v1/calendars/H29.16/${path}`).set('Idempotency-Key', randomUUID());
      await request.send(body).expect(403);
    }
  });

  test('a stranger may not; everybody may read', async () => {
    await api.stranger.put('/api/v1/calendars/H29.16/days/2026-12-01').send(storm).expect(401);
    await api.stranger.get('/api/v1/calendars/H29.16/history').expect(401);
    await api.stranger.get('/api/v1/calendars/H29.16?year=2026').expect(200);
  });

  test('not without an Idempotency-Key, a reason and a legal basis, nor for an agency or a day that is none', async () => {
    await admin.put('/api/v1/calendars/H29.16/days/2026-12-01').send(storm).expect(400);
    const bare = await put('H29.16/days/2026-12-01', { kind: 'holiday', name: 'x' }).expect(422);
    expect(bare.body.errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
      '/legalBasis',
      '/reason',
    ]);
    await put('H99/days/2026-12-01', storm).expect(404);
    await put('H29.16/days/2026-02-30', storm).expect(400);
    await put('H29.16/days/2026-12-01', { ...storm, closed: '17:00-13:00' }).expect(422);
    const part = await put('H29.16/days/2026-12-01', { ...storm, kind: 'holiday', closed: '13:00-17:00' });
    expect(part.body).toMatchObject({ status: 422, errors: [{ pointer: '/closed' }] });
    await put('H29.16/hours', { ...hours, work: {} }).expect(422);
    await put('H29.16/hours', { ...hours, work: { mon: ['08:00-12:00', '11:00-17:00'] } }).expect(422);
    await put('H29.16/hours', { ...hours, work: { someday: ['08:00-12:00'] } }).expect(422);
    expect(await api.db('calendar_changes').whereNot({ agency: '' })).toEqual([]);
  });
});

describe('an admin', () => {
  const limit = 'from=2026-11-30T10:00&limit=1wd';

  test('closes an area for a storm: its agencies count one day more, others do not', async () => {
    const key = randomUUID();
    const { body } = await put('H29/days/2026-12-01', storm, key).expect(200);
    expect(body).toMatchObject({ change: expect.any(Number) as number, recount: null });
    expect((await put('H29/days/2026-12-01', storm, key).expect(200)).body).toEqual(body);
    expect(await due(`${limit}&agency=H29.16`)).toBe('2026-12-02T17:00:00+07:00');
    expect(await due(`${limit}&agency=G01.07`)).toBe('2026-12-01T17:00:00+07:00');
    expect((await put('H29/days/2026-12-01', storm).expect(200)).body).toEqual({
      change: null,
      recount: null,
    });
  });

  test('closes a part of a day', async () => {
    await put('H29.17/days/2026-12-01', { ...storm, kind: 'swapped-working', closed: '15:00-24:00' }).expect(
      200,
    );
    expect(await due(`${limit}&agency=H29.17`)).toBe('2026-12-01T15:00:00+07:00');
    const { body } = await api.stranger.get('/api/v1/calendars/H29.17?year=2026').expect(200);
    expect(body.days.filter(({ day }: { day: string }) => day >= '2026-11-01')).toMatchObject([
      { day: '2026-11-24', agency: '', hours: [], legalBasis: 'Nghị quyết 28/2026/QH16' },
      {
        day: '2026-12-01',
        agency: 'H29.17',
        closed: '15:00-24:00',
        hours: ['07:30-11:30', '13:00-15:00'],
      },
    ]);
  });

  test('takes a day back, once', async () => {
    await remove('H29/days/2026-12-01').expect(200);
    expect(await due(`${limit}&agency=H29.16`)).toBe('2026-12-01T17:00:00+07:00');
    await remove('H29/days/2026-12-01').expect(404);
  });

  test('sets office hours from a day on; the earlier ones stay for the days before', async () => {
    await put('H29.16/hours', hours).expect(200);
    expect(await due('from=2026-12-31T10:00&limit=1wd&agency=H29.16')).toBe('2027-01-04T17:00:00+07:00');
    expect(await due('from=2027-01-04T10:00&limit=1wd&agency=H29.16')).toBe('2027-01-11T17:00:00+07:00');
    const of = async (year: number) =>
      (await api.stranger.get(`/api/v1/calendars/H29.16?year=${year}`).expect(200)).body.hours;
    expect(await of(2026)).toMatchObject([{ agency: '', validFrom: '1900-01-01' }]);
    expect(await of(2027)).toMatchObject([{ agency: 'H29.16', work: { mon: hours.work.mon } }]);
  });

  test('reads who changed what, when and why, the latest first, page by page', async () => {
    const first = (await admin.get('/api/v1/calendars/H29.16/history?limit=1').expect(200)).body;
    expect(first.items).toMatchObject([
      {
        agency: 'H29.16',
        at: now.toISOString(),
        actor: { sub: 'admin' },
        ...why,
        change: { hours: [{ validFrom: '2027-01-01', before: null, after: { work: hours.work } }] },
      },
    ]);
    const rest = await admin.get(`/api/v1/calendars/H29.16/history?cursor=${first.next}`).expect(200);
    expect(rest.body.items.map(({ agency }: { agency: string }) => agency)).toEqual(['H29', 'H29', '']);
    expect(rest.body.items[0].change.days).toMatchObject([{ day: '2026-12-01', after: null }]);
    expect(rest.body.next).toBeUndefined();
  });
});

describe('time that has gone by', () => {
  test('may be declared closed, and then not be taken back', async () => {
    await put('H29.16/days/2026-11-18', storm).expect(200);
    const { body } = await remove('H29.16/days/2026-11-18').expect(409);
    expect(body.type).toBe('/problems/day-gone-by');
    await put('H29.16/days/2026-11-18', { ...storm, closed: '13:00-24:00' }).expect(409);
    expect(await due('from=2026-11-17T10:00&limit=1wd&agency=H29.16')).toBe('2026-11-19T17:00:00+07:00');
  });

  test('is not turned into working time, be it of an agency below', async () => {
    await put('H29.16/days/2026-11-15', { ...storm, kind: 'swapped-working' }).expect(409);
    await put('H29/days/2026-11-15', { ...storm, kind: 'swapped-working' }).expect(409);
    await put('H29.17/hours', { ...hours, validFrom: '2026-11-02', work: { sun: ['07:00-09:00'] } }).expect(
      409,
    );
    await put('H29.17/hours', { ...hours, validFrom: '2020-11-02' }).expect(409);
  });

  test('is not, on the very day, the part that has gone by; a day to come is free', async () => {
    now = new Date('2026-11-21T03:00:00Z'); // Saturday 10:00
    await put('H29.17/days/2026-11-21', { ...storm, kind: 'swapped-working' }).expect(409);
    await put('H29.17/days/2026-11-21', { ...storm, kind: 'swapped-working', closed: '00:00-13:00' }).expect(
      200,
    );
    await put('H29.17/days/2026-11-22', { ...storm, kind: 'swapped-working' }).expect(200);
    expect(await due('from=2026-11-20T10:00&limit=2wd&agency=H29.17')).toBe('2026-11-22T17:00:00+07:00');
  });

  test('keeps nothing of what was refused', async () => {
    const kept = await api.db('calendar_days').where({ agency: 'H29.16' }).select(api.db.raw('day::text'));
    expect(kept).toEqual([{ day: '2026-11-18' }]);
  });
});
