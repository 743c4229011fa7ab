import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { createAsk } from '../activities/agencies/ask.ts';
import { connectors } from '../activities/agencies/connectors.ts';
import { openAgencies } from '../activities/agencies/index.ts';
import { watchAttempts } from '../activities/attempts.ts';
import { createCaseActivities } from '../activities/cases.ts';
import { byVerb } from '../activities/index.ts';
import { systemClock as clock } from '../clock.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { readConfig } from '../config.ts';
import { findTemporal } from '../embedded/binaries.ts';
import { startTemporal, type TemporalServer } from '../embedded/temporal.ts';
import { Person } from '../embedded/person.ts';
import { createLogger } from '../log.ts';
import { registerConnectors } from '../records/connectors.ts';
import { openSampleAgencies, type SampleAgencies } from '../testing/agencies.ts';
import { startApi, type TestApi } from '../testing/api.ts';
import { masterKey } from '../testing/filed-case.ts';
import { samplePermit } from '../testing/world.ts';
import { procedures } from '../workflows/catalogue.ts';
import { Relay, taskQueue } from './relay.ts';
import { Retries } from './retries.ts';

const folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
const namespace = 'default';
const log = createLogger('test', 'silent');
const eventually = { timeout: 20_000, interval: 100 };

let server: TemporalServer;
let api: TestApi;
let agencies: SampleAgencies;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  const [binary, started] = await Promise.all([findTemporal(), startApi({ procedures })]);
  api = started;
  const { db, url: publicUrl } = api;
  agencies = await openSampleAgencies({ publicUrl, clock, log });
  server = await startTemporal({ dataDir: folder, publicUrl, namespace, binary, port: 0, uiPort: 0 });
  const connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const dataConverter = createDataConverter(openCaseKeys(db, masterKey));
  const client = new Client({ connection, namespace, dataConverter });
  await registerConnectors(db, connectors);
  const config = readConfig({ PUBLIC_URL: publicUrl, ...agencies.environment });
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { codePath: inject('bundlePath') },
    activities: byVerb(
      {
        ...createCaseActivities({ db, letter: () => Promise.resolve() }),
        ask: createAsk({ db, clock, agencies: openAgencies(config) }),
      },
      watchAttempts({ db, clock }),
    ),
    dataConverter,
  });
  const running = worker.run();
  const relay = new Relay({ db, databaseUrl: api.config.DATABASE_URL!, client, clock, log });
  const retries = new Retries({ db, client, clock, log });
  relay.start();
  retries.start();
  stops.push(
    () => relay.stop(),
    () => retries.stop(),
    () => (worker.shutdown(), running),
    () => Promise.all([connection.close(), native.close()]),
  );
}, 300_000);
afterAll(async () => {
  for (const stop of stops) await stop();
  agencies.close();
  await server.stop();
  await api.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const as = async (sub: string) => new Person(api.url, await api.token(sub));
const turn = async (sub: string, off: boolean, more: object = {}) =>
  (await as(sub)).request('PUT', '/api/v1/connectors/land', { off, reason: 'Bảo trì đã báo trước', ...more });
const land = async () => {
  const { body } = await (await as('admin')).get('/api/v1/connectors');
  return (body as { items: { code: string }[] }).items.find(({ code }) => code === 'land');
};

it('is switched by admins only, for a time that is to come', async () => {
  expect((await turn('an', true)).status).toBe(403);
  expect((await turn('vungtau.leader', true)).status).toBe(403);
  const until = '2020-01-01T00:00:00Z';
  expect((await turn('admin', true, { until })).body).toMatchObject({
    type: '/problems/invalid-form',
    errors: [{ pointer: '/until' }],
  });
  expect(await land()).toMatchObject({ off: null });
});

it('is not asked while it is off, cases say why they wait, and go on at once when it is on again', async () => {
  expect((await turn('admin', true)).status).toBe(200);
  const code = await (await as('an')).file('samples/construction-permit', samplePermit());
  const retrying = () => api.db('retrying_calls').where({ case_code: code }).pluck('attempts');
  // The second try is Temporal's; the third one would come in an hour.
  await expect.poll(retrying, eventually).toEqual([2]);
  expect(await land()).toMatchObject({
    off: { reason: 'Bảo trì đã báo trước', until: null },
    answered: 0,
    failed: 0,
    retrying: 1,
  });
  const { body: view } = await (await as('an')).get(`/api/v1/cases/${code}`);
  expect(view).toMatchObject({
    waiting: { agency: { en: 'Land registry' }, paused: { reason: 'Bảo trì đã báo trước', until: null } },
  });

  const { body } = await turn('admin', false);
  await expect.poll(retrying, eventually).toEqual([]);
  await (await as('vungtau.reception')).task(code, 'acceptance');
  expect(await land()).toMatchObject({ off: null, answered: 1, retrying: 0 });

  // Who was hasty takes it back.
  const { change } = body as { change: number };
  await (await as('admin')).request('POST', `/api/v1/settings/changes/${change}/undo`);
  expect(await land()).toMatchObject({ off: { reason: 'Bảo trì đã báo trước' } });
  await turn('admin', false);
}, 60_000);
