import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { openAgencies } from '../activities/agencies/index.ts';
import { cachedBundle } from '../bundle.ts';
import { systemClock as clock } from '../clock.ts';
import { createDataConverter, openCaseKeys } from '../codec/index.ts';
import { readConfig, required } from '../config.ts';
import { onStop, ready } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { openDatabase } from '../records/db.ts';
import { Relay, taskQueue } from '../relay/relay.ts';
import { activitiesWithoutDocuments } from './activities-without-documents.ts';

/**
 * The worker of the benchmark `permit` without documents: the product's worker in everything but rendering and
 * signing, of which only the document's row is left.
 */
const config = readConfig();
const log = createLogger('worker', config.LOG_LEVEL);
const databaseUrl = required(config, 'DATABASE_URL');
const db = openDatabase(databaseUrl, 20);
const dataConverter = createDataConverter(openCaseKeys(db, required(config, 'MASTER_KEY')));
const address = required(config, 'TEMPORAL_ADDRESS');
const namespace = config.TEMPORAL_NAMESPACE;

Runtime.install({ shutdownSignals: [] });
const [connection, clientConnection, codePath] = await Promise.all([
  NativeConnection.connect({ address }),
  Connection.connect({ address }),
  cachedBundle(join(config.dataDir, 'cache')),
]);
const client = new Client({ connection: clientConnection, namespace, dataConverter });
const relay = new Relay({ db, databaseUrl, client, clock, log });
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  dataConverter,
  activities: activitiesWithoutDocuments(db, openAgencies(config)),
});
const running = worker.run();
relay.start();
ready();

onStop(async () => {
  await relay.stop();
  worker.shutdown();
  await running;
  await Promise.all([connection.close(), clientConnection.close(), db.destroy()]);
});
