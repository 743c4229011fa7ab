import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Agencies } from '../activities/agencies/questions.ts';
import { bundleWorkflows } from '../bundle.ts';
import { systemClock as clock, type Clock } from '../clock.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { sampleCity } from '../embedded/samples.ts';
import { createLogger } from '../log.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase, type Database } from '../records/db.ts';
import { Jobs } from '../relay/jobs.ts';
import { Relay, taskQueue } from '../relay/relay.ts';
import { activitiesWithoutDocuments } from './activities-without-documents.ts';
import type { Stores } from './stores.ts';

const masterKey = Buffer.alloc(32, 7).toString('base64');
const procedureFile = fileURLToPath(new URL('case-procedure.ts', import.meta.url));

/** The engine of cases without API and without documents; worker and relay run in this process. */
export interface Engine {
  db: Database;
  clock: Clock;
  newCaseKey(): Buffer;
  closedCases(): Promise<number>;
  /** Events in the history of the case that was closed last. */
  eventsOfACase(): Promise<number>;
  close(): Promise<void>;
}

/** Starts the engine on stores of its own, with the workflows of a catalogue. */
export async function openEngine(stores: Stores, catalogue = procedureFile): Promise<Engine> {
  const { connection, clientConnection, databaseUrl, namespace } = stores;
  const code = await bundleWorkflows(catalogue, [catalogue]);
  const db = openDatabase(databaseUrl, 20);
  await migrate(db);
  await applyCity(db, sampleCity(), clock.now());
  const keys = openCaseKeys(db, masterKey);
  const dataConverter = createDataConverter(keys);
  const client = new Client({ connection: clientConnection, namespace, dataConverter });
  const log = createLogger('bench', 'warn');
  const relay = new Relay({ db, databaseUrl, client, clock, log });
  const worker = await Worker.create({
    connection,
    namespace,
    taskQueue,
    workflowBundle: { code },
    dataConverter,
    activities: activitiesWithoutDocuments(db, agencies),
  });
  const running = worker.run();
  relay.start();
  const jobs = new Jobs({ db, client, keys, clock, log });
  jobs.start();

  return {
    db,
    clock,
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
      await Promise.all([jobs.stop(), relay.stop()]);
      worker.shutdown();
      await running;
      await db.destroy();
    },
  };
}

const unused = () => Promise.reject(new Error('not asked in this benchmark'));

/** Agencies that answer at once in this process. */
const agencies: Agencies = {
  residents: {
    verifyIdentity: () => Promise.resolve({ match: true, mismatches: [] }),
    lookUpHome: unused,
    requestPersonalNumber: unused,
    enterHealthRecord: unused,
  },
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
  treasury: { requestPayment: unused, cancelPayment: unused },
  births: { lookUpBirth: unused },
  civilStatus: { lookUpMarriage: unused },
  residence: { askHousehold: unused },
  socialInsurance: { requestCard: unused },
  immunisations: { lookUpDoses: unused },
  insuranceClaims: { lookUpClaims: unused },
  education: { lookUpPupil: unused, handOver: unused },
};
