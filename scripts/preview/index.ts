import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRenderer } from '../../activities/documents/render.ts';
import { sampleRequests } from '../../activities/documents/samples.ts';
import { servePreview } from './server.ts';

/**
 * `npm run preview -- documents/street-light/decision`: renders a template with the sample data beside it and prints where
 * the PDF is; without a name it renders all. With `--watch` a page shows the document, or what is wrong with it, and
 * follows every change of a template or its sample. Nothing is signed.
 */

const root = fileURLToPath(new URL('../..', import.meta.url));
const templates = join(root, 'templates');
const folder = join(root, '.cache', 'preview');
const watch = process.argv.includes('--watch');
const [wanted] = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));

const samples = sampleRequests(templates);
const requests = samples.filter(({ name, template }) => [name, template, undefined].includes(wanted));
if (requests.length === 0) {
  console.error(
    `no template "${wanted}" with a sample; there are: ${samples.map(({ name }) => name).join(', ')}`,
  );
  process.exitCode = 1;
} else if (watch) {
  const { url } = await servePreview(templates, requests[0]!.name);
  console.log(`Watching. Open ${url} · Ctrl-C ends.`);
} else await renderAll();

async function renderAll(): Promise<void> {
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
}
