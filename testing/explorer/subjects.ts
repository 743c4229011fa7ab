import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createRenderer } from '../../activities/documents/render.ts';
import { sampleRequests } from '../../activities/documents/samples.ts';
import { sampleCity } from '../../embedded/samples.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import type { Course, Subject } from '../../workflows/lint.ts';
import { dryRun } from './dry-run.ts';
import { openSandbox } from './sdk.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const templatesFolder = join(root, 'templates');

/** Files below a folder that end so, by their path in it without that ending. */
function filesBelow(folder: string, ending: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith(ending),
  );
  return Object.fromEntries(
    files.map((file) => [
      file.slice(0, -ending.length).replaceAll('\\', '/'),
      readFileSync(join(folder, file), 'utf8'),
    ]),
  );
}

/** The folder of a procedure, which is that of its templates. */
function folderOf(id: string, { documents }: Procedure): string {
  const [first] = Object.values(documents);
  return first?.template.split('/', 1)[0] ?? id.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Source of a procedure's stories and forms, without its tests, and of the forms that it shares with others. */
function sourceOf(folder: string): string {
  const own = Object.entries(filesBelow(join(root, 'workflows', folder), '.ts'))
    .filter(([file]) => !file.endsWith('.test'))
    .map(([, text]) => text)
    .join('\n');
  const shared = [...own.matchAll(/from '\.\.\/(forms\/[\w-]+\.ts)'/g)].map(([, file]) =>
    readFileSync(join(root, 'workflows', file ?? ''), 'utf8'),
  );
  return [own, ...new Set(shared)].join('\n');
}

/** The templates among these whose sample data renders. */
async function renderedAmong(names: ReadonlySet<string>): Promise<Set<string>> {
  const renderer = createRenderer(templatesFolder);
  const rendered = new Set<string>();
  for (const request of sampleRequests(templatesFolder)) {
    const name = request.template.replace(/^documents\//, '');
    const whole = names.has(name) && (await renderer.render(request).then(Boolean, () => false));
    if (whole) rendered.add(name);
  }
  return rendered;
}

/**
 * Prepares procedures for the rules of workflows/lint.ts.
 *
 * @param code of the bundle that holds them
 * @param runs how many courses are tried of each
 * @param chosen ids of those that are prepared; all without it
 */
export async function subjectsOf(
  code: string,
  procedures: ReadonlyMap<string, Procedure>,
  runs: number,
  chosen: readonly string[] = [...procedures.keys()],
): Promise<Map<string, Subject>> {
  const sandbox = await openSandbox(code);
  const templates = filesBelow(join(templatesFolder, 'documents'), '.hbs');
  const consulted = new Set(sampleCity().consultations.map(({ consultation }) => consultation));
  const wanted = [...procedures.values()].flatMap(({ documents }) =>
    Object.values(documents).map(({ template }) => template),
  );
  const rendered = await renderedAmong(new Set(wanted));
  const subjects = new Map<string, Subject>();
  for (const id of chosen) {
    const procedure = procedures.get(id)!;
    const courses: Course[] = [];
    for (let seed = 0; seed < runs; seed++) {
      const course = await dryRun(sandbox, id, procedure, seed);
      if (course) courses.push(course);
    }
    // What its members say is read by the campaign that decides of them.
    const leading = [...procedures].filter(([, { campaign }]) => campaign?.of === procedure.code);
    const folders = [[id, procedure] as const, ...leading].map((each) => folderOf(...each));
    const source = [...new Set(folders)].map(sourceOf).join('\n');
    subjects.set(id, { procedure, courses, source, templates, rendered, consulted });
  }
  return subjects;
}
