import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TemplateVersion } from '../../records/templates.ts';
import type { ProcedureTexts } from './deliver.ts';
import { letterTitles } from './letter-titles.ts';
import { sampleRequests } from './samples.ts';

/**
 * Makes the function that gives the version of a document's template: a fingerprint of its text, of the partials that it
 * takes in and of the layout, so that it changes with whatever changes the page.
 */
export function versionOfTemplate(folder: string): (template: string) => string {
  const known = new Map<string, string>();
  const read = (path: string) => readFileSync(join(folder, path), 'utf8');
  const layout = read('layouts/document.typ');

  const textsOf = (path: string, seen: Set<string>): string[] => {
    if (seen.has(path)) return [];
    seen.add(path);
    const text = read(path);
    const partials = [...text.matchAll(/\{\{#?>\s*([\w-]+)/g)].map(([, name]) => `partials/${name}.hbs`);
    return [text, ...partials.flatMap((partial) => textsOf(partial, seen))];
  };
  return (template) => {
    let version = known.get(template);
    if (version === undefined) {
      const texts = [layout, ...textsOf(`${template}.hbs`, new Set())];
      version = createHash('sha256').update(texts.join('\0')).digest('hex').slice(0, 16);
      known.set(template, version);
    }
    return version;
  };
}

/** Lists the templates of documents and letters below a folder, with what each is called. */
export function documentTemplates(
  folder: string,
  procedures: ReadonlyMap<string, Pick<ProcedureTexts, 'documents'>>,
): TemplateVersion[] {
  const versionOf = versionOfTemplate(folder);
  const results = [...procedures.values()].flatMap(({ documents }) => Object.values(documents));
  const titles = new Map<string, TemplateVersion['title']>([
    ...Object.entries(letterTitles).map(([name, title]) => [`letters/${name}`, title] as const),
    ...results.map(({ template, title }) => [`documents/${template}`, title] as const),
  ]);
  const names = new Set(sampleRequests(folder).map(({ template }) => template));
  return [...names].map((name) => ({
    name,
    version: versionOf(name),
    title: titles.get(name) ?? { vi: name, en: name },
  }));
}
