import { spawn } from 'node:child_process';
import { closeSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { logFile, logSize, openLog, writtenSince } from './logs.ts';
import { endProcess, forgetProcess, recordedProcess, recordOf, recordProcess } from './process-table.ts';
import type { Life } from './supervise.ts';
import { LaunchError } from './trouble.ts';

/** The folder of the checkout, where every program of Motcua is started. */
export const checkout = fileURLToPath(new URL('..', import.meta.url));

/** Room for short-lived objects, in MiB; with V8's own 16 the garbage collector took a tenth of a case's CPU. */
const youngGeneration = '--max-semi-space-size=32';

const stopPatience = 15_000;
const orphanPatience = 3_000;

/** One of Motcua's own programs, run by Node. */
export interface NodeProgram {
  /** Its name in DATA_DIR/logs and in messages. */
  name: string;
  /** The TypeScript file, from the checkout's folder. */
  file: string;
  environment: NodeJS.ProcessEnv;
  dataDir: string;
  /** Milliseconds until it must have said that it is ready; 60 seconds if not given. */
  patience?: number;
}

const Ready = z.looseObject({ type: z.literal('ready') });

/**
 * Starts one of Motcua's own programs and resolves when it says `ready` (lifecycle.ts).
 *
 * Its output goes to DATA_DIR/logs. It ends by itself when this process dies.
 *
 * @throws LaunchError in one line with the last words of a program that ends, or stays silent, before it is ready
 */
export async function startNode(program: NodeProgram): Promise<Life> {
  const { name, dataDir } = program;
  const record = recordOf(dataDir, name);
  await endOrphan(dataDir, name);
  const log = openLog(dataDir, name);
  const before = logSize(dataDir, name);
  const child = spawn(process.execPath, [youngGeneration, '--import', 'tsx', program.file], {
    cwd: checkout,
    env: program.environment,
    stdio: ['ignore', log, log, 'ipc'],
    detached: true, // Ctrl-C reaches the supervisor alone, which stops its children in order
  });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const pid = child.pid;
  if (pid === undefined) throw new LaunchError(`${name} cannot be started: ${process.execPath} does not run`);
  recordProcess(record, pid);
  const stop = async () => {
    await endProcess(pid, stopPatience);
    await exited;
    forgetProcess(record);
  };

  const isReady = new Promise<'ready'>((resolve) => {
    child.on('message', (message) => {
      if (Ready.safeParse(message).success) resolve('ready');
    });
  });
  const outcome = await firstOf(program.patience ?? 60_000, isReady, exited);
  if (outcome === 'ready') return { pid, exited, stop };
  await stop();
  const words = lastWords(writtenSince(dataDir, name, before));
  const what = outcome === 'late' ? 'does not become ready' : 'stopped before it was ready';
  throw new LaunchError(`${name} ${what}${words && `: ${words}`}; its log is ${logFile(dataDir, name)}`);
}

/** Ends what a supervisor that was killed left behind under this name; it is ending by itself already. */
export async function endOrphan(dataDir: string, name: string): Promise<void> {
  const orphan = recordedProcess(recordOf(dataDir, name));
  if (orphan !== undefined) await endProcess(orphan, orphanPatience);
}

async function firstOf(
  patience: number,
  isReady: Promise<'ready'>,
  exited: Promise<void>,
): Promise<'ready' | 'late' | 'exited'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), patience);
  });
  const outcome = await Promise.race([isReady, exited.then(() => 'exited' as const), late]);
  clearTimeout(timer);
  return outcome;
}

/** The line that says why: the message of an error, wherever its stack ends, else the last line. */
function lastWords(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const error = lines.findLast((line) => /^\S*(Error|Exception)\b.*: ./.test(line));
  return (error ?? lines.findLast((line) => !/^\s+at |^Node\.js v|^[{}\]]/.test(line)) ?? '')
    .trim()
    .slice(0, 300);
}
