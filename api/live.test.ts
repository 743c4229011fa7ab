import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase, Officers, openTask } from '../testing/light-case.ts';

let api: TestApi;
let officers: Officers;
const streams: Stream[] = [];
beforeAll(async () => {
  api = await startApi();
  officers = new Officers(api);
});
afterEach(() => {
  for (const stream of streams.splice(0)) stream.leave();
});
afterAll(() => api.stop());

/** What somebody hears. */
class Stream {
  heard = '';
  ended = false;
  readonly #leaving = new AbortController();

  static async open(sub: string, query = ''): Promise<Stream> {
    const stream = new Stream();
    const answer = await fetch(`${api.url}/api/v1/live${query}`, {
      headers: { authorization: `Bearer ${await api.token(sub)}` },
      signal: stream.#leaving.signal,
    });
    expect(answer.headers.get('content-type')).toBe('text/event-stream');
    void stream.#hear(answer.body as unknown as AsyncIterable<Uint8Array>);
    streams.push(stream);
    return stream;
  }

  async #hear(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const part of body) this.heard += Buffer.from(part).toString();
    } catch {
      // Left.
    }
    this.ended = true;
  }

  leave(): void {
    this.#leaving.abort();
  }

  hears(what: string): Promise<void> {
    return expect.poll(() => this.heard, { timeout: 10_000, interval: 20 }).toContain(what);
  }
}

const queues = (agency: string) => `event: queues\ndata: {"agency":"${agency}"}\n\n`;
const changed = (code: string) => `event: case\ndata: {"code":"${code}"}\n\n`;

test('strangers hear nothing, and nobody hears of a case that they may not read', async () => {
  const code = await fileCase(api);
  expect((await api.stranger.get('/api/v1/live')).status).toBe(401);
  const binh = await (await api.as('binh')).get(`/api/v1/live?case=${code}`);
  expect(binh.body).toMatchObject({ type: '/problems/not-yours' });
  const foreign = await (await api.as('tamthang.head')).get(`/api/v1/live?case=${code}`);
  expect(foreign.body).toMatchObject({ type: '/problems/wrong-agency' });
});

test('officers hear of their agency’s queues and the case on their screen, citizens of their own cases', async () => {
  const code = await fileCase(api);
  const other = await fileCase(api);
  const [khoa, watching, foreign, an, binh] = await Promise.all([
    Stream.open('vungtau.specialist'),
    Stream.open('vungtau.head', `?case=${code}`),
    Stream.open('tamthang.specialist'),
    Stream.open('an'),
    Stream.open('binh'),
  ]);
  const task = await openTask(api, code, {});
  await khoa.hears(queues('H29.16'));
  expect(khoa.heard).not.toContain(code);
  await officers.request('vungtau.specialist', 'post', `/api/v1/tasks/${task}/complete`, {
    answer: { repaired: true },
  });
  await watching.hears(changed(code));
  await an.hears(changed(code));
  await openTask(api, other, { agency: 'H29.17' });
  await foreign.hears(queues('H29.17'));
  await officers.request('vungtau.specialist', 'post', `/api/v1/cases/${other}/comments`, {
    body: 'Xem giúp.',
  });
  await an.hears(changed(other));
  for (const nothing of [foreign, binh]) expect(nothing.heard).not.toContain(code);
  expect(watching.heard).not.toContain(other);
  expect(binh.heard).not.toContain('event');
});

test('a hundred changes of a queue are few news', async () => {
  const khoa = await Stream.open('vungtau.specialist');
  const code = await fileCase(api);
  for (let number = 0; number < 100; number++) await openTask(api, code, { name: `repair${number}` });
  await khoa.hears(queues('H29.16'));
  const news = khoa.heard.split('event: queues').length - 1;
  expect(news).toBeLessThan(50);
});

test('who no longer may read a case hears no more of it', async () => {
  const code = await fileCase(api);
  const [watching, an] = await Promise.all([Stream.open('vungtau.head', `?case=${code}`), Stream.open('an')]);
  await api.db('cases').where({ code }).update({ agency: 'H29.17' });
  await api.db('cases').where({ code }).increment('record_length', 0);
  await an.hears(changed(code));
  expect(watching.heard).not.toContain(code);
});

test('when the database comes back, everybody is told to look again and hears on', async () => {
  const khoa = await Stream.open('vungtau.specialist');
  await api.db.raw(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND query LIKE 'LISTEN motcua_live%'`);
  await khoa.hears('event: refresh\ndata: {}\n\n');
  await openTask(api, await fileCase(api), {});
  await khoa.hears(queues('H29.16'));
});

test('one person listens with so many pages and no more', async () => {
  await Promise.all(Array.from({ length: 20 }, () => Stream.open('vungtau.clerk')));
  const answer = await (await api.as('vungtau.clerk')).get('/api/v1/live');
  expect(answer.status).toBe(429);
});

test('the process has one connection for all of them, and its streams end when it stops', async () => {
  const more = await Promise.all(['an', 'binh', 'vungtau.head'].map((sub) => Stream.open(sub)));
  const { rows } = await api.db.raw<{ rows: unknown[] }>(
    `SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN motcua_live%'`,
  );
  expect(rows).toHaveLength(1);
  await api.live.stop();
  await expect.poll(() => more.every(({ ended }) => ended)).toBe(true);
});
