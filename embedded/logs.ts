import { mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';

const large = 20 * 1024 * 1024;

/** Where the output of a process goes: DATA_DIR/logs/<name>.log. */
export function logFile(dataDir: string, name: string): string {
  return join(dataDir, 'logs', `${name}.log`);
}

/** Opens a process's log for appending; one above 20 MB is set aside as `<name>.log.1` first. */
export function openLog(dataDir: string, name: string): number {
  const file = logFile(dataDir, name);
  mkdirSync(join(dataDir, 'logs'), { recursive: true });
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > large) renameSync(file, `${file}.1`);
  return openSync(file, 'a', 0o600);
}

/** What a process wrote since its log had that size, in bytes; at most the last 4000 characters. */
export function writtenSince(dataDir: string, name: string, size: number): string {
  try {
    return readFileSync(logFile(dataDir, name)).subarray(size).toString('utf8').slice(-4000);
  } catch {
    return '';
  }
}

/** How large a process's log is, in bytes. */
export function logSize(dataDir: string, name: string): number {
  return statSync(logFile(dataDir, name), { throwIfNoEntry: false })?.size ?? 0;
}
