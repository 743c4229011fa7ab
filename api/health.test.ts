import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openDatabase } from '../records/db.ts';
import { keepFindings } from '../records/health.ts';
import { Refusal } from '../records/refusal.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { fileCase } from '../testing/light-case.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

const fromAfar = { 'X-Forwarded-For': '203.0.113.7' };

test('figures are not for people from elsewhere, unless they are admins', async () => {
  expect((await api.stranger.get('/metrics').set(fromAfar)).status).toBe(401);
  expect((await (await api.as('vungtau.head')).get('/metrics').set(fromAfar)).status).toBe(403);
  expect((await (await api.as('admin')).get('/metrics').set(fromAfar)).status).toBe(200);
});

test('figures tell what waits and how long requests took', async () => {
  const code = await fileCase(api);
  await api
    .db('outbox')
    .where({ case_code: code })
    .update({ created_at: new Date(api.clock.now().getTime() - 60_000) });
  const { text } = await api.stranger.get('/metrics').expect(200);
  expect(text).toContain('motcua_outbox_unsent 1\n');
  expect(Number(/motcua_outbox_oldest_seconds ([\d.]+)/.exec(text)?.[1])).toBeGreaterThanOrEqual(60);
  expect(text).toContain('motcua_cases_open 1\n');
  expect(text).not.toContain('motcua_overdue');
  expect(text).toMatch(
    /http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/applications",status="201"\} 1/,
  );
});

test('figures tell what the last reconciliation found late, and when it was', async () => {
  const at = new Date('2026-11-23T02:00:00Z');
  await keepFindings(api.db, { unsentActs: 2, casesWithoutRun: 0 }, at);
  const { text } = await api.stranger.get('/metrics').expect(200);
  expect(text).toContain('motcua_overdue_unsent_acts 2\n');
  expect(text).toContain('motcua_overdue_cases_without_run 0\n');
  expect(text).toContain(`motcua_reconciled_timestamp_seconds ${at.getTime() / 1000}\n`);
});

test('without an identity provider it lives but is not ready', async () => {
  const client = () => Promise.reject(new Refusal('not-ready', 'away'));
  const url = await api.beside({ identity: { ...api.identity, client } });
  expect((await fetch(`${url}/healthz`)).status).toBe(204);
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([
    503,
    { ready: false, database: 'up', issuer: 'down' },
  ]);
});

test('without PostgreSQL it lives but is not ready', async () => {
  const db = openDatabase('postgres://nobody@127.0.0.1:9/none', 1);
  const url = await api.beside({ db });
  expect((await fetch(`${url}/healthz`)).status).toBe(204);
  const answer = await fetch(`${url}/readyz`);
  expect([answer.status, await answer.json()]).toMatchObject([503, { database: 'down' }]);
  await db.destroy();
});

test('without Temporal it is ready: people file and decide meanwhile', async () => {
  const client = () => Promise.resolve({} as never);
  const identity = { ...api.identity, client };
  const url = await api.beside({ identity, config: { ...api.config, TEMPORAL_ADDRESS: '127.0.0.1:9' } });
  expect(await (await fetch(`${url}/readyz`)).json()).toEqual({
    ready: true,
    database: 'up',
    issuer: 'up',
    temporal: 'down',
  });
  const temporal = createServer();
  await new Promise<void>((listening) => temporal.listen(0, '127.0.0.1', listening));
  const address = `127.0.0.1:${(temporal.address() as AddressInfo).port}`;
  const beside = await api.beside({ identity, config: { ...api.config, TEMPORAL_ADDRESS: address } });
  expect(await (await fetch(`${beside}/readyz`)).json()).toMatchObject({ temporal: 'up' });
  temporal.close();
});
