import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { until } from './waiting.ts';

/** Reads one column that the operating system keeps about a process; `undefined` when there is no such process. */
function ask(pid: number, column: 'stat' | 'lstart' | 'command'): string | undefined {
  try {
    return execFileSync('ps', ['-ww', '-o', `${column}=`, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return undefined;
  }
}

/** The fields of `/proc/<pid>/stat` after the program's name, which may itself hold spaces and brackets. */
function linuxStat(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined;
  }
}

/** Says whether a process runs; one that ended and only waits for its parent to notice does not. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const state = process.platform === 'linux' ? linuxStat(pid)?.[0] : ask(pid, 'stat');
  return !/^[ZX]/.test(state ?? '');
}

/** The words a process was started with, joined by blanks; `undefined` when there is no such process. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return ask(pid, 'command');
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').join(' ').trim();
  } catch {
    return undefined;
  }
}

/** When a process was born, as text that no later process with the same number shares. */
function birthOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ask(pid, 'lstart');
  const ticks = linuxStat(pid)?.[19];
  return ticks && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
}

const Identity = z.object({ pid: z.int().positive(), birth: z.string() });

/** Writes down which process this is, so that a later start finds it again, and never takes a stranger for it. */
export function recordProcess(file: string, pid: number): void {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid, birth: birthOf(pid) ?? '' }));
  renameSync(draft, file);
}

/** Gives the process that {@link recordProcess} wrote down, when that very process still runs. */
export function recordedProcess(file: string): number | undefined {
  try {
    const { pid, birth } = Identity.parse(JSON.parse(readFileSync(file, 'utf8')));
    return isRunning(pid) && birthOf(pid) === birth ? pid : undefined;
  } catch {
    return undefined; // no file, or one that a power cut left half written: nothing is known to run
  }
}

/** Where the process of that name is written down under DATA_DIR. */
export function recordOf(dataDir: string, name: string): string {
  return join(dataDir, 'pids', `${name}.json`);
}

/** Forgets a process that has ended. */
export function forgetProcess(file: string): void {
  rmSync(file, { force: true });
}

/**
 * Ends a process that this code started: by SIGTERM, then by SIGKILL when it takes too long.
 *
 * @param patience milliseconds it has for ending by itself
 */
export async function endProcess(pid: number, patience: number): Promise<void> {
  signal(pid, 'SIGTERM');
  if (await until(() => !isRunning(pid), patience, 20)) return;
  signal(pid, 'SIGKILL');
  await until(() => !isRunning(pid), 5_000, 20);
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch {
    // it ended in between
  }
}
