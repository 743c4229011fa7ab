import { readdirSync, readFileSync } from 'node:fs';

/** Milliseconds of a tick of the kernel's CPU accounts; USER_HZ is 100 on every Linux that Node runs on. */
const tickMs = 10;

interface Account {
  parent: number;
  /** User and system time of the process and of its children that have ended, in milliseconds. */
  cpuMs: number;
}

function account(pid: number): Account | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name before the last bracket may itself hold blanks; utime to cstime are the 14th to 17th field.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
    return { parent: Number(fields[1]), cpuMs: ticks * tickMs };
  } catch {
    return undefined;
  }
}

/** A process and all its descendants. */
function tree(root: number): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), account(Number(name))?.parent] as const),
  );
  const below = (pid: number): number[] =>
    [...parents].filter(([, parent]) => parent === pid).flatMap(([child]) => [child, ...below(child)]);
  return [root, ...below(root)];
}

/** CPU milliseconds that a process, its descendants and those that have ended used since their start (Linux). */
export function cpuMs(root: number): number {
  return tree(root).reduce((sum, pid) => sum + (account(pid)?.cpuMs ?? 0), 0);
}

/** Resident memory of a process and its descendants in MB; shared pages count once, by the kernel's proportional share. */
export function memoryMb(root: number): number {
  const kilobytes = tree(root).reduce((sum, pid) => sum + proportionalKb(pid), 0);
  return Math.round(kilobytes / 1024);
}

function proportionalKb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Measures what named processes use while some work is done, in CPU milliseconds. */
export async function cpuOf<Name extends string>(
  pids: Record<Name, number>,
  work: () => Promise<void>,
): Promise<Record<Name, number>> {
  const names = Object.keys(pids) as Name[];
  const before = names.map((name) => cpuMs(pids[name]));
  await work();
  const used = names.map((name, index) => [name, cpuMs(pids[name]) - (before[index] ?? 0)] as const);
  return Object.fromEntries(used) as Record<Name, number>;
}
