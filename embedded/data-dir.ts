import { chmodSync, linkSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { forgetProcess, recordedProcess, recordProcess } from './process-table.ts';
import { LaunchError } from './trouble.ts';

/** The exclusive use of a DATA_DIR by one supervisor. */
export interface Hold {
  /** Whether the last supervisor of this folder was killed, or the power failed. */
  unclean: boolean;
  /**
   * Gives the folder back.
   *
   * @param clean everything ran and was stopped in order; else the next start still takes the last stop for unclean
   */
  release(clean: boolean): void;
}

/**
 * Makes DATA_DIR and takes it for this process alone; what a killed process held is taken over.
 *
 * @throws LaunchError in one line when the folder cannot be written or another supervisor works on it
 */
export function holdDataDir(dataDir: string): Hold {
  const [lock, marker] = [join(dataDir, 'lock.json'), join(dataDir, 'not-stopped-cleanly')];
  try {
    const made = mkdirSync(dataDir, { recursive: true });
    // As root, PostgreSQL's unprivileged user passes through this folder; what lies in it stays closed to others.
    if (made) chmodSync(dataDir, process.getuid?.() === 0 ? 0o711 : 0o700);
    takeLock(lock, dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new LaunchError(
      `DATA_DIR ${dataDir} cannot be written (${code}); set DATA_DIR to a folder that you may write`,
    );
  }
  const unclean = !isNew(marker);
  return {
    unclean,
    release: (clean) => {
      if (clean || !unclean) rmSync(marker, { force: true });
      forgetProcess(lock);
    },
  };
}

function takeLock(lock: string, dataDir: string): void {
  const [draft, aside] = [`${lock}.${process.pid}.new`, `${lock}.${process.pid}.old`];
  recordProcess(draft, process.pid);
  try {
    while (!linked(draft, lock)) {
      expectNobody(lock, dataDir);
      // Two starts may both find a dead holder; who moves the file away looks again at what he moved.
      renameSync(lock, aside);
      try {
        expectNobody(aside, dataDir);
      } catch (error) {
        linked(aside, lock);
        throw error;
      } finally {
        rmSync(aside, { force: true });
      }
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

function expectNobody(lock: string, dataDir: string): void {
  const holder = recordedProcess(lock);
  if (holder === undefined) return;
  throw new LaunchError(
    `Motcua already runs on ${dataDir} (process ${holder}); stop it first, or set DATA_DIR and the ports for a second copy`,
  );
}

/** Gives a finished file its final name, unless that name is taken: nobody ever reads half a lock. */
function linked(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isNew(file: string): boolean {
  try {
    writeFileSync(file, 'Removed when everything was stopped in order.\n', { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}
