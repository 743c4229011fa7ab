import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startPostgres, type Postgres } from './postgres.ts';
import { checkout } from './processes.ts';
import { until } from './waiting.ts';

let folder: string;
const running: Postgres[] = [];

async function start(dataDir: string, port = 0): Promise<Postgres> {
  const postgres = await startPostgres({ dataDir, port, durable: false });
  running.push(postgres);
  return postgres;
}

async function ask(postgres: Postgres, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: postgres.url, connectionTimeoutMillis: 2_000 });
  await client.connect();
  try {
    const { rows } = await client.query<{ value: unknown }>(sql);
    return rows.map((row) => row.value);
  } finally {
    await client.end();
  }
}

/** Starts PostgreSQL in another Node process, and kills that one. */
async function startAndKillSupervisor(dataDir: string): Promise<{ pid: number; port: number }> {
  const program = `import { startPostgres } from './embedded/postgres.ts';
    const { pid, url } = await startPostgres({ dataDir: process.env.DATA_DIR, port: 0, durable: false });
    console.log(JSON.stringify({ pid: pid(), port: Number(new URL(url).port) }));`;
  const supervisor = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    cwd: checkout,
    env: { ...process.env, DATA_DIR: dataDir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [said] = (await once(supervisor.stdout, 'data')) as [Buffer];
  supervisor.kill('SIGKILL');
  await once(supervisor, 'exit');
  return JSON.parse(said.toString()) as { pid: number; port: number };
}

const portOf = (postgres: Postgres) => Number(new URL(postgres.url).port);

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motcua-test-'));
  chmodSync(folder, 0o755);
});

afterEach(async () => {
  for (const postgres of running.splice(0)) await postgres.stop();
  rmSync(folder, { recursive: true, force: true });
});

describe('an embedded PostgreSQL', { timeout: 60_000 }, () => {
  it('says in one line that its port is taken by another program', async () => {
    const stranger = createServer();
    await new Promise<void>((resolve) => stranger.listen(0, '127.0.0.1', resolve));
    const { port } = stranger.address() as { port: number };
    await expect(start(folder, port)).rejects.toThrow(
      `POSTGRES_PORT ${port} is taken by another program; stop it or set POSTGRES_PORT to a free port`,
    );
    stranger.close();
  });

  it('stores UTF-8, sorts as a Vietnamese reader expects and asks for its password', async () => {
    const postgres = await start(folder);
    expect(await ask(postgres, `SELECT current_setting('server_encoding') AS value`)).toEqual(['UTF8']);
    expect(
      await ask(
        postgres,
        `SELECT value FROM unnest(ARRAY['Đỗ', 'Dương', 'Ân', 'Ăn', 'An', 'Ê', 'Em']) value ORDER BY 1`,
      ),
    ).toEqual(['An', 'Ăn', 'Ân', 'Dương', 'Đỗ', 'Em', 'Ê']);
    expect(statSync(join(folder, 'keys', 'postgres')).mode & 0o777).toBe(0o600);
    const stranger = new URL(postgres.url);
    stranger.password = 'guess';
    const client = new pg.Client({ connectionString: stranger.href });
    await expect(client.connect()).rejects.toThrow('password authentication failed');
  });

  it('comes back with its data after kill -9', async () => {
    const postgres = await start(folder);
    await ask(postgres, `CREATE TABLE kept AS SELECT 'hồ sơ' AS value`);
    process.kill(postgres.pid(), 'SIGKILL');
    expect(await until(() => postgres.restarts() === 1, 30_000)).toBe(true);
    expect(await ask(postgres, 'SELECT value FROM kept')).toEqual(['hồ sơ']);
  });

  it('is adopted by the next start when its supervisor was killed, or moved when another port is asked for', async () => {
    const { pid, port } = await startAndKillSupervisor(folder);
    const adopted = await start(folder, port);
    expect(adopted.pid()).toBe(pid);
    await adopted.stop();

    const orphan = await startAndKillSupervisor(folder);
    const moved = await start(folder);
    expect(moved.pid()).not.toBe(orphan.pid);
    expect(portOf(moved)).not.toBe(orphan.port);
    expect(await ask(moved, 'SELECT 1 AS value')).toEqual([1]);
  });

  it.runIf(process.getuid?.() === 0)(
    'keeps its data in DATA_DIR below a folder that only root may enter',
    async () => {
      chmodSync(folder, 0o700);
      const dataDir = join(folder, 'deep', 'data');
      mkdirSync(dataDir, { recursive: true });
      const first = await start(dataDir);
      await ask(first, `CREATE TABLE kept AS SELECT generate_series(1, 1000) AS value`);
      process.kill(first.pid(), 'SIGKILL');
      await until(() => first.restarts() === 1, 30_000);
      expect(await ask(first, 'SELECT count(*)::int AS value FROM kept')).toEqual([1000]);
      await first.stop();
      expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
      expect(readFileSync(join(dataDir, 'postgres', 'PG_VERSION'), 'utf8').trim()).toBe('18');
      const again = await start(dataDir);
      expect(await ask(again, 'SELECT count(*)::int AS value FROM kept')).toEqual([1000]);
    },
  );
});
