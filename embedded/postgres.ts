import { randomBytes } from 'node:crypto';
import { chownSync, closeSync, existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { secret } from './keys.ts';
import { logFile, logSize, openLog, writtenSince } from './logs.ts';
import { expectFree, freePort } from './ports.ts';
import { chooseAccount, findPrograms, Programs, type Account } from './postgres-programs.ts';
import { commandLine, isRunning } from './process-table.ts';
import { supervise, type Life, type Supervised } from './supervise.ts';
import { LaunchError } from './trouble.ts';
import { until } from './waiting.ts';

const user = 'motcua';
const startPatience = 60_000;

/** What an embedded PostgreSQL is told. */
export interface PostgresOptions {
  /** Its data lie in `postgres/` below, its password in `keys/postgres`, its log in `logs/`. */
  dataDir: string;
  /** The port on 127.0.0.1; 0 takes any. */
  port: number;
  /** `false` gives up safety against power cuts for speed; for tests only. */
  durable?: boolean;
  /** Told in one line when the server died and is started again. */
  report?: (line: string) => void;
}

/** A running PostgreSQL with an empty or kept database `motcua`. */
export interface Postgres extends Omit<Supervised, 'life'> {
  /** `postgres://` address with the password of its owner. */
  url: string;
  /** The server's process of this moment. */
  pid(): number;
}

/**
 * Starts PostgreSQL on its folder in DATA_DIR, or adopts the one that still runs there, and keeps it alive.
 *
 * UTF-8 with Vietnamese order (ICU), scram passwords, 127.0.0.1 only; as root it runs as an unprivileged user.
 *
 * @throws LaunchError in one line, for example when the port is taken
 */
export async function startPostgres(options: PostgresOptions): Promise<Postgres> {
  const { dataDir } = options;
  const report = options.report ?? (() => undefined);
  const port = options.port === 0 ? await freePort() : options.port;
  const dataFolder = join(dataDir, 'postgres');
  const account = chooseAccount(dataFolder);
  const password = await secret(dataDir, 'postgres', 'base64url');
  const folder = await findPrograms(dataDir, account);
  await createCluster(folder, account, dataFolder, password, options.durable ?? true);
  const server = new Server(
    new Programs(folder, account, dataFolder),
    { ...options, port },
    dataFolder,
    password,
  );
  const supervised = await supervise('PostgreSQL', () => server.adoptOrStart(), report);
  try {
    await createDatabase(server.url('postgres'));
  } catch (error) {
    await supervised.stop();
    throw error;
  }
  return {
    url: server.url(user),
    pid: () => supervised.life().pid,
    restarts: () => supervised.restarts(),
    stop: () => supervised.stop(),
  };
}

/** Makes the data folder; one that a kill interrupts leaves only a draft beside it. */
async function createCluster(
  folder: string,
  account: Account | undefined,
  dataFolder: string,
  password: string,
  durable: boolean,
): Promise<void> {
  if (existsSync(join(dataFolder, 'PG_VERSION'))) return;
  const draft = `${dataFolder}.${randomBytes(4).toString('hex')}`;
  await mkdir(draft, { mode: 0o700 });
  const letter = await mkdtemp(join(tmpdir(), 'motcua-'));
  const passwordFile = join(letter, 'password');
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account) for (const path of [draft, letter, passwordFile]) chownSync(path, account.uid, account.gid);
  try {
    const programs = new Programs(folder, account, draft);
    const locale = ['--encoding=UTF8', '--locale-provider=icu', '--icu-locale=vi-VN', '--locale=C.UTF-8'];
    const access = [`--username=${user}`, '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
    const speed = durable ? [] : ['--no-sync'];
    const { code, output } = await programs.run('initdb', [
      '-D',
      programs.dataPath,
      ...locale,
      ...access,
      ...speed,
    ]);
    if (code !== 0)
      throw new LaunchError(`PostgreSQL's data folder cannot be made: ${lastComplaint(output)}`);
    await rename(draft, dataFolder);
  } finally {
    await rm(letter, { recursive: true, force: true });
    await rm(draft, { recursive: true, force: true });
  }
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [user]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${user}`);
  } finally {
    await client.end();
  }
}

class Server {
  readonly #programs: Programs;
  readonly #options: PostgresOptions;
  readonly #dataFolder: string;
  readonly #password: string;

  constructor(programs: Programs, options: PostgresOptions, dataFolder: string, password: string) {
    this.#programs = programs;
    this.#options = options;
    this.#dataFolder = dataFolder;
    this.#password = password;
  }

  url(database: string): string {
    return `postgres://${user}:${this.#password}@127.0.0.1:${this.#options.port}/${database}`;
  }

  /** One life of the server: the one that already runs on this folder, else a new one. */
  async adoptOrStart(): Promise<Life> {
    const running = await this.#running();
    if (running !== undefined) {
      const ours = running.port === this.#options.port && (await until(() => this.#answers(), 10_000, 100));
      if (ours) return this.#adopted(running.pid);
      await this.#stop(running.pid);
    }
    await expectFree('POSTGRES_PORT', this.#options.port);
    const life = await until(() => this.#start(), 20_000, 200);
    if (!life)
      throw new LaunchError(
        `PostgreSQL does not start; its log is ${logFile(this.#options.dataDir, 'postgres')}`,
      );
    return life;
  }

  /** Who holds the data folder, by the pid file; one that a reboot gave to another program's process is removed. */
  async #running(): Promise<{ pid: number; port: number } | undefined> {
    const file = join(this.#dataFolder, 'postmaster.pid');
    if (!existsSync(file)) return undefined;
    const lines = readFileSync(file, 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!isRunning(pid)) return undefined; // the server itself judges a stale pid file
    if (/postgres/.test(commandLine(pid) ?? 'postgres')) return { pid, port };
    await rm(file);
    return undefined;
  }

  async #answers(): Promise<boolean> {
    const client = new pg.Client({ connectionString: this.url('postgres'), connectionTimeoutMillis: 2_000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #adopted(pid: number): Life {
    const exited = until(() => !isRunning(pid), Infinity, 300).then(() => undefined);
    return { pid, exited, stop: () => this.#stop(pid) };
  }

  /** Gives a life, or `undefined` when what the last one left behind (its shared memory) is not yet gone. */
  async #start(): Promise<Life | undefined> {
    const { dataDir, port, durable } = this.#options;
    const before = logSize(dataDir, 'postgres');
    const log = openLog(dataDir, 'postgres');
    const settings = {
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      // Details and statements of errors would carry what people wrote into the log.
      log_error_verbosity: 'terse',
      log_min_error_statement: 'panic',
      timezone: 'UTC',
      log_timezone: 'UTC',
      ...(durable === false ? { fsync: 'off', full_page_writes: 'off' } : {}),
    };
    const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const child = this.#programs.spawn(
      'postgres',
      ['-D', this.#programs.dataPath, '-p', String(port), ...flags],
      log,
    );
    closeSync(log);
    let gone = false;
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', () => resolve());
    }).then(() => {
      gone = true;
    });
    const ready = await until(async () => gone || (await this.#answers()), startPatience);
    const pid = child.pid;
    if (ready && !gone && pid !== undefined) return { pid, exited, stop: () => this.#stop(pid) };
    if (pid !== undefined) await this.#stop(pid);
    const output = writtenSince(dataDir, 'postgres', before);
    if (/lock file|shared memory block/.test(output)) return undefined;
    throw new LaunchError(
      `PostgreSQL does not start: ${lastComplaint(output)}; its log is ${logFile(dataDir, 'postgres')}`,
    );
  }

  async #stop(pid: number): Promise<void> {
    if (!isRunning(pid)) return;
    await this.#programs.run('pg_ctl', ['stop', '-D', this.#programs.dataPath, '-m', 'fast', '-t', '20']);
    if (await until(() => !isRunning(pid), 5_000)) return;
    await this.#programs.run('pg_ctl', [
      'stop',
      '-D',
      this.#programs.dataPath,
      '-m',
      'immediate',
      '-t',
      '10',
    ]);
  }
}

function lastComplaint(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const line = lines.findLast((text) => /FATAL|PANIC|error:/.test(text)) ?? lines.at(-1) ?? 'no reason given';
  return line.replace(/^.*?(FATAL|PANIC|error):\s*/, '').trim();
}
