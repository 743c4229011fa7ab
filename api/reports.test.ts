import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applyCity } from '../records/city.ts';
import { sampleCity } from '../embedded/samples.ts';
import { procedures } from '../workflows/catalogue.ts';
import { startApi, type TestApi } from '../testing/api.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ procedures });
  await applyCity(api.db, sampleCity(), api.clock.now());
});
afterAll(() => api.stop());

const lamp = {
  service: 'street-light',
  place: { lat: 10.3415, lng: 107.081 },
  description: 'Đèn đường cột VT-17 không sáng ba đêm liền.',
  details: { fault: ['dark'] },
};
let next = 0;
const key = () => `report-${next++}-key`;

/** Somebody who does not say who they are. */
async function stranger() {
  const { body } = await api.stranger.post('/api/v1/report-tokens').expect(201);
  const { token } = body as { token: string };
  const send = (method: 'post' | 'put' | 'delete', path: string) =>
    api.stranger[method](path).set('report-token', token).set('idempotency-key', key());
  return { token, send };
}
const photo = readFileSync('samples/street-report/dark-lamp.jpg');

describe('anybody', () => {
  it('reports nothing without a sign-in or a token, for a wrong service, without what it asks, or from nowhere', async () => {
    await api.stranger.post('/api/v1/reports').set('idempotency-key', key()).send(lamp).expect(400);
    const forged = api.stranger.post('/api/v1/reports').set('report-token', 'x.y.z');
    await forged.set('idempotency-key', key()).send(lamp).expect(401);
    const { send } = await stranger();
    for (const [wrong, pointer] of [
      [{ ...lamp, service: 'sensor-flood' }, '/answers/category'],
      [{ ...lamp, service: 'nothing' }, '/answers/category'],
      [{ ...lamp, details: {} }, '/answers/details/fault'],
      [{ ...lamp, details: { fault: ['green'] } }, '/answers/details/fault'],
      [{ ...lamp, place: { lat: 48.8, lng: 2.3 } }, '/answers/place/lat'],
      [{ ...lamp, description: 'Tối' }, '/answers/description'],
    ] as const) {
      const { body } = await send('post', '/api/v1/reports').send(wrong).expect(422);
      expect(body.errors.map((error: { pointer: string }) => error.pointer)).toContain(pointer);
    }
  });

  it('reports without a name, once for a key, and comes back by a word; nothing of it is public before it is verified', async () => {
    const { send, token } = await stranger();
    const request = () =>
      api.stranger.post('/api/v1/reports').set('report-token', token).set('idempotency-key', 'the-same-key');
    const { body } = await request().send(lamp).expect(201);
    expect((await request().send(lamp).expect(201)).body).toEqual(body);
    expect(body.word).toMatch(/^[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}$/);
    const row = await api.db('cases').where({ code: body.code }).first();
    expect(row).toMatchObject({ agency: 'H29.22', applicant: { hideName: false }, channel: 'online' });
    const { body: page } = await api.stranger.get('/api/v1/reports?service=street-light').expect(200);
    expect(page.items[0]).toMatchObject({ code: body.code, words: null, ward: 'H29.16', stage: 'new' });
    expect(JSON.stringify(page)).not.toContain('VT-17');
    await send('put', `/api/v1/reports/${body.code}/follower`).expect(204);
    // Whoever has reported it need not follow it.
    expect((await api.db('incidents').where({ case_code: body.code }).first()).followers).toBe(0);
    const other = await stranger();
    await other.send('put', `/api/v1/reports/${body.code}/follower`).expect(204);
    await other.send('put', `/api/v1/reports/${body.code}/follower`).expect(204);
    expect((await api.db('incidents').where({ case_code: body.code }).first()).followers).toBe(1);
    await other.send('put', `/api/v1/reports/${body.code}/follower/rating`).send({ score: 5 }).expect(409);
    await other.send('delete', `/api/v1/reports/${body.code}/follower`).expect(204);
    expect((await api.db('incidents').where({ case_code: body.code }).first()).followers).toBe(0);
  });

  it('is told of reports nearby with the likest words first', async () => {
    const { send } = await stranger();
    const far = { ...lamp, place: { lat: 10.351, lng: 107.09 } };
    const near = { ...lamp, place: { lat: 10.3513, lng: 107.0902 }, description: 'Cột đèn gãy ngang đường.' };
    const { body: first } = await send('post', '/api/v1/reports').send(far).expect(201);
    const { body: second } = await send('post', '/api/v1/reports').send(near).expect(201);
    const asked = {
      service: lamp.service,
      place: { lat: 10.3511, lng: 107.0901 },
      description: 'den duong khong sang',
    };
    const { body } = await api.stranger.post('/api/v1/reports/near').send(asked).expect(200);
    expect(body.items.map(({ code }: { code: string }) => code)).toEqual([first.code, second.code]);
    const elsewhere = { ...asked, place: { lat: 10.36, lng: 107.06 } };
    expect((await api.stranger.post('/api/v1/reports/near').send(elsewhere).expect(200)).body.items).toEqual(
      [],
    );
  });

  it('reports ten times in 24 hours and no more, under one telephone number either', async () => {
    const { send } = await stranger();
    for (let count = 0; count < 10; count++) await send('post', '/api/v1/reports').send(lamp).expect(201);
    const { body } = await send('post', '/api/v1/reports').send(lamp).expect(429);
    expect(body.type).toBe('/problems/too-many-reports');
    const reporter = { phone: '0912345678' };
    for (let count = 0; count < 10; count++)
      await (
        await stranger()
      )
        .send('post', '/api/v1/reports')
        .send({ ...lamp, reporter })
        .expect(201);
    await (
      await stranger()
    )
      .send('post', '/api/v1/reports')
      .send({ ...lamp, reporter })
      .expect(429);
  });

  it('hands in photos of which nothing is left that the camera wrote, and only pictures', async () => {
    expect((await sharp(photo).metadata()).exif).toBeDefined();
    const { send, token } = await stranger();
    const { body } = await send('post', '/api/v1/reports/photos').attach('file', photo, 'a.jpg').expect(201);
    const upload = await api.db('uploads').where({ id: body.id }).first();
    const kept = await api.objects.read(upload.sha256);
    const { exif, icc, xmp, iptc } = await sharp(kept).metadata();
    expect([exif, icc, xmp, iptc]).toEqual([undefined, undefined, undefined, undefined]);
    expect(kept.includes('Sample phone')).toBe(false);
    // The file that came is gone too.
    const came = await import('node:crypto').then(({ createHash }) =>
      createHash('sha256').update(photo).digest('hex'),
    );
    await expect(api.objects.read(came)).rejects.toThrow();
    await send('post', '/api/v1/reports/photos')
      .attach('file', Buffer.from('%PDF-1.7\n1 0 obj'), 'a.pdf')
      .expect(415);
    await api.stranger.post('/api/v1/reports/photos').attach('file', photo, 'a.jpg').expect(400);
    // Nobody else's photo goes into one's own report.
    const thief = await stranger();
    await thief
      .send('post', '/api/v1/reports')
      .send({ ...lamp, photos: [body.id] })
      .expect(403);
    const { body: filed } = await send('post', '/api/v1/reports')
      .send({ ...lamp, photos: [body.id] })
      .expect(201);
    expect(token).not.toBe('');
    await api.stranger.get(`/reports/${filed.code}/photos/1`).expect(404);
    const operator = await api.as('ioc.operator');
    const review = (sub: Awaited<ReturnType<TestApi['as']>>, decision: object) =>
      sub.put(`/api/v1/cases/${filed.code}/photos/1/review`).set('idempotency-key', key()).send(decision);
    await review(await api.as('an'), { public: true }).expect(403);
    await review(await api.as('vungtau.specialist'), { public: true }).expect(403);
    const regions = [{ x: 58, y: 45, width: 8, height: 12 }];
    await review(operator, { public: true, regions }).expect(204);
    const shown = await api.stranger.get(`/reports/${filed.code}/photos/1`).expect(200);
    const stats = async (bytes: Buffer) => {
      const { width, height } = await sharp(bytes).metadata();
      const box = { left: Math.ceil(width * 0.59), top: Math.ceil(height * 0.47), width: 40, height: 60 };
      return sharp(bytes).extract(box).greyscale().stats();
    };
    // The number on the pole was sharp and is no more.
    expect((await stats(shown.body as Buffer)).sharpness).toBeLessThan((await stats(kept)).sharpness);
    await review(operator, { public: false }).expect(204);
    await api.stranger.get(`/reports/${filed.code}/photos/1`).expect(404);
  });
});

