import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { textOf } from '../../activities/documents/pdf-text.ts';
import { servePreview } from './server.ts';

let templates: string;
let preview: Awaited<ReturnType<typeof servePreview>>;
beforeAll(async () => {
  templates = await mkdtemp(join(tmpdir(), 'motcua-preview-'));
  await cp(fileURLToPath(new URL('../../templates/', import.meta.url)), templates, { recursive: true });
  preview = await servePreview(templates, 'letters/form-01');
});
afterAll(async () => {
  await preview.close();
  await rm(templates, { recursive: true, force: true });
});

const document = (name = 'letters/form-01') =>
  fetch(`${preview.url}/document.pdf?name=${encodeURIComponent(name)}`);

/** Waits until the page would be told of a change that is made meanwhile. */
async function changed(make: () => Promise<void>): Promise<void> {
  const { body } = await fetch(`${preview.url}/changes`);
  const reader = body!.getReader();
  await make();
  await reader.read();
  await reader.cancel();
}

test('the page shows the template, leads to the others and asks for nothing elsewhere', async () => {
  const html = await (await fetch(preview.url)).text();
  expect(html).toContain('<option selected>letters/form-01</option>');
  expect(html).toContain('<option>documents/construction-permit/permit</option>');
  expect(html).not.toMatch(/https?:/);
  expect((await fetch(`${preview.url}/?name=%22%3Cscript%3E`)).status).toBe(200);
  expect(await (await fetch(`${preview.url}/?name=%22%3Cscript%3E`)).text()).not.toContain('"<script>');
});

test('a change is shown at once; a mistake is told with file and line, and its mending shows the document again', async () => {
  const file = join(templates, 'letters', 'form-01.hbs');
  const source = await readFile(file, 'utf8');
  await changed(() => writeFile(file, `${source}<p>Một câu mới.</p>`));
  const shown = await document();
  expect(shown.headers.get('content-type')).toBe('application/pdf');
  expect(await textOf(new Uint8Array(await shown.arrayBuffer()))).toContain('Một câu mới.');

  await changed(() => writeFile(file, `<p>\n{{case.nothing}}</p>\n${source}`));
  const refused = await document();
  expect(refused.status).toBe(422);
  expect(await refused.text()).toBe('letters/form-01.hbs: line 2: “nothing” is missing in the data');

  await changed(() => writeFile(file, source));
  expect((await document()).status).toBe(200);
});

test('what is no sample is not there', async () => {
  expect((await document('../../etc/passwd')).status).toBe(404);
});
