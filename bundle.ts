import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, type WorkflowBundleWithSourceMap } from '@temporalio/worker';

const { resolve } = createRequire(import.meta.url);
const workflows = fileURLToPath(new URL('./workflows/', import.meta.url));

/** The modules of the procedures: evaluated once a worker, as they hold no state, not once a case. */
function procedureModules(): string[] {
  return readdirSync(workflows, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && entry.name !== 'engine')
    .map((entry) => `${workflows}${entry.name}/procedure.ts`);
}

/** Bundles the catalogue for Temporal's sandbox, from workflows/index.ts or another catalogue in tests. */
export function bundleWorkflows(
  catalogue = `${workflows}index.ts`,
  procedures = procedureModules(),
): Promise<WorkflowBundleWithSourceMap> {
  return bundleWorkflowCode({
    workflowsPath: catalogue,
    failureConverterPath: resolve('./codec/failure-converter.ts'),
    preloadModules: [resolve('zod'), ...procedures],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
}
