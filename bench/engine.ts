import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import type { Agencies } from '../activities/agencies/questions.ts';
import { createAsk } from '../activities/agencies/ask.ts';
import { createCaseActivities } from '../activities/cases.ts';
import { bundleWorkflows } from '../bundle.ts';
import { systemClock as clock, type Clock } from '../clock.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { findTemporal } from '../embedded/binaries.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { sampleCity } from '../embedded/samples.ts';
import { startTemporal } from '../embedded/temporal.ts';
import { createLogger } from '../log.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase, type Database } from '../records/db.ts';
import { Relay, taskQueue } from '../relay/relay.ts';
import { byVerb, rowsOnly } from './rows-only.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const namespace = 'default';

/** The engine of cases without API and without documents, on its own embedded stores. */
export interface Engine {
  db: Database;
  clock: Clock;
  pids: { node: number; temporal: number; postgres: number };
  newCaseKey(): Buffer;
  closedCases(): Promise<number>;
  /** Events in the history of the case that was closed last. */
  eventsOfACase(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the embedded stores in a folder of its own, and worker and relay in this process. */
export async function openEngine(): Promise<Engine> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const binary = await findTemporal();
  const publicUrl = 'http://127.0.0.1:9';
  const [postgres, temporal, code] = await Promise.all([
    startPostgres({ dataDir, port: 0 }),
    startTemporal({ dataDir, publicUrl, namespace, binary, port: 0, uiPort: 0 }),
    bundleWorkflows(procedureFile, [procedureFile]),
  ]);
  const db = openDatabase(postgres.url, 20);
  await migrate(db);
  await applyCity(db, sampleCity());
  const keys = openCaseKeys(db, masterKey);
  const dataConverter = createDataConverter(keys);

  Runtime.install({ shutdownSignals: [] });
  const [connection, clientConnection] = await Promise.all([
    NativeConnection.connect({ address: temporal.address }),
    Connection.connect({ address: temporal.address }),
  ]);
  const client = new Client({ connection: clientConnection, namespace, dataConverter });
  const relay = new Relay({
    db,
    databaseUrl: postgres.url,
    client,
    clock,
    log: createLogger('bench', 'warn'),
  });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { code },
    dataConverter,
    activities: byVerb({
      ...createCaseActivities({ db }),
      ask: createAsk({ db, agencies }),
      ...rowsOnly(db),
    }),
  });
  const running = worker.run();
  relay.start();

  return {
    db,
    clock,
    pids: { node: process.pid, temporal: temporal.pid(), postgres: postgres.pid() },
    newCaseKey: () => keys.wrapNew(),
    async closedCases() {
      const { rows } = await db.raw<{ rows: [{ closed: number }] }>(
        'SELECT count(*)::int AS closed FROM cases WHERE closed_at IS NOT NULL',
      );
      return rows[0].closed;
    },
    async eventsOfACase() {
      const row = await db('cases').orderBy('closed_at', 'desc').first<{ code: string }>('code');
      const { events } = await client.workflow.getHandle(row.code).fetchHistory();
      return events?.length ?? 0;
    },
    async close() {
      await relay.stop();
      worker.shutdown();
      await running;
      await Promise.all([connection.close(), clientConnection.close(), db.destroy()]);
      await Promise.all([temporal.stop(), postgres.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const procedureFile = fileURLToPath(new URL('case-procedure.ts', import.meta.url));

const unused = () => Promise.reject(new Error('not asked in this benchmark'));

/** Agencies that answer at once in this process. */
const agencies: Agencies = {
  residents: { verifyIdentity: () => Promise.resolve({ match: true, mismatches: [] }) },
  land: {
    lookUpParcel: () =>
      Promise.resolve({
        found: true,
        areaM2: 100,
        landUse: 'ODT',
        certificateMatches: true,
        ownerMatches: true,
        address: { street: '1 Lê Lợi', ward: 'Phường Vũng Tàu', province: 'Thành phố Hồ Chí Minh' },
        encumbrances: [],
        plannedRoad: false,
      }),
  },
  planning: { checkBuilding: unused },
  consultations: { ask: unused },
  treasury: { requestPayment: unused },
};
