import { fileURLToPath } from 'node:url';
import { bundleWorkflows } from '../bundle.ts';
import type { Procedure, ProcedureWorkflow } from '../workflows/engine/procedure.ts';
import { createTestDatabase, type TestDatabase } from './database.ts';
import { openWorld, type World } from './world.ts';

/** A file of this folder, and the procedures that it exports. */
export interface OwnProcedures {
  file: string;
  exported: Readonly<Record<string, ProcedureWorkflow>>;
}

/** Bundles the procedures of a file for tests; gives them by their names. */
export async function ownProcedures({
  file,
  exported,
}: OwnProcedures): Promise<{ bundle: string; procedures: ReadonlyMap<string, Procedure> }> {
  const module = fileURLToPath(new URL(file, import.meta.url));
  const procedures = new Map(Object.entries(exported).map(([name, { procedure }]) => [name, procedure]));
  return { bundle: await bundleWorkflows(module, [module]), procedures };
}

/** Prepares worlds of a file's procedures over one database: one may be closed and the next opened, as after a loss of Temporal. */
export async function reopenableWorld(
  own: OwnProcedures,
): Promise<{ database: TestDatabase; open: () => Promise<World> }> {
  const [prepared, database] = await Promise.all([ownProcedures(own), createTestDatabase()]);
  return { database, open: () => openWorld({ database, ...prepared }) };
}
