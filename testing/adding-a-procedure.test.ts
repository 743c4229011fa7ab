import { exec } from 'node:child_process';
import * as fs from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(exec);
const page = fs.readFileSync('docs/adding-a-procedure.md', 'utf8');
const [create = '', test = '', preview = ''] = [...page.matchAll(/^```sh\n(.+)\n```$/gm)].map(
  ([, command]) => command,
);

/** The code of the page, each block headed by the name of its file and, for all but the first, `continued`. */
const blocks = [
  ...page.matchAll(/^\*\*`([^`]+)`\*\*(, continued)?\n\n(?:<!-- .+ -->\n)?```\w+\n([\s\S]*?)^```$/gm),
].map(([, file = '', continued, code = '']) => ({ file, code, continued: continued !== undefined }));

let checkout: string;
beforeAll(async () => {
  checkout = fs.mkdtempSync(join(tmpdir(), 'motcua-newcomer-'));
  const { stdout } = await run('git ls-files --cached --others --exclude-standard -z');
  for (const file of new Set(stdout.split('\0')))
    if (file !== '' && fs.existsSync(file)) fs.cpSync(file, join(checkout, file));
  fs.symlinkSync(resolve('node_modules'), join(checkout, 'node_modules'), 'junction');
  // What was fetched once need not be fetched again; everything else of the cache is the copy's own.
  fs.mkdirSync(join(checkout, '.cache'));
  for (const name of fs.existsSync('.cache') ? fs.readdirSync('.cache') : [])
    if (name.startsWith('temporal'))
      fs.symlinkSync(resolve('.cache', name), join(checkout, '.cache', name), 'junction');
});
afterAll(() => fs.rmSync(checkout, { recursive: true, force: true }));

/** Types a command into the newcomer's terminal; gives its exit code and all that it printed. */
async function type(command: string): Promise<{ code: number; output: string }> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST$|NODE_ENV)/.test(name)),
  );
  return run(command, { cwd: checkout, env: { ...env, NO_COLOR: '1' }, timeout: 150_000 }).then(
    ({ stdout, stderr }) => ({ code: 0, output: stdout + stderr }),
    (error: { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      output: error.stdout + error.stderr,
    }),
  );
}

describe('a newcomer who follows docs/adding-a-procedure.md', () => {
  it('gets a procedure that runs from one command', async () => {
    const { code, output } = await type(create);
    expect(output).toContain('changed workflows/index.ts');
    expect(code).toBe(0);
    // The files as made are kept under another name, so that one run below tries both.
    await type('npm run new:procedure -- as-made 9.000002 "Nguyên mẫu" "As made"');
    expect(fs.readFileSync(join(checkout, 'workflows/index.ts'), 'utf8')).toMatch(/streetLight[\s\S]*asMade/);
  });

  it('is told in one line what is wrong with a command', async () => {
    const scaffold = (rest: string) => type(`npx tsx scripts/new-procedure.ts ${rest}`);
    const refused = await Promise.all([
      scaffold('street-light 9.000001 "Sửa đèn đường" "Street light repair"'),
      scaffold('"Street Light" 9.000001 "Sửa đèn đường" "Street light repair"'),
      scaffold('lamp 9-1 "Sửa đèn đường" "Street light repair"'),
      scaffold('lamp 9.000001'),
    ]);
    expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1]);
    expect(refused.map(({ output }) => output.trim().split('\n').at(-1))).toEqual([
      expect.stringContaining('workflows/street-light exists'),
      expect.stringContaining('the folder is "Street Light"; allowed:'),
      expect.stringContaining('the code is "9-1"; allowed:'),
      expect.stringContaining('four arguments are needed'),
    ]);
  });

  it('writes the code of the page and sees its test pass', async () => {
    expect(blocks.map(({ file }) => file)).toContain('workflows/street-light/procedure.ts');
    for (const { file, code, continued } of blocks) {
      const path = join(checkout, file);
      expect(fs.existsSync(dirname(path))).toBe(true);
      (continued ? fs.appendFileSync : fs.writeFileSync)(path, code);
    }
    const own = ['street-light', 'as-made'];
    const folders = own.map((name) => `workflows/${name}`).join(' ');
    const include = own.map((name) => `workflows/${name}/procedure.ts`);
    fs.writeFileSync(join(checkout, 'own.json'), JSON.stringify({ extends: './tsconfig.json', include }));
    const [stories, shape, types] = await Promise.all([
      type(`${test} workflows/as-made workflows/catalogue`),
      type(`npx prettier --check ${folders} templates/documents`),
      type('npx tsc -p own.json'),
    ]);
    expect(stories.code, stories.output).toBe(0);
    expect(stories.output).toMatch(/Test Files\s+3 passed/);
    expect(shape.code, shape.output).toBe(0);
    expect(types.code, types.output).toBe(0);
  }, 180_000);

  it('sees the document as a PDF', async () => {
    const { code, output } = await type(preview);
    expect(code, output).toBe(0);
    const [, file = ''] = /^PDF (.+)$/m.exec(output) ?? [];
    expect(fs.readFileSync(file).subarray(0, 8).toString()).toBe('%PDF-1.7');
  });
});
