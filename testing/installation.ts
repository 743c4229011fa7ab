import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { inject } from 'vitest';
import { readConfig } from '../config.ts';
import { findTemporal } from '../embedded/binaries.ts';
import { launch, type Launched, type Part } from '../embedded/launch.ts';
import { logFile } from '../embedded/logs.ts';
import { freePort } from '../embedded/ports.ts';
import { isRunning } from '../embedded/process-table.ts';
import { startTemporal, type TemporalServer } from '../embedded/temporal.ts';
import { until } from '../embedded/waiting.ts';
import { openDatabase, type Database } from '../records/db.ts';
import type { AgencyName } from './agencies.ts';
import { patienceMs } from './patient.ts';

/** The whole product in processes of its own, on a Temporal server that the test holds in its hands. */
export interface Installation {
  url: string;
  treasuryUrl: string;
  db: Database;
  /** Ends a process as a power cut would, if need be when it is back from the last time. */
  kill(part: Part): Promise<void>;
  restarts(part: Part): number;
  temporal: {
    /** Kills the server for good. */
    kill(): Promise<void>;
    /** Starts it again on the same address, on its store or, when that is lost, on a new one. */
    start(store?: 'kept' | 'lost'): Promise<void>;
    /** The names of the signals that a case has heard, in order. */
    signals(code: string): Promise<string[]>;
  };
  /** Tells a sample agency how to behave; see embedded/agencies/control.ts. */
  tell(agency: AgencyName, behaviour: Record<string, unknown>): Promise<void>;
  /** What happened so far and the last lines of the logs, for a test that fails. */
  diagnosis(): string;
  stop(): Promise<void>;
}

/** Starts PostgreSQL, the sample city, the worker and the API as `npm start` does, with Temporal beside them. */
export async function openInstallation(): Promise<Installation> {
  const folder = mkdtempSync(join(tmpdir(), 'motcua-survival-'));
  const reports: string[] = [];
  const killed = new Map<Part, number>();
  const report = (line: string) => void reports.push(`${new Date().toISOString().slice(11, 23)} ${line}`);
  const [port, postgresPort, temporalPort, uiPort] = await freePorts(4);
  const publicUrl = `http://127.0.0.1:${port}`;

  const home = join(folder, 'temporal-home');
  const binary = await findTemporal();
  const options = {
    dataDir: home,
    port: temporalPort,
    uiPort,
    publicUrl,
    namespace: 'default',
    binary,
    report,
  };
  let server: TemporalServer | undefined = await startTemporal(options);
  const address = server.address;

  // The bundle that all tests share is the worker's too: making it again takes seconds.
  const dataDir = join(folder, 'data');
  mkdirSync(join(dataDir, 'cache'), { recursive: true });
  const bundle = inject('bundlePath');
  copyFileSync(bundle, join(dataDir, 'cache', basename(bundle)));
  const config = readConfig({
    PORT: String(port),
    POSTGRES_PORT: String(postgresPort),
    TEMPORAL_ADDRESS: address,
    DATA_DIR: dataDir,
    LOG_LEVEL: 'warn',
    RATE_LIMIT: '100000',
  });
  const launched = await launch(config, { report });
  const db = openDatabase(launched.environment['DATABASE_URL'] ?? '', 4);
  const running = (part: Part) => partOf(launched, part);

  return {
    url: publicUrl,
    treasuryUrl: launched.environment['TREASURY_URL'] ?? '',
    db,
    diagnosis: () =>
      [...reports, ...['worker', 'api', 'postgres'].map((name) => lastLines(logFile(dataDir, name)))].join(
        '\n',
      ),
    async kill(part) {
      // Who was killed a moment ago may still count as running: only another life can be ended once more.
      const alive = () => running(part).pid() !== killed.get(part) && isRunning(running(part).pid());
      if (!(await until(alive, patienceMs))) throw new Error(`${part} did not come back to be killed again`);
      report(`${part} is killed`);
      killed.set(part, running(part).pid());
      process.kill(running(part).pid(), 'SIGKILL');
    },
    restarts: (part) => running(part).restarts(),
    async tell(agency, behaviour) {
      const response = await fetch(`${launched.environment[`${agency}_URL`]}/control`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(behaviour),
      });
      if (!response.ok) throw new Error(`${agency} does not take its orders: ${await response.text()}`);
    },
    temporal: {
      async kill() {
        if (!server) return;
        process.kill(server.pid(), 'SIGKILL');
        await server.stop();
        server = undefined;
      },
      async start(store = 'kept') {
        if (store === 'lost') rmSync(join(home, 'temporal'), { recursive: true, force: true });
        server = await startTemporal(options);
      },
      signals: (code) => signalsOf(address, code),
    },
    async stop() {
      await db.destroy();
      await launched.stop();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function partOf({ parts }: Launched, part: Part) {
  const running = parts[part];
  if (!running) throw new Error(`the installation does not run ${part}`);
  return running;
}

const lastLines = (file: string) =>
  [`--- ${basename(file)}`, ...readFileSync(file, 'utf8').split('\n').slice(-40)].join('\n');

/** Different ports that nobody uses now. */
async function freePorts(count: number): Promise<[number, number, number, number]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await freePort());
  return [...ports] as [number, number, number, number];
}

async function signalsOf(address: string, code: string): Promise<string[]> {
  const connection = await Connection.connect({ address });
  try {
    const { events } = await new Client({ connection }).workflow.getHandle(code).fetchHistory();
    return (events ?? []).flatMap(
      ({ workflowExecutionSignaledEventAttributes: signal }) => signal?.signalName ?? [],
    );
  } finally {
    await connection.close();
  }
}
