import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config.ts';
import { LaunchError } from './trouble.ts';

/**
 * Finds the stores of the embedded installation that runs in DATA_DIR, for a program that looks at it from outside; what
 * the environment names goes before.
 *
 * @throws LaunchError when neither names them
 */
export async function attach(config: Config): Promise<NodeJS.ProcessEnv> {
  const { dataDir } = config;
  const read = (...path: string[]) => readFile(join(dataDir, ...path), 'utf8').catch(() => undefined);
  const [password, masterKey, pid] = await Promise.all([
    read('keys', 'postgres'),
    read('keys', 'master'),
    read('postgres', 'postmaster.pid'),
  ]);
  // The fourth line of PostgreSQL's own file is the port on which it listens.
  const port = pid?.split('\n')[3];
  const databaseUrl =
    config.DATABASE_URL ??
    (password && port ? `postgres://motcua:${password.trim()}@127.0.0.1:${port}/motcua` : undefined);
  const key = config.MASTER_KEY ?? masterKey?.trim();
  if (!databaseUrl || !key)
    throw new LaunchError(
      `Nothing runs in ${dataDir}: start Motcua, or set TEMPORAL_ADDRESS, DATABASE_URL and MASTER_KEY`,
    );
  return {
    ...process.env,
    DATABASE_URL: databaseUrl,
    MASTER_KEY: key,
    TEMPORAL_ADDRESS: config.TEMPORAL_ADDRESS ?? `127.0.0.1:${config.TEMPORAL_PORT}`,
  };
}
