import { cpus, loadavg, totalmem } from 'node:os';

/** What a benchmark prints beside its name and the machine. */
export type Figures = Record<string, unknown>;

/** Rounds a figure for reading. */
export const round = (value: number, digits = 1): number => Number(value.toFixed(digits));

/** The value that so many percent of the measurements do not exceed, in the unit of the measurements. */
export function percentile(measured: readonly number[], percent: number): number {
  const sorted = [...measured].sort((a, b) => a - b);
  const index = Math.ceil((percent / 100) * sorted.length) - 1;
  return round(sorted[Math.max(0, index)] ?? NaN, 2);
}

/** The machine on which the figures were taken; `load` is the average number of busy threads of the last minute. */
export function machine(): Record<string, unknown> {
  const [cpu] = cpus();
  return {
    cpu: cpu?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: round(totalmem() / 2 ** 30),
    node: process.version,
    load: round(loadavg()[0] ?? 0),
    date: new Date().toISOString().slice(0, 10),
  };
}
