import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { verify } from '../../records/signatures.ts';
import { installed, run, work } from './tools.ts';

/** What a validator says of each file: `accepted`, or why not. */
export type Verdicts = Map<string, string>;

/** Validators that are not ours, and our own, by what they are asked. */
export const validators: Record<string, (files: string[], root: string) => Promise<Verdicts>> = {
  'PDF/A-3a': (files) => verapdf('3a', files),
  'PDF/UA-1': (files) => verapdf('ua1', files),
  'DSS: LTA': dss,
  'pyHanko: LTA': pyhanko,
  pdfsig,
  qpdf: (files) =>
    each(files, async (file) => ((await exitOf('qpdf', ['--check', file])) === 0 ? 'accepted' : 'damaged')),
  'QR code': (files) => each(files, qrCode),
  ours: (files, root) => each(files, (file) => ours(file, root)),
};

async function verapdf(flavour: string, files: string[]): Promise<Verdicts> {
  const program = ['-cp', installed.verapdf, 'org.verapdf.apps.GreenfieldCliWrapper'];
  const { stdout } = await anyExit('java', [...program, '-f', flavour, '--format', 'text', ...files]);
  const passed = new Set([...stdout.matchAll(/^PASS (.+) \S+$/gm)].map(([, file]) => file));
  return new Map(files.map((file) => [file, passed.has(file) ? 'accepted' : `not ${flavour}`]));
}

/** EU DSS, offline: every signature must be PAdES-BASELINE-LTA and TOTAL_PASSED, without a warning. */
async function dss(files: string[], root: string): Promise<Verdicts> {
  const program = ['-cp', join(installed.dss, '*'), installed.dssProgram];
  const { stdout } = await anyExit('java', [...program, root, ...files]);
  const perfect = ['PAdES-BASELINE-LTA', 'TOTAL_PASSED'].join('\t');
  return judge(files, stdout, (said) => said === perfect);
}

/** pyHanko, with what the files hold as the only revocation data; its difference analysis looks at every later revision. */
async function pyhanko(files: string[], root: string): Promise<Verdicts> {
  const { stdout } = await anyExit(installed.python, [installed.pyhankoProgram, root, ...files]);
  return judge(files, stdout, (said) => /^AdESPassed\.OK\t(NONE|LTA_UPDATES|FORM_FILLING)$/.test(said));
}

/** Reads lines of a path and what was said of one of its signatures; a file of ours has two. */
function judge(files: string[], stdout: string, good: (said: string) => boolean): Verdicts {
  const lines = stdout.split('\n').map((line) => /^([^\t]+)\t(.+)$/.exec(line) ?? []);
  return new Map(
    files.map((file) => {
      const said = lines.flatMap(([, path, words = '']) => (path === file ? [words] : []));
      const bad = said.find((words) => !good(words));
      if (bad !== undefined) return [file, bad.replaceAll('\t', ' · ')];
      return [file, said.length === 2 ? 'accepted' : `${said.length} signatures`];
    }),
  );
}

async function pdfsig(files: string[], root: string): Promise<Verdicts> {
  const nss = await trust(root);
  return each(files, async (file) => {
    const { stdout } = await anyExit('pdfsig', ['-no-ocsp', '-nssdir', nss, file]);
    const signatures = stdout.split(/^Signature #\d+:$/m).slice(1);
    const regular = signatures.filter((each) => each.includes('ETSI.CAdES.detached'));
    const good = regular.filter((each) => /Signature is Valid[^]*Certificate is Trusted/.test(each));
    return regular.length === 2 && good.length === 2 ? 'accepted' : `${good.length} valid and trusted`;
  });
}

/** An NSS database that trusts a root certificate, as pdfsig wants it. */
async function trust(root: string): Promise<string> {
  const folder = join(work, 'nss');
  await mkdir(folder);
  const database = `sql:${folder}`;
  await run('certutil', ['-N', '-d', database, '--empty-password']);
  await run('certutil', ['-A', '-d', database, '-n', 'motcua', '-t', 'CT,C,C', '-i', root]);
  return database;
}

/** What a camera would read: pictures of the pages, and in one of them the address of verification with a statement. */
async function qrCode(file: string): Promise<string> {
  const pictures = await mkdtemp(join(work, 'pages-'));
  await anyExit('pdftoppm', ['-r', '150', '-gray', '-png', file, join(pictures, 'page')]);
  const pages = (await readdir(pictures)).map((name) => join(pictures, name));
  const { stdout } = await run(installed.python, [installed.qrProgram, ...pages]);
  await rm(pictures, { recursive: true });
  return /\/verify\/[0-9a-f-]{36}#[\w.-]{300}/.test(stdout) ? 'accepted' : 'no statement';
}

async function ours(file: string, root: string): Promise<string> {
  const [pdf, anchor] = await Promise.all([readFile(file), readFile(root, 'utf8')]);
  const signatures = verify(pdf, [anchor]);
  const count = (kind: string) => signatures.filter((each) => each.kind === kind).length;
  const bad = signatures.find(({ valid, trusted, added }) => !valid || !trusted || added === 'changes');
  if (bad) return `the ${bad.kind} of ${bad.name ?? bad.certificateSubject} is not good`;
  return count('signature') === 2 && count('timestamp') > 0 ? 'accepted' : `${signatures.length} signatures`;
}

async function each(files: string[], ask: (file: string) => Promise<string>): Promise<Verdicts> {
  const verdicts: Verdicts = new Map();
  for (const file of files) verdicts.set(file, await ask(file));
  return verdicts;
}

const anyExit = (command: string, args: string[]): Promise<{ stdout: string }> =>
  run(command, args, { maxBuffer: 1 << 26 }).catch((error: unknown) => error as { stdout: string });

const exitOf = (command: string, args: string[]): Promise<number> =>
  run(command, args).then(
    () => 0,
    (error: { code: number }) => error.code,
  );
