import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { createConsultations } from '../../activities/agencies/consultations.ts';
import { createTreasury as connectTreasury } from '../../activities/agencies/treasury.ts';
import { createLogger } from '../../log.ts';
import { clientSecret, startIdentity } from '../identity.fixture.ts';
import { serve, type Listening } from './desk.ts';
import { createFireService } from './fire-service.ts';
import { machineToken } from './machine-token.ts';
import { createTreasury } from './treasury.ts';

interface Delivered {
  task: string;
  key: string | undefined;
  body: unknown;
  sub: string | undefined;
  agency: unknown;
}

const caseCode = 'H29.16-261122-0001';
const paidAt = '2026-11-23T02:30:00.000Z';

let folder: string;
let identityFolder: string;
let motcua: Listening;
let identity: Awaited<ReturnType<typeof startIdentity>>;
let delivered: Delivered[];
let refuseWith: number[];
let stopping: AbortController;
let running: Listening[];

beforeAll(async () => {
  identityFolder = await mkdtemp(join(tmpdir(), 'motcua-identity-'));
  identity = await startIdentity(identityFolder);
});

afterAll(async () => {
  await identity.close();
  await rm(identityFolder, { recursive: true });
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-agencies-'));
  delivered = [];
  refuseWith = [];
  running = [];
  stopping = new AbortController();
  motcua = await serve(receiveAnswers(), 0);
});

afterEach(async () => {
  stopping.abort();
  await Promise.all([...running, motcua].map(({ close }) => close()));
  await rm(folder, { recursive: true });
});

/** Motcua as agencies see it: verifies the token through discovery's key set and notes what arrives. */
function receiveAnswers() {
  const keys = createRemoteJWKSet(new URL(`${identity.issuer}/jwks`));
  return express()
    .use(express.json())
    .post('/api/v1/tasks/:task/complete', async (request, response) => {
      const refusal = refuseWith.shift();
      if (refusal !== undefined) return void response.sendStatus(refusal);
      const token = request.get('authorization')?.replace('Bearer ', '') ?? '';
      const { payload } = await jwtVerify(token, keys, { issuer: identity.issuer, audience: 'motcua' });
      delivered.push({
        task: request.params.task,
        key: request.get('idempotency-key'),
        body: request.body as unknown,
        sub: payload.sub,
        agency: payload['agency'],
      });
      response.json({});
    });
}

function options(clientId: string) {
  return {
    token: machineToken({ issuer: identity.issuer, clientId, clientSecret }),
    publicUrl: motcua.url,
    folder,
    log: createLogger('test', 'silent'),
    signal: stopping.signal,
  };
}

async function startFireService() {
  const server = await serve(createFireService(options('fire-service')), 0);
  running.push(server);
  return server;
}

async function startTreasury() {
  const clock = { now: () => new Date(paidAt) };
  const server = await serve(createTreasury({ ...options('treasury'), clock }), 0);
  running.push(server);
  return server;
}

/** The process of the agency dies in the middle of whatever it does; only its files are left. */
async function kill(server: Listening) {
  stopping.abort();
  stopping = new AbortController();
  await server.close();
}

async function tell(agency: Listening, control: Record<string, unknown>) {
  const headers = { 'content-type': 'application/json' };
  await fetch(`${agency.url}/control`, { method: 'PUT', headers, body: JSON.stringify(control) });
}

const ask = (agency: Listening, task: string, key = `${caseCode}/fire/${task}`) =>
  createConsultations({ systems: { fire: agency.url }, publicUrl: motcua.url }).ask(
    { consultation: 'fire', taskId: task, caseCode, question: 'Giải pháp thoát nạn có bảo đảm không?' },
    key,
  );
const order = (agency: Listening, amount = 75_000, key = `${caseCode}/fee/1`) =>
  connectTreasury({ url: agency.url, publicUrl: motcua.url }).requestPayment(
    { reference: caseCode, amount, purpose: 'Lệ phí cấp giấy phép xây dựng', taskId: 'pay', caseCode },
    key,
  );
const pay = (agency: Listening) => fetch(`${agency.url}/payment-orders/${caseCode}/pay`, { method: 'POST' });
const arrived = (count: number) =>
  vi.waitFor(() => expect(delivered).toHaveLength(count), { timeout: 5_000, interval: 20 });
const quiet = () => new Promise((resolve) => setTimeout(resolve, 150));

test('an agency sends its token to Motcua only', async () => {
  const fire = await startFireService();
  const elsewhere = createConsultations({ systems: { fire: fire.url }, publicUrl: 'http://127.0.0.1:9' });
  const asked = elsewhere.ask(
    { consultation: 'fire', taskId: 't', caseCode, question: 'Có đồng ý không?' },
    'k',
  );
  await expect(asked).rejects.toThrow('the callback is not at an address that this agency answers to');
});

test('the fire service agrees: its opinion completes the task with a token of its own', async () => {
  expect(await ask(await startFireService(), 'task-1')).toBe('asked');
  await arrived(1);
  expect(delivered).toEqual([
    {
      task: 'task-1',
      key: 'fire-service/task-1',
      body: { answer: { opinion: 'agree', reason: 'Hồ sơ bảo đảm yêu cầu về phòng cháy và chữa cháy.' } },
      sub: 'fire-service',
      agency: 'G01.07',
    },
  ]);
});

