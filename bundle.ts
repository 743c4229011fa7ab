import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode } from '@temporalio/worker';

const { resolve } = createRequire(import.meta.url);
const root = fileURLToPath(new URL('./', import.meta.url));
const workflows = join(root, 'workflows');
const failureConverterPath = join(root, 'codec', 'failure-converter.ts');

/** The modules of the editions: evaluated once a worker, as they hold no state, not once a case. */
function procedureModules(): string[] {
  return readdirSync(workflows, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[^/\\]+[/\\](procedure|edition-\d+)\.ts$/.test(file))
    .filter((file) => !/^(engine|jobs)[/\\]/.test(file))
    .map((file) => join(workflows, file));
}

/**
 * Bundles workflows for Temporal's sandbox: workflows/all.ts, or another catalogue in tests.
 *
 * @param errors `clear` leaves the messages of errors readable, for a replay, whose errors leave no process
 */
export async function bundleWorkflows(
  catalogue = join(workflows, 'all.ts'),
  procedures = procedureModules(),
  errors: 'encrypted' | 'clear' = 'encrypted',
): Promise<string> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: catalogue,
    ...(errors === 'encrypted' ? { failureConverterPath } : {}),
    preloadModules: [resolve('zod'), ...procedures],
    logger: { log() {}, trace() {}, debug() {}, info() {}, warn() {}, error: console.error },
  });
  return code;
}

/** Digest of everything that a bundle of the catalogue is made of. */
function sourceDigest(): string {
  const sources = readdirSync(workflows, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .sort()
    .map((file) => join(workflows, file));
  const hash = createHash('sha256');
  for (const file of [
    ...sources,
    failureConverterPath,
    fileURLToPath(import.meta.url),
    join(root, 'package-lock.json'),
  ])
    hash.update(file).update(readFileSync(file));
  return hash.digest('hex').slice(0, 32);
}

/** Gives the file with the bundle of the catalogue; made once for each state of the sources, as it takes seconds. */
export async function cachedBundle(folder: string): Promise<string> {
  const file = join(folder, `workflows-${sourceDigest()}.js`);
  if (existsSync(file)) return file;
  const code = await bundleWorkflows();
  await mkdir(folder, { recursive: true });
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, code);
  await rename(draft, file);
  return file;
}
