import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Agencies } from '../activities/agencies/questions.ts';
import { activitiesWithoutDocuments } from '../bench/activities-without-documents.ts';
import { bundleWorkflows } from '../bundle.ts';
import { systemClock as clock } from '../clock.ts';
import { CasePayloadCodec, createDataConverter, openCaseKeys } from '../codec/index.ts';
import { findTemporal } from '../embedded/binaries.ts';
import { startTemporal, type TemporalServer } from '../embedded/temporal.ts';
import { until } from '../embedded/waiting.ts';
import { createLogger } from '../log.ts';
import { archivedRuns } from '../records/archive.ts';
import { findOverdue } from '../records/health.ts';
import { openObjectStore, type ObjectStore } from '../records/objects.ts';
import { chainedLight } from '../testing/chained-procedure.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight, masterKey } from '../testing/filed-case.ts';
import { historiesOf } from '../workflows/case-histories.ts';
import { actSignal } from '../workflows/engine/messages.ts';
import { replay } from '../workflows/histories.ts';
import { tellHistory } from '../workflows/tell-history.ts';
import { Archiver } from './archiver.ts';
import { Relay, taskQueue } from './relay.ts';

const folder = mkdtempSync(join(tmpdir(), 'motcua-archive-'));
const catalogue = fileURLToPath(new URL('../testing/chained-procedure.ts', import.meta.url));
const namespace = 'default';
const patience = 30_000;
const log = createLogger('test', 'silent');

let server: TemporalServer;
let database: TestDatabase;
let connection: Connection;
let client: Client;
let relay: Relay;
let objects: ObjectStore;
let bundle: string;
let stop: () => Promise<void>;
const archiver = () => new Archiver({ db: database.db, client, objects, clock, log });

beforeAll(async () => {
  const [binary, opened, code] = await Promise.all([
    findTemporal(),
    createTestDatabase(),
    bundleWorkflows(catalogue, [catalogue], 'clear'),
  ]);
  [database, bundle] = [opened, code];
  const ports = { port: 0, uiPort: 0 };
  const publicUrl = 'http://127.0.0.1:8080';
  server = await startTemporal({ dataDir: folder, publicUrl, namespace, binary, ...ports });
  connection = await Connection.connect({ address: server.address });
  const native = await NativeConnection.connect({ address: server.address });
  const dataConverter = createDataConverter(openCaseKeys(database.db, masterKey));
  client = new Client({ connection, namespace, dataConverter });
  relay = new Relay({ db: database.db, databaseUrl: database.url, client, clock, log });
  objects = await openObjectStore(join(folder, 'objects'));
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { code },
    activities: activitiesWithoutDocuments(database.db, {} as Agencies),
    dataConverter,
  });
  const running = worker.run();
  stop = async () => {
    worker.shutdown();
    await running;
    await native.close();
  };
}, 300_000);

afterAll(async () => {
  await stop();
  await connection.close();
  await server.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Files a case and waits for its task, which its second run opens. */
async function filed(): Promise<string> {
  const code = await fileLight(database.db, clock.now(), { ...chainedLight.procedure, id: 'chainedLight' });
  await relay.drain();
  const open = () => database.db('tasks').where({ case_code: code, name: 'repair' }).first('id');
  expect(await until(open, patience, 100)).toBeDefined();
  return code;
}

/** Has its light repaired; then waits until the server lists what is closed. */
async function repaired(code: string): Promise<void> {
  const act = { act: 1, task: 'repair', number: 1, answer: { repaired: true } };
  await client.workflow.getHandle(code).signal(actSignal('repair'), act);
  expect(await client.workflow.getHandle(code).result()).toBe('repaired');
  const query = `WorkflowId = "${code}" AND ExecutionStatus = "Completed"`;
  expect(await until(async () => (await client.workflow.count(query)).count > 0, patience, 100)).toBe(true);
}

/** A client of a namespace that has just been made. */
async function emptyNamespace(): Promise<Client> {
  const name = 'emptied';
  const day = msToTs('1 day');
  await connection.workflowService.registerNamespace({
    namespace: name,
    workflowExecutionRetentionPeriod: day,
  });
  const emptied = new Client({ connection, namespace: name });
  const known = () =>
    emptied.workflow.count().then(
      () => true,
      () => false,
    );
  expect(await until(known, patience, 100)).toBe(true);
  return emptied;
}

const sources = () => {
  const codec = new CasePayloadCodec(openCaseKeys(database.db, masterKey));
  return { client, db: database.db, objects, codec };
};

test('a case is examined again from the archive when Temporal has deleted it, run after run', async () => {
  const code = await filed();
  // The first run has ended, though the case goes on for years.
  expect(
    await until(
      () =>
        archiver()
          .round()
          .then((count) => count > 0),
      patience,
      100,
    ),
  ).toBe(true);
  expect(await archivedRuns(database.db, code)).toHaveLength(1);
  await repaired(code);
  expect(await archiver().round()).toBe(1);
  const runs = await archivedRuns(database.db, code);
  expect(runs).toHaveLength(2);

  // A namespace in which nothing is left: what retention makes of this one in the end.
  const emptied = await emptyNamespace();
  const found = await historiesOf(code, { ...sources(), client: emptied });
  expect(found.map(({ run, from }) => ({ run, from }))).toEqual(
    runs.map(({ run }) => ({ run, from: 'archive' })),
  );
  const told = found.map(({ history }) => tellHistory(history).join('\n'));
  expect(told[0]).toContain('WorkflowExecutionContinuedAsNew');
  expect(told[1]).toContain('act repair');
  expect(told[1]).toContain('Sửa đèn · Repair the light');
  for (const one of found)
    for await (const result of replay(bundle, [one])) expect(result.problem).toBeUndefined();
}, 90_000);

test('what the archive keeps is as unreadable without the key of the case as what Temporal kept', async () => {
  const code = await filed();
  await repaired(code);
  await archiver().round();
  const [first] = await archivedRuns(database.db, code);
  const kept = gunzipSync(await objects.read(first!.sha256)).toString('latin1');
  expect(kept).toContain(code);
  for (const secret of ['VT-17', 'Sửa', 'repaired']) expect(kept).not.toContain(secret);
}, 60_000);

test('nothing is archived twice, and a round that was interrupted is made again', async () => {
  const code = await filed();
  await repaired(code);
  await archiver().round();
  await database.db('archive_progress').delete();
  expect(await archiver().round()).toBe(0);
  await database.db('archived_runs').where({ case_code: code }).delete();
  await database.db('archive_progress').delete();
  expect(await archiver().round()).toBe(2);
  expect(await archivedRuns(database.db, code)).toHaveLength(2);
}, 60_000);

test('a case that was closed a day ago and is not in the archive is found by the reconciler', async () => {
  const code = await filed();
  await repaired(code);
  await database.db('cases').where({ code }).update({ closed_at: clock.now() });
  const inADay = new Date(clock.now().getTime() + 25 * 3_600_000);
  const missing = async () => Number((await findOverdue(database.db, inADay)).closedWithoutArchive);
  const before = await missing();
  expect(before).toBeGreaterThan(0);
  await archiver().round();
  expect(await missing()).toBe(0);
}, 60_000);
