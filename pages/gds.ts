import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import nunjucks from 'nunjucks';

const resolve = createRequire(import.meta.url).resolve;
/** Where the packages keep their components. */
export const govuk = dirname(resolve('govuk-frontend/dist/govuk/all.mjs'));
export const moj = join(dirname(resolve('@ministryofjustice/frontend/package.json')), 'moj');

const environment = new nunjucks.Environment(
  [new nunjucks.FileSystemLoader(dirname(govuk)), new nunjucks.FileSystemLoader(dirname(moj))],
  { autoescape: true, trimBlocks: true, lstripBlocks: true },
);

type Macro = (params: Record<string, unknown>) => { toString(): string };
/** What the types of nunjucks leave out. */
interface Exporting {
  getExported(done: (error: Error | null, exported: Record<string, Macro> | undefined) => void): void;
}
const macros = new Map<string, Macro>();

/**
 * Renders a component of govuk-frontend, or of MOJ frontend for names that begin with `moj-`, by the package's own macro.
 *
 * @param name as its folder is called, for example `error-summary` or `moj-timeline`
 * @param params see the component's macro-options.json; `html` in them is not escaped, everything else is
 * @throws Error for an unknown component
 */
export function component(name: string, params: Record<string, unknown>): string {
  let macro = macros.get(name);
  if (!macro) macros.set(name, (macro = load(name)));
  return macro(params).toString();
}

function load(name: string): Macro {
  const own = name.replace(/^moj-/, '');
  const [folder, prefix] = own === name ? ['govuk', 'govuk'] : ['moj', 'moj'];
  const called = `${prefix}-${own}`.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  const template = environment.getTemplate(`${folder}/components/${own}/macro.njk`);
  let found: Macro | undefined;
  // The macro of a component comes from its template once: loading it anew for each use takes most of the time.
  (template as unknown as Exporting).getExported((error, exported) => {
    if (error) throw error;
    found = exported?.[called];
  });
  if (!found) throw new Error(`There is no component ${name}`);
  return found;
}
