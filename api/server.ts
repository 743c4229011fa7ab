import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { systemClock } from '../clock.ts';
import { CasePayloadCodec, openCaseKeys } from '../codec/index.ts';
import { readConfig, required } from '../config.ts';
import { openIssuer } from '../credentials/issuer.ts';
import { onStop, ready } from '../lifecycle.ts';
import { createLogger } from '../log.ts';
import { openSms } from '../messaging/sms.ts';
import { migrate, openDatabase } from '../records/db.ts';
import { openObjectStore } from '../records/objects.ts';
import { procedures } from '../workflows/catalogue.ts';
import { createApp } from './app.ts';
import { BulkRunner } from './bulk-runner.ts';
import { issuerOf } from './identity.ts';
import { LiveHub } from './live-hub.ts';
import { openResidents } from './residents.ts';

const config = readConfig();
const log = createLogger('api', config.LOG_LEVEL);
const db = openDatabase(required(config, 'DATABASE_URL'));
await migrate(db);
const keys = openCaseKeys(db, required(config, 'MASTER_KEY'));
const running = { db, log, procedures, clock: systemClock };
const live = new LiveHub({ ...running, databaseUrl: required(config, 'DATABASE_URL') });
const app = createApp({
  ...running,
  config,
  live,
  objects: await openObjectStore(config.OBJECT_STORE_URL ?? join(config.dataDir, 'objects')),
  issuer: await openIssuer(config),
  identity: issuerOf(config),
  residents: openResidents(config),
  sms: openSms(config),
  codec: new CasePayloadCodec(keys),
  newCaseKey: () => keys.wrapNew(),
});
const server = createServer(app).listen(config.PORT, config.HOST);
await once(server, 'listening');
const bulk = new BulkRunner(running);
bulk.start();
onStop(async () => {
  await bulk.stop();
  await live.stop();
  await new Promise((closed) => server.close(closed));
  await db.destroy();
});
ready();
