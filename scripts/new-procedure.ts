import { existsSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as prettier from 'prettier';
import { systemClock } from '../clock.ts';
import { scaffold, type NewProcedure } from './new-procedure/scaffold.ts';

/**
 * `npm run new:procedure -- street-light 9.000001 "Sửa đèn đường" "Street light repair"`: makes a small procedure that
 * runs, with its test, its document and its line in the catalogue. Changes nothing that exists, except that line.
 */

const root = fileURLToPath(new URL('..', import.meta.url));
const catalogue = 'workflows/index.ts';
const usage = 'npm run new:procedure -- <folder> <code> "<tên tiếng Việt>" "<English title>"';

/** Thrown when the procedure cannot be made as asked; its message is one line that says what to change. */
class ScaffoldError extends Error {}

const camelCase = (kebab: string) =>
  kebab.replaceAll(/-(\w)/g, (_dash, letter: string) => letter.toUpperCase());

/** Local date of Vietnam, which keeps +07:00 all year. */
const today = () => new Date(systemClock.now().getTime() + 7 * 3_600_000).toISOString().slice(0, 10);

function readArguments(given: string[]): NewProcedure {
  const [folder = '', code = '', vi = '', en = ''] = given.map((argument) =>
    argument.trim().normalize('NFC'),
  );
  if (given.length !== 4) throw new ScaffoldError(`four arguments are needed: ${usage}`);
  if (!/^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$/.test(folder) || folder.length > 50)
    throw new ScaffoldError(
      `the folder is "${folder}"; allowed: words of lower-case letters joined by hyphens, for example street-light`,
    );
  if (folder === 'engine')
    throw new ScaffoldError('the folder is "engine", which is taken; choose another folder');
  if (!/^\d\.\d{6}$/.test(code))
    throw new ScaffoldError(
      `the code is "${code}"; allowed: the code of the national database, for example 1.013225`,
    );
  for (const [language, title] of Object.entries({ Vietnamese: vi, English: en }))
    if (!/^[^\p{Cc}]{1,200}$/u.test(title))
      throw new ScaffoldError(
        `the ${language} title is "${title}"; allowed: 1 to 200 characters on one line`,
      );
  return { folder, id: camelCase(folder), code, title: { vi, en }, effectiveFrom: today() };
}

/** The names under which the catalogue exports its editions. */
const exportedNames = (source: string) =>
  [...source.matchAll(/export \{([^}]*)\}/g)].flatMap(([, names = '']) =>
    names.split(',').map((name) =>
      name
        .trim()
        .split(/\s+as\s+/)
        .at(-1),
    ),
  );

async function expectNew({ folder, id }: NewProcedure): Promise<void> {
  for (const path of [`workflows/${folder}`, `templates/documents/${folder}`])
    if (existsSync(join(root, path)))
      throw new ScaffoldError(`${path} exists; choose another folder or remove that one`);
  if (exportedNames(await readFile(join(root, catalogue), 'utf8')).includes(id))
    throw new ScaffoldError(`${catalogue} exports "${id}" already; choose another folder`);
}

/** Gives every file its final shape before any is written. */
async function format(files: Record<string, string>, { id }: NewProcedure): Promise<[string, string][]> {
  const shape = async (file: string, text: string) =>
    extname(file) === '.hbs'
      ? text
      : prettier.format(text, { ...(await prettier.resolveConfig(join(root, file))), filepath: file });
  try {
    const shaped = Object.entries(files).map(
      async ([file, text]) => [file, await shape(file, text)] as [string, string],
    );
    return await Promise.all(shaped);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new ScaffoldError(`"${id}" is a word of TypeScript's own; choose another folder`);
  }
}

async function write(file: string, text: string): Promise<void> {
  const path = join(root, file);
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text, { flag: 'wx' });
  console.log(`made    ${file}`);
}

try {
  const procedure = readArguments(process.argv.slice(2));
  await expectNew(procedure);
  for (const [file, text] of await format(scaffold(procedure), procedure)) await write(file, text);
  await appendFile(
    join(root, catalogue),
    `export { ${procedure.id} } from './${procedure.folder}/procedure.ts';\n`,
  );
  console.log(`changed ${catalogue}`);
  console.log(`next    npx vitest run workflows/${procedure.folder}, then docs/adding-a-procedure.md`);
} catch (error) {
  if (!(error instanceof ScaffoldError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
