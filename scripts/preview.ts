import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRenderer } from '../activities/documents/render.ts';
import { sampleRequests } from '../activities/documents/samples.ts';

/**
 * `npx tsx scripts/preview.ts documents/street-light/decision`: renders a template with the sample data beside it and
 * prints where the PDF is. Without a name it renders all. Nothing is signed.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const templates = join(root, 'templates');
const folder = join(root, '.cache', 'preview');
const wanted = process.argv[2];

const samples = sampleRequests(templates);
const requests = samples.filter(({ name, template }) => [name, template, undefined].includes(wanted));
if (requests.length === 0) {
  console.error(
    `no template "${wanted}" with a sample; there are: ${samples.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 1;
}
const renderer = createRenderer(templates);
await mkdir(folder, { recursive: true });
for (const request of requests) {
  try {
    const file = join(folder, `${request.name.replaceAll('/', '.')}.pdf`);
    await writeFile(file, await renderer.render(request));
    console.log(`PDF ${file}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
