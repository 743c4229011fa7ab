import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { Client } from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Runtime, Worker } from '@temporalio/worker';
import type { temporal } from '@temporalio/proto';
import { inject } from 'vitest';
import { connectors } from '../activities/agencies/connectors.ts';
import { openAgencies } from '../activities/agencies/index.ts';
import { openKeystore } from '../activities/documents/keystore.ts';
import { createDraft, createSample } from '../activities/documents/draft.ts';
import { createPrint } from '../activities/documents/print.ts';
import { createRenderer } from '../activities/documents/render.ts';
import { createSigning } from '../activities/documents/signing.ts';
import { documentTemplates } from '../activities/documents/versions.ts';
import { createActivities } from '../activities/index.ts';
import { createApp } from '../api/app.ts';
import { BulkRunner } from '../api/bulk-runner.ts';
import { LiveHub } from '../api/live-hub.ts';
import { openResidents } from '../api/residents.ts';
import type { Clock } from '../clock.ts';
import { createDataConverter, CasePayloadCodec, openCaseKeys } from '../codec/index.ts';
import { readConfig } from '../config.ts';
import { openIssuer } from '../credentials/issuer.ts';
import { sampleCity, samplePeople } from '../embedded/samples.ts';
import { createLogger } from '../log.ts';
import { messageTemplates } from '../messaging/messages.ts';
import { registerConnectors } from '../records/connectors.ts';
import { openObjectStore } from '../records/objects.ts';
import { registerTemplates } from '../records/templates.ts';
import { Jobs } from '../relay/jobs.ts';
import { Printer } from '../relay/printer.ts';
import { Reconciler } from '../relay/reconciler.ts';
import { Retries } from '../relay/retries.ts';
import { Relay, taskQueue } from '../relay/relay.ts';
import { procedures as catalogue } from '../workflows/catalogue.ts';
import { campaignRules } from '../workflows/campaigns.ts';
import { draftSubCases } from '../workflows/sub-cases.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { nextPlainMonday } from './calendar.ts';
import { openSampleAgencies, type SampleAgencies } from './agencies.ts';
import { openSampleAuthority, type SampleAuthority } from './authority.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { Person } from '../embedded/person.ts';
import { sampleIdentity } from './identity.ts';

/** A whole Motcua for one test file: real PostgreSQL, real Temporal that skips time, real HTTP on both sides. */
export interface World {
  url: string;
  database: TestDatabase;
  agencies: SampleAgencies;
  /** The trust services behind signatures. */
  authority: SampleAuthority;
  client: Client;
  reconciler: Reconciler;
  jobs: Jobs;
  /** Does the items of bulk acts when it is told to. */
  bulk: BulkRunner;
  clock: Clock;
  /** A sample person or machine who speaks to the API. */
  as(sub: string): Person;
  /** Lets legal time pass; timers that fall due ring. */
  pass(duration: string): Promise<void>;
  /** Lets legal time pass until a minute after an instant. */
  passUntil(at: Date | string): Promise<void>;
  /** Skips to 09:00 of the next Monday that three weeks without a holiday follow. */
  toMonday(): Promise<void>;
  close(): Promise<void>;
}

/** What a test may replace. */
export interface WorldOptions {
  /** A database that outlives this world; without it the world has its own. */
  database?: TestDatabase;
  /** Code of the workflow bundle, for a catalogue other than Motcua's. */
  bundle?: string;
  procedures?: ReadonlyMap<string, Procedure>;
  /** Folder of templates, for procedures of the test's own. */
  templates?: string;
}

/** The key of keys in tests. */
export const testMasterKey = Buffer.alloc(32, 7).toString('base64');

const issuerKey = Buffer.alloc(32, 8).toString('base64');

/** Registers the search attributes that start-up provisions on a real server. */
async function registerAttributes(env: TestWorkflowEnvironment): Promise<void> {
  const keyword = 2 as temporal.api.enums.v1.IndexedValueType;
  const datetime = 6 as temporal.api.enums.v1.IndexedValueType;
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: {
      ProcedureCode: keyword,
      CaseCode: keyword,
      Agency: keyword,
      CaseState: keyword,
      DueDate: datetime,
    },
  });
}

async function listen(): Promise<{ server: Server; url: string }> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

let runtime = false;