test('the fire service objects with the reason that it was told', async () => {
  const fire = await startFireService();
  await tell(fire, { answers: 'object', reason: 'Thiếu lối thoát nạn thứ hai.' });
  await ask(fire, 'task-1');
  await arrived(1);
  expect(delivered[0]?.body).toEqual({
    answer: { opinion: 'object', reason: 'Thiếu lối thoát nạn thứ hai.' },
  });
});

test('the fire service stays silent, over a restart too', async () => {
  const fire = await startFireService();
  await tell(fire, { answers: 'silent' });
  await ask(fire, 'task-1');
  await kill(fire);
  await startFireService();
  await quiet();
  expect(delivered).toEqual([]);
});

test('asking twice with one key, or for one task with two keys, brings one opinion', async () => {
  const fire = await startFireService();
  await Promise.all([ask(fire, 'task-1'), ask(fire, 'task-1'), ask(fire, 'task-1', 'another key')]);
  await arrived(1);
  await quiet();
  expect(delivered).toHaveLength(1);
});

test('told to duplicate, the fire service delivers its opinion twice with one key', async () => {
  const fire = await startFireService();
  await tell(fire, { mode: 'duplicate' });
  await ask(fire, 'task-1');
  await arrived(2);
  expect(new Set(delivered.map(({ key }) => key))).toEqual(new Set(['fire-service/task-1']));
});

test('told to be late, the fire service answers when the deadline has passed', async () => {
  const fire = await startFireService();
  await tell(fire, { mode: 'late', delayMs: 300 });
  await ask(fire, 'task-1');
  await quiet();
  expect(delivered).toEqual([]);
  await arrived(1);
});

test('an opinion that Motcua could not take is delivered again; one that it refuses is not', async () => {
  refuseWith = [503, 401];
  const fire = await startFireService();
  await ask(fire, 'task-1');
  await arrived(1);
  refuseWith = [409];
  await ask(fire, 'task-2');
  await vi.waitFor(() => expect(refuseWith).toEqual([]));
  await quiet();
  expect(delivered.map(({ task }) => task)).toEqual(['task-1']);
});

test('an opinion that was on its way when the fire service was killed arrives after its restart', async () => {
  const fire = await startFireService();
  await tell(fire, { mode: 'late', delayMs: 60_000 });
  await ask(fire, 'task-1');
  await kill(fire);
  const again = await startFireService();
  await arrived(1);
  expect(await ask(again, 'task-1')).toBe('asked');
  await quiet();
  expect(delivered).toHaveLength(1);
});

test('nobody pays an order that does not exist', async () => {
  const response = await pay(await startTreasury());
  expect(response.status).toBe(404);
  expect(await response.json()).toEqual({ status: 404, title: 'no order of payment has this reference' });
});

test('an order carries a code for banking apps and is told when it is paid', async () => {
  const treasury = await startTreasury();
  const opened = await order(treasury);
  expect(opened).toMatchObject({ state: 'requested', amount: 75_000 });
  expect(opened.vietQr).toMatch(/^000201010212.*540575000.*0818H29\.16-261122-00016304[0-9A-F]{4}$/);
  expect((await pay(treasury)).status).toBe(200);
  await arrived(1);
  expect(delivered).toEqual([
    {
      task: 'pay',
      key: `treasury/${caseCode}`,
      body: { answer: { amount: 75_000, paidAt, receipt: 'BL-2026-0000001' } },
      sub: 'treasury',
      agency: 'H29.41',
    },
  ]);
});

test('ordering twice and paying twice takes the money once', async () => {
  const treasury = await startTreasury();
  expect(await order(treasury)).toEqual(await order(treasury));
  await expect(order(treasury, 90_000, 'another key')).rejects.toThrow(
    'the reference belongs to another order',
  );
  const receipts = await Promise.all([pay(treasury), pay(treasury)]);
  const [first, second] = await Promise.all(receipts.map((response) => response.json()));
  expect(first).toEqual(second);
  await arrived(1);
  await quiet();
  expect(delivered).toHaveLength(1);
});

test('orders, payments and seen keys survive a killed treasury', async () => {
  const treasury = await startTreasury();
  const opened = await order(treasury);
  await kill(treasury);
  const second = await startTreasury();
  expect(await order(second)).toEqual(opened);
  await tell(second, { mode: 'late', delayMs: 60_000 });
  await pay(second);
  await kill(second);
  const third = await startTreasury();
  await arrived(1);
  const state = await fetch(`${third.url}/payment-orders/${caseCode}`);
  expect(await state.json()).toMatchObject({ state: 'paid', paidAt, receipt: 'BL-2026-0000001' });
});

test('both publish OpenAPI 3.1', async () => {
  for (const [agency, path] of [
    [await startFireService(), '/opinions'],
    [await startTreasury(), '/payment-orders/{reference}/pay'],
  ] as const) {
    const document = await (await fetch(`${agency.url}/openapi.json`)).json();
    expect(document).toMatchObject({ openapi: '3.1.0', paths: { [path]: { post: {} } } });
  }
});