describe('the map', () => {
  it('puts together what lies close, loses nothing, and goes through the list without a gap', async () => {
    const { rows } = await api.db.raw<{ rows: { count: number }[] }>(
      `SELECT count(*)::int AS count FROM incidents WHERE shown`,
    );
    const all = rows[0]!.count;
    const box = { south: '10', west: '107', north: '11', east: '108' };
    for (const zoom of [0, 8, 12, 16, 20, 22]) {
      const query = new URLSearchParams({ ...box, zoom: String(zoom) });
      const { body } = await api.stranger.get(`/api/v1/reports/clusters?${query.toString()}`).expect(200);
      const items = body.items as { count: number; code: string | null }[];
      expect(items.reduce((sum, { count }) => sum + count, 0)).toBe(all);
      expect(items.every(({ count, code }) => (count === 1) === (code !== null))).toBe(true);
    }
    const codes: string[] = [];
    for (let cursor: string | undefined; ;) {
      const { body } = await api.stranger
        .get(`/api/v1/reports?limit=7${cursor ? `&cursor=${cursor}` : ''}`)
        .expect(200);
      codes.push(...(body.items as { code: string }[]).map(({ code }) => code));
      if (!(cursor = body.next as string | undefined)) break;
    }
    expect(codes).toHaveLength(all);
    expect(new Set(codes).size).toBe(all);
    await api.stranger.get('/api/v1/reports?cursor=nonsense').expect(400);
  });

  it('tells officers where most was reported', async () => {
    await (await api.as('an')).get('/api/v1/hot-spots').expect(403);
    const { body } = await (await api.as('light.officer')).get('/api/v1/hot-spots').expect(200);
    expect(body.items[0].count).toBeGreaterThan(10);
    expect(body.items[0].services[0].service).toBe('street-light');
  });
});

