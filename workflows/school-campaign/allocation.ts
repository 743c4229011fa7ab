import type { Placement } from '../engine/index.ts';
import { explain } from './explanation.ts';
import { place, type Problem } from './placing.ts';

/** Decides who gets a place and says to each child why; the same problem has the same answer to the byte. */
export function allocate(problem: Problem): Placement[] {
  return explain(problem, place(problem)).sort((a, b) => (a.id < b.id ? -1 : 1));
}
