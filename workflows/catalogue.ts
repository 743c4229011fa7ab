import * as editions from './index.ts';
import type { Procedure } from './engine/procedure.ts';

/** Every edition by its id, which is its export name in workflows/index.ts. */
export const procedures: ReadonlyMap<string, Procedure> = new Map(
  Object.entries(editions).map(([id, workflow]) => [id, workflow.procedure]),
);
