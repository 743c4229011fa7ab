import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { readConfig } from '../config.ts';
import { launch, type Part } from '../embedded/launch.ts';
import { Person } from '../embedded/person.ts';
import { freePort } from '../embedded/ports.ts';
import { openDatabase, type Database } from '../records/db.ts';

/** The whole product as `npm start` runs it, in a folder and on ports of its own. */
export interface Installation {
  url: string;
  dataDir: string;
  treasuryUrl: string;
  db: Database;
  /** Temporal without the codec: what it keeps is measured, not read. */
  client: Client;
  pids: Record<Part, number>;
  as(sub: string): Promise<Person>;
  stop(): Promise<void>;
}

/** Starts an installation; its worker can be another program, for comparison. */
export async function openInstallation(worker = 'worker.ts'): Promise<Installation> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const [port, postgresPort, temporalPort, uiPort] = await differentPorts();
  const url = `http://127.0.0.1:${port}`;
  const config = readConfig({
    PORT: String(port),
    POSTGRES_PORT: String(postgresPort),
    TEMPORAL_PORT: String(temporalPort),
    TEMPORAL_UI_PORT: String(uiPort),
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
  });
  const programs = { city: 'embedded/city.ts', worker, api: 'api/server.ts' };
  const launched = await launch(config, { report: () => undefined, programs });
  const { DATABASE_URL, TEMPORAL_ADDRESS, TREASURY_URL } = launched.environment;
  const db = openDatabase(DATABASE_URL ?? '', 2);
  const connection = await Connection.connect({ address: TEMPORAL_ADDRESS ?? '' });
  const parts = Object.entries(launched.parts).map(([part, running]) => [part, running.pid()] as const);
  return {
    url,
    dataDir,
    treasuryUrl: TREASURY_URL ?? '',
    db,
    client: new Client({ connection, namespace: 'default' }),
    pids: Object.fromEntries(parts) as Record<Part, number>,
    as: (sub) => Person.signIn(url, sub),
    async stop() {
      await Promise.all([db.destroy(), connection.close()]);
      await launched.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function differentPorts(): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < 4) ports.add(await freePort());
  return [...ports];
}
