import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../samples/', import.meta.url));

/** The answers of the sample applications, by the id of their procedure. */
export function readSamples(): ReadonlyMap<string, unknown> {
  const applications = readdirSync(folder, { withFileTypes: true })
    .map((entry) => `${folder}${entry.name}/application.json`)
    .filter((file) => existsSync(file))
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as { procedure: string; answers: unknown });
  return new Map(applications.map(({ procedure, answers }) => [procedure, answers]));
}
