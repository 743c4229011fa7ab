import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { NativeConnection, Runtime } from '@temporalio/worker';
import { findTemporal } from '../embedded/binaries.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { startTemporal } from '../embedded/temporal.ts';

/** PostgreSQL and Temporal as embedded mode starts them, for a worker and a client in this process. */
export interface Stores {
  databaseUrl: string;
  namespace: string;
  /** For the worker. */
  connection: NativeConnection;
  /** For the client. */
  clientConnection: Connection;
  /** The processes that are measured: this one and the two stores. */
  pids: { node: number; temporal: number; postgres: number };
  close(): Promise<void>;
}

/** Starts both stores in a folder of their own. */
export async function openStores(): Promise<Stores> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const namespace = 'default';
  const binary = await findTemporal();
  const publicUrl = 'http://127.0.0.1:9';
  const [postgres, temporal] = await Promise.all([
    startPostgres({ dataDir, port: 0 }),
    startTemporal({ dataDir, publicUrl, namespace, binary, port: 0, uiPort: 0 }),
  ]);
  Runtime.install({ shutdownSignals: [] });
  const [connection, clientConnection] = await Promise.all([
    NativeConnection.connect({ address: temporal.address }),
    Connection.connect({ address: temporal.address }),
  ]);
  return {
    databaseUrl: postgres.url,
    namespace,
    connection,
    clientConnection,
    pids: { node: process.pid, temporal: temporal.pid(), postgres: postgres.pid() },
    async close() {
      await Promise.all([connection.close(), clientConnection.close()]);
      await Promise.all([temporal.stop(), postgres.stop()]);
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}
