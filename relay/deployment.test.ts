import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activitiesWithoutDocuments } from '../bench/activities-without-documents.ts';
import type { Agencies } from '../activities/agencies/questions.ts';
import { bundleWorkflows } from '../bundle.ts';
import { systemClock as clock } from '../clock.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { findTemporal } from '../embedded/binaries.ts';
import { startTemporal, type TemporalServer } from '../embedded/temporal.ts';
import { until } from '../embedded/waiting.ts';
import { createLogger } from '../log.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { fileLight, masterKey } from '../testing/filed-case.ts';
import { pinnedLight, upgradedLight } from '../testing/versioned-procedures.ts';
import { actSignal } from '../workflows/engine/messages.ts';
import { Deployment, deploymentName, versionedAs } from './deployment.ts';
import { Relay, taskQueue } from './relay.ts';

const folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
const procedures = fileURLToPath(new URL('../testing/versioned-procedures.ts', import.meta.url));
const namespace = 'default';
const patience = 30_000;
const log = createLogger('test', 'silent');

let server: TemporalServer;
let database: TestDatabase;
let connection: Connection;
let native: NativeConnection;
let client: Client;
let relay: Relay;
let code: string;
const stops: (() => Promise<void>)[] = [];

/** Runs the worker of a build beside those that run already. */
async function run(buildId: string, takesOver: boolean): Promise<void> {
  const worker = await Worker.create({
    connection: native,
    namespace,
    taskQueue,
    workflowBundle: { code },
    workerDeploymentOptions: versionedAs(buildId),
    activities: activitiesWithoutDocuments(database.db, {} as Agencies),
    dataConverter: createDataConverter(openCaseKeys(database.db, masterKey)),
  });
  const running = worker.run();
  const deployment = new Deployment({ connection, namespace, buildId, takesOver, log });
  deployment.start();
  stops.push(async () => {
    await deployment.stop();
    worker.shutdown();
    await running;
  });
}

async function current(): Promise<string | undefined> {
  const { workerDeploymentInfo } = await connection.workflowService.describeWorkerDeployment({
    namespace,
    deploymentName,
  });
  return workerDeploymentInfo?.routingConfig?.currentDeploymentVersion?.buildId ?? undefined;
}

const isCurrent = (buildId: string) =>
  until(
    () =>
      current().then(
        (is) => is === buildId,
        () => false,
      ),
    patience,
    100,
  );

/** Files a case and waits until somebody can act on it. */
async function begin(id: 'pinnedLight' | 'upgradedLight'): Promise<string> {
  const { procedure } = { pinnedLight, upgradedLight }[id];
  const filed = await fileLight(database.db, clock.now(), { ...procedure, id });
  await relay.drain();
  const open = () => database.db('tasks').where({ case_code: filed, name: 'repair' }).first('id');
  expect(await until(open, patience, 100)).toBeDefined();
  return filed;
}

/** Answers the task of a case; gives its outcome, which is the build on which it ended. */
async function end(filed: string): Promise<unknown> {
  const handle = client.workflow.getHandle(filed);
  await handle.signal(actSignal('repair'), { act: 1, task: 'repair', number: 1, answer: { repaired: true } });
  return handle.result();
}

beforeAll(async () => {
  const [binary, db, bundle] = await Promise.all([
    findTemporal(),
    createTestDatabase(),
    bundleWorkflows(procedures, [procedures]),
  ]);
  [database, code] = [db, bundle];
  const ports = { port: 0, uiPort: 0 };
  server = await startTemporal({
    dataDir: folder,
    publicUrl: 'http://127.0.0.1:8080',
    namespace,
    binary,
    ...ports,
  });
  connection = await Connection.connect({ address: server.address });
  native = await NativeConnection.connect({ address: server.address });
  const dataConverter = createDataConverter(openCaseKeys(database.db, masterKey));
  client = new Client({ connection, namespace, dataConverter });
  relay = new Relay({ db: database.db, databaseUrl: database.url, client, clock, log });
}, 300_000);

afterAll(async () => {
  for (const stop of stops) await stop();
  await Promise.all([connection.close(), native.close()]);
  await server.stop();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

describe('two builds on one server', { timeout: 60_000 }, () => {
  it('let a pinned case end where it began and an upgraded one go on with the new build', async () => {
    await run('build-a', false);
    // Nothing was current: without a build no case would run at all.
    expect(await isCurrent('build-a')).toBe(true);
    const pinned = await begin('pinnedLight');
    const upgraded = await begin('upgradedLight');

    await run('build-b', false);
    expect(await end(await begin('upgradedLight'))).toBe('build-a');

    await run('build-c', true);
    expect(await isCurrent('build-c')).toBe(true);
    expect(await end(await begin('pinnedLight'))).toBe('build-c');
    expect(await end(pinned)).toBe('build-a');
    expect(await end(upgraded)).toBe('build-c');
  });
});
