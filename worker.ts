import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { createActivities } from './activities/index.ts';
import { connectors } from './activities/agencies/connectors.ts';
import { openAgencies } from './activities/agencies/index.ts';
import { openKeystore } from './activities/documents/keystore.ts';
import { createDraft, createSample } from './activities/documents/draft.ts';
import { createPrint } from './activities/documents/print.ts';
import { openRenderPool } from './activities/documents/render-pool.ts';
import { createSigning } from './activities/documents/signing.ts';
import { openTrustServices } from './activities/documents/trust/index.ts';
import { documentTemplates } from './activities/documents/versions.ts';
import { cachedBundle } from './bundle.ts';
import { systemClock as clock } from './clock.ts';
import { createDataConverter, openCaseKeys } from './codec/index.ts';
import { readConfig, required } from './config.ts';
import { openIssuer } from './credentials/issuer.ts';
import { onStop, ready } from './lifecycle.ts';
import { createLogger, temporalLogger } from './log.ts';
import { openMail } from './messaging/mail.ts';
import { messageTemplates } from './messaging/messages.ts';
import { openPush } from './messaging/push.ts';
import { openSms } from './messaging/sms.ts';
import { registerConnectors } from './records/connectors.ts';
import { openDatabase } from './records/db.ts';
import { openObjectStore } from './records/objects.ts';
import { registerTemplates } from './records/templates.ts';
import { Archiver } from './relay/archiver.ts';
import { Courier } from './relay/courier.ts';
import { buildIdOf, Deployment, versionedAs } from './relay/deployment.ts';
import { Jobs } from './relay/jobs.ts';
import { Printer } from './relay/printer.ts';
import { Reconciler } from './relay/reconciler.ts';
import { Retries } from './relay/retries.ts';
import { Relay, taskQueue } from './relay/relay.ts';
import { procedures } from './workflows/catalogue.ts';
import { campaignRules } from './workflows/campaigns.ts';
import { draftSubCases } from './workflows/sub-cases.ts';

/** Composition root of the worker: runs the workflows and activities of cases, the relay, the reconciler and the archiver. */
const config = readConfig();
const log = createLogger('worker', config.LOG_LEVEL);
const bundling = cachedBundle(join(config.dataDir, 'cache'));

const databaseUrl = required(config, 'DATABASE_URL');
const db = openDatabase(databaseUrl, 20);
const keys = openCaseKeys(db, required(config, 'MASTER_KEY'));
const dataConverter = createDataConverter(keys);
const address = required(config, 'TEMPORAL_ADDRESS');
const namespace = config.TEMPORAL_NAMESPACE;

Runtime.install({ shutdownSignals: [], logger: temporalLogger(log) });
const [connection, clientConnection, codePath] = await Promise.all([
  NativeConnection.connect({ address }),
  Connection.connect({ address }),
  bundling,
]);
const client = new Client({ connection: clientConnection, namespace, dataConverter });
const relay = new Relay({ db, databaseUrl, client, clock, log });
const reconciler = new Reconciler({ db, client, clock, log });
const objects = await openObjectStore(config.OBJECT_STORE_URL ?? `${config.dataDir}/objects`);
const archiver = new Archiver({ db, client, objects, clock, log });
const jobs = new Jobs({ db, client, keys, clock, log });
const retries = new Retries({ db, client, clock, log });

const keystore = openKeystore(config.SIGNING_KEYS ?? `${config.dataDir}/pki`);
const signing = createSigning(await openTrustServices(config, clock), clock, log);
const templates = fileURLToPath(new URL('./templates/', import.meta.url));
const renderer = openRenderPool(templates);
const printer = new Printer({
  db,
  clock,
  log,
  print: createPrint({ renderer, keystore, signing }),
  draft: createDraft({ db, renderer, procedures, publicUrl: config.publicUrl }),
  sample: createSample(renderer, templates),
});
const mail = openMail(config);
const courier = new Courier({
  db,
  clock,
  log,
  publicUrl: config.publicUrl,
  mail: mail?.send,
  sms: openSms(config),
  push: openPush(config),
});

const activities = createActivities({
  db,
  clock,
  agencies: openAgencies(config),
  objects,
  keystore,
  signing,
  issuer: await openIssuer(config),
  renderer,
  log,
  publicUrl: config.publicUrl,
  procedures,
  draftSubCase: draftSubCases(procedures),
  campaignRules: campaignRules(procedures),
  newCaseKey: () => keys.wrapNew(),
});
await registerConnectors(db, connectors);
await registerTemplates(
  db,
  [...documentTemplates(templates, procedures), ...messageTemplates()],
  clock.now(),
);
const buildId = config.BUILD_ID ?? (await buildIdOf(codePath));
const worker = await Worker.create({
  connection,
  namespace,
  taskQueue,
  workflowBundle: { codePath },
  workerDeploymentOptions: versionedAs(buildId),
  activities,
  dataConverter,
  // How long a case waits for a worker that died before another one takes it.
  stickyQueueScheduleToStartTimeout: '3 s',
});
const running = worker.run();
const takesOver = config.TAKE_OVER;
const deployment = new Deployment({ connection: clientConnection, namespace, buildId, takesOver, log });

if (config.RESEND_ACTS) await relay.resend(10);
relay.start();
deployment.start();
reconciler.start();
jobs.start();
retries.start();
archiver.start();
printer.start();
courier.start();
ready();

onStop(async () => {
  reconciler.stop();
  await Promise.all([
    deployment.stop(),
    jobs.stop(),
    retries.stop(),
    archiver.stop(),
    printer.stop(),
    courier.stop(),
    relay.stop(),
  ]);
  mail?.close();
  worker.shutdown();
  await running;
  await Promise.all([renderer.close(), connection.close(), clientConnection.close(), db.destroy()]);
});
running.catch((error: unknown) => {
  log.fatal({ reason: error instanceof Error ? error.message : String(error) }, 'the worker ended');
  process.exit(1);
});
