import { spawn } from 'node:child_process';
import { closeSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import type { Found } from './binaries.ts';
import { logFile, logSize, openLog, writtenSince } from './logs.ts';
import { prepareNamespace } from './namespace.ts';
import { expectFree, freePort } from './ports.ts';
import {
  commandLine,
  endProcess,
  forgetProcess,
  isRunning,
  recordedProcess,
  recordOf,
  recordProcess,
} from './process-table.ts';
import { supervise, type Life, type Supervised } from './supervise.ts';
import { LaunchError } from './trouble.ts';
import { until } from './waiting.ts';

const startPatience = 60_000;
const stopPatience = 10_000;

/** What an embedded Temporal server is told. */
export interface TemporalOptions {
  /** Its store is `temporal/temporal.db` below, its log in `logs/`. */
  dataDir: string;
  /** The ports of the server and of its UI on 127.0.0.1; 0 takes any. */
  port: number;
  uiPort: number;
  /** The address under which browsers reach the UI (`/temporal`) and the codec (`/codec`). */
  publicUrl: string;
  namespace: string;
  binary: Found;
  /** Told in one line when the server died and is started again. */
  report?: (line: string) => void;
}

/** A running Temporal development server, its namespace prepared. */
export interface TemporalServer extends Omit<Supervised, 'life'> {
  /** `host:port` for clients and workers. */
  address: string;
  /** `http://` address of the UI's server; the UI itself is below `/temporal`. */
  uiUrl: string;
  /** The server's process of this moment. */
  pid(): number;
}

/**
 * Starts the Temporal development server on its store in DATA_DIR, or adopts the one that still runs there, and
 * keeps it alive.
 *
 * @throws LaunchError in one line, for example when a port is taken
 */
export async function startTemporal(options: TemporalOptions): Promise<TemporalServer> {
  const port = options.port === 0 ? await freePort() : options.port;
  const uiPort = options.uiPort === 0 ? await freePort() : options.uiPort;
  const settled = { ...options, port, uiPort };
  const address = `127.0.0.1:${port}`;
  const life = async () => {
    const started = await adoptOrStart(settled, address);
    try {
      await withConnection(address, (connection) => prepareNamespace(connection, options.namespace));
    } catch (error) {
      await started.stop();
      throw error;
    }
    return started;
  };
  const supervised = await supervise('Temporal', life, options.report ?? (() => undefined));
  return {
    address,
    uiUrl: `http://127.0.0.1:${uiPort}`,
    pid: () => supervised.life().pid,
    restarts: () => supervised.restarts(),
    stop: () => supervised.stop(),
  };
}

/** Opens a connection for one piece of work. */
export async function withConnection<T>(
  address: string,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

function argumentsOf({ dataDir, port, uiPort, publicUrl, namespace }: TemporalOptions): string[] {
  return [
    ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--namespace', namespace],
    ...['--db-filename', join(dataDir, 'temporal', 'temporal.db')],
    // A power cut may take the last moments; the relay sends the acts of the last minutes again after one.
    ...['--sqlite-pragma', 'journal_mode=WAL', '--sqlite-pragma', 'synchronous=NORMAL'],
    ...[
      '--ui-port',
      String(uiPort),
      '--ui-public-path',
      '/temporal',
      '--ui-codec-endpoint',
      `${publicUrl}/codec`,
    ],
    ...['--ui-disable-news-fetch', '--log-level', 'warn'],
  ];
}

/** One life of the server: the one that still runs exactly so on this store, else a new one. */
async function adoptOrStart(options: TemporalOptions, address: string): Promise<Life> {
  const record = recordOf(options.dataDir, 'temporal');
  const running = recordedProcess(record);
  const stop = (pid: number) => async () => {
    await endProcess(pid, stopPatience);
    forgetProcess(record);
  };
  // The number alone proves nothing: only a process that names our store is ours to adopt or to end.
  if (
    running !== undefined &&
    commandLine(running)?.includes(join(options.dataDir, 'temporal', 'temporal.db'))
  ) {
    const same = commandLine(running)?.endsWith(argumentsOf(options).join(' '));
    if (same && (await until(() => answers(address), 5_000, 100))) {
      const exited = until(() => !isRunning(running), Infinity, 300).then(() => undefined);
      return { pid: running, exited, stop: stop(running) };
    }
    await stop(running)();
  }
  await expectFree('TEMPORAL_PORT', options.port);
  await expectFree('TEMPORAL_UI_PORT', options.uiPort);
  return start(options, address, stop);
}

async function start(
  options: TemporalOptions,
  address: string,
  stop: (pid: number) => () => Promise<void>,
): Promise<Life> {
  const { dataDir, binary } = options;
  mkdirSync(join(dataDir, 'temporal'), { recursive: true });
  const log = openLog(dataDir, 'temporal');
  const before = logSize(dataDir, 'temporal');
  const child = spawn(binary.file, argumentsOf(options), { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  let gone = false;
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  }).then(() => {
    gone = true;
  });
  const { pid } = child;
  if (pid !== undefined) recordProcess(recordOf(dataDir, 'temporal'), pid);
  const ready = await until(async () => gone || (await answers(address)), startPatience);
  if (ready && !gone && pid !== undefined) return { pid, exited, stop: stop(pid) };
  if (pid !== undefined) await stop(pid)();
  const words = writtenSince(dataDir, 'temporal', before).trim().split('\n').at(-1) ?? '';
  throw new LaunchError(
    `Temporal (${binary.from}) does not start: ${words}; its log is ${logFile(dataDir, 'temporal')}`,
  );
}

async function answers(address: string): Promise<boolean> {
  try {
    return await withConnection(address, async ({ workflowService }) =>
      Boolean(await workflowService.getSystemInfo({})),
    );
  } catch {
    return false;
  }
}
