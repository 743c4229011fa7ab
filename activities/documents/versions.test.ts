import { appendFile, cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { procedures } from '../../workflows/catalogue.ts';
import { documentTemplates, versionOfTemplate } from './versions.ts';

const templates = fileURLToPath(new URL('../../templates/', import.meta.url));

test('a template has another version when its text, a partial or the layout changes, and no other does', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'motcua-versions-'));
  await cp(templates, folder, { recursive: true });
  const versions = () => ['letters/form-01', 'letters/form-07'].map(versionOfTemplate(folder));
  const [slip, register] = versions();
  await appendFile(join(folder, 'letters/form-01.hbs'), '<p>Mới</p>');
  const [changed] = versions();
  expect(changed).not.toBe(slip);
  await appendFile(join(folder, 'partials/papers-table.hbs'), '<p>Mới</p>');
  expect(versions()[0]).not.toBe(changed);
  expect(versions()[1]).toBe(register);
  await appendFile(join(folder, 'layouts/document.typ'), '\n');
  expect(versions()[1]).not.toBe(register);
  await rm(folder, { recursive: true });
});

test('every template is called something', () => {
  const unnamed = documentTemplates(templates, procedures).filter(({ name, title }) => title.vi === name);
  expect(unnamed).toEqual([]);
});