/** Opens a world; close it in `afterAll`. */
export async function openWorld(options: WorldOptions = {}): Promise<World> {
  if (!runtime)
    Runtime.install({
      logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
    });
  runtime = true;
  const folder = mkdtempSync(join(tmpdir(), 'motcua-world-'));
  const testServer = inject('testServer');
  const [database, env, { server, url }] = await Promise.all([
    options.database ?? createTestDatabase(),
    TestWorkflowEnvironment.createTimeSkipping(
      testServer ? { server: { executable: { type: 'existing-path', path: testServer } } } : {},
    ),
    listen(),
  ]);
  await registerAttributes(env);
  const { db } = database;

  let now = new Date(await env.currentTimeMs());
  const clock: Clock = { now: () => now };
  const sync = async () => {
    now = new Date(await env.currentTimeMs());
  };
  const pass = async (duration: string | number) => {
    await env.sleep(duration);
    await sync();
  };

  const procedures = options.procedures ?? catalogue;
  const { people } = samplePeople();
  const pki = join(folder, 'pki');
  const authority = await openSampleAuthority({ folder: pki, people, agencies: agencyNames(), clock });
  const log = createLogger('test', 'silent');
  const agencies = await openSampleAgencies({ publicUrl: url, clock, log });
  const config = readConfig({
    PUBLIC_URL: url,
    DATA_DIR: folder,
    MASTER_KEY: testMasterKey,
    ISSUER_KEY: issuerKey,
    SESSION_SECRET: 's'.repeat(32),
    RATE_LIMIT: '100000',
    OIDC_ISSUER: url,
    ...agencies.environment,
    DEV_BANK_URL: agencies.environment.TREASURY_URL,
  });
  const keys = openCaseKeys(db, testMasterKey);
  const dataConverter = createDataConverter(keys);
  const client = new Client({ connection: env.connection, namespace: 'default', dataConverter });
  const objects = await openObjectStore(join(folder, 'objects'));
  const keystore = openKeystore(pki);
  const issuer = await openIssuer(config);
  const signing = createSigning(authority.services, clock, log);
  const templates = options.templates ?? fileURLToPath(new URL('../templates/', import.meta.url));
  const renderer = createRenderer(templates);
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    dataConverter,
    workflowBundle: options.bundle ? { code: options.bundle } : { codePath: inject('bundlePath') },
    activities: createActivities({
      db,
      clock,
      agencies: openAgencies(config),
      objects,
      keystore,
      signing,
      issuer,
      renderer,
      log,
      publicUrl: url,
      procedures,
      draftSubCase: draftSubCases(procedures),
      campaignRules: campaignRules(procedures),
      newCaseKey: () => keys.wrapNew(),
    }),
  });
  await registerConnectors(db, connectors);
  await registerTemplates(db, [...documentTemplates(templates, procedures), ...messageTemplates()], now);
  const running = worker.run();
  const relay = new Relay({ db, databaseUrl: database.url, client, clock, log });
  relay.start();
  const jobs = new Jobs({ db, client, keys, clock, log });
  jobs.start();
  const retries = new Retries({ db, client, clock, log });
  retries.start();
  const printer = new Printer({
    db,
    clock,
    log,
    print: createPrint({ renderer, keystore, signing }),
    draft: createDraft({ db, renderer, procedures, publicUrl: url }),
    sample: createSample(renderer, templates),
  });
  printer.start();
  const live = new LiveHub({ db, databaseUrl: database.url, clock, log });
  server.on(
    'request',
    createApp({
      config,
      live,
      db,
      clock,
      log,
      objects,
      procedures,
      issuer,
      identity: sampleIdentity(),
      residents: openResidents(config),
      codec: new CasePayloadCodec(keys),
      newCaseKey: () => keys.wrapNew(),
    }),
  );

  return {
    url,
    database,
    agencies,
    authority,
    client,
    clock,
    jobs,
    bulk: new BulkRunner({ db, clock, log, procedures }),
    reconciler: new Reconciler({ db, client, clock, log }),
    as: (sub) => new Person(url, sub, sync),
    pass,
    passUntil: (at) => pass(new Date(at).getTime() + 60_000 - now.getTime()),
    toMonday: () => pass(nextPlainMonday(now).getTime() - now.getTime()),
    async close() {
      await Promise.all([jobs.stop(), retries.stop(), printer.stop(), relay.stop(), live.stop()]);
      worker.shutdown();
      await running;
      agencies.close();
      await authority.close();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
      await env.teardown();
      if (!options.database) await database.drop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const agencyNames = () => sampleCity().agencies.map(({ code, name }) => ({ code, name: name.vi }));

/** The sample application of a house construction permit, as a citizen would file it. */
export function samplePermit(): Record<string, unknown> & { papers: { kind: string; file: string }[] } {
  return JSON.parse(readFileSync('samples/construction-permit/application.json', 'utf8')) as never;
}