describe('services', () => {
  it('are changed by admins with a reason, and undone', async () => {
    const {
      procedureCode,
      code: _code,
      ...facts
    } = sampleCity().services.find(({ code }) => code === 'waste')!;
    const changed = { ...facts, procedureCode, resolve: '12h', reason: 'Nghị quyết mới.' };
    const put = (sub: Awaited<ReturnType<TestApi['as']>>, service: object) =>
      sub.put('/api/v1/services/waste').set('idempotency-key', key()).send(service);
    await put(await api.as('ioc.leader'), changed).expect(403);
    const admin = await api.as('admin');
    await put(admin, { ...changed, lead: { agency: 'H29.99' } }).expect(422);
    await put(admin, { ...changed, resolve: '3 weeks' }).expect(422);
    const { body } = await put(admin, changed).expect(200);
    const resolve = async () => {
      const { body: all } = await api.stranger.get('/api/v1/services').expect(200);
      return (all.items as { code: string; resolve: string }[]).find(({ code }) => code === 'waste')?.resolve;
    };
    expect(await resolve()).toBe('12h');
    // The file of the city no longer takes the place of what an admin has set.
    await applyCity(api.db, sampleCity(), api.clock.now());
    expect(await resolve()).toBe('12h');
    await admin
      .post(`/api/v1/settings/changes/${body.change}/undo`)
      .set('idempotency-key', key())
      .expect(200);
    expect(await resolve()).toBe('24h');
  });
});
