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

/** A process and all its descendants, without those below one of the other processes that are measured. */
function tree(root: number, others: readonly number[]): number[] {
  const parents = new Map(
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map((name) => [Number(name), account(Number(name))?.parent] as const),
  );
  const below = (pid: number): number[] =>
    [...parents]
      .filter(([child, parent]) => parent === pid && !others.includes(child))
      .flatMap(([child]) => [child, ...below(child)]);
  return [root, ...below(root)];
}

/** Sums a measure of each named process over the process and its descendants. */
function sumOf<Name extends string>(
  pids: Record<Name, number>,
  measure: (pid: number) => number,
): Record<Name, number> {
  const names = Object.keys(pids) as Name[];
  const all = Object.values<number>(pids);
  const sums = names.map((name) => {
    const others = all.filter((pid) => pid !== pids[name]);
    return [name, tree(pids[name], others).reduce((sum, pid) => sum + measure(pid), 0)] as const;
  });
  return Object.fromEntries(sums) as Record<Name, number>;
}

/** Resident memory of named processes, with their descendants, in MB; pages that several share are shared out. */
export function memoryOf<Name extends string>(pids: Record<Name, number>): Record<Name, number> {
  return sumOf(pids, proportionalMb);
}

function proportionalMb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Math.round(Number(/^Pss:\s+(\d+)/m.exec(rollup)?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** Measures what named processes, with their descendants, use while some work is done, in CPU milliseconds (Linux). */
export async function cpuOf<Name extends string>(
  pids: Record<Name, number>,
  work: () => Promise<void>,
): Promise<Record<Name, number>> {
  const cpu = (pid: number) => account(pid)?.cpuMs ?? 0;
  const before = sumOf(pids, cpu);
  await work();
  const after = sumOf(pids, cpu);
  const names = Object.keys(pids) as Name[];
  return Object.fromEntries(names.map((name) => [name, after[name] - before[name]])) as Record<Name, number>;
}
