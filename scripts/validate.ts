import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { openKeystore } from '../activities/documents/keystore.ts';
import { createRenderer } from '../activities/documents/render.ts';
import { sampleRequests } from '../activities/documents/samples.ts';
import { sign } from '../activities/documents/sign.ts';
import { systemClock } from '../clock.ts';
import { preparePki } from '../embedded/pki.ts';
import { verify } from '../records/signatures.ts';

/**
 * Renders and signs every template with its sample data and lets validators that are not ours judge the results:
 * veraPDF (PDF/A-3a, PDF/UA-1), poppler's pdfsig with our root trusted, qpdf. Then breaks one byte of each and expects
 * a refusal. Prints a table; exits 1 when a verdict is not the expected one.
 */

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const cache = join(root, '.cache');
const work = join(cache, 'validate');
const verapdf = {
  artifact: 'org.verapdf.apps:cli:1.30.2',
  jar: join(cache, 'verapdf', 'cli-1.30.2.jar'),
  sha256: '287cc9c9757f99dcff4a2d39b68268245b48103fb6af443162d5a29df2afa332',
};
const debianPackages: Record<string, string> = {
  java: 'default-jre-headless',
  mvn: 'maven',
  pdfsig: 'poppler-utils',
  qpdf: 'qpdf',
  certutil: 'libnss3-tools',
};
const signer = {
  sub: 'sample',
  name: 'Vũ Thanh Sơn',
  title: 'Chủ tịch',
  agencyName: 'Ủy ban nhân dân phường Vũng Tàu',
};
const seal = { code: 'H29.16', name: 'Ủy ban nhân dân phường Vũng Tàu' };

/** One verdict: of which validator, and whether it is what we expect of this file. */
type Verdicts = Record<string, boolean>;

async function main(): Promise<number> {
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  provideTools();
  await provideVerapdf();

  const requests = sampleRequests(join(root, 'templates'));
  const files = await signAll(requests);
  const nss = await trustOurRoot();
  const [pdfa, pdfua] = [await verapdfPasses('3a', files), await verapdfPasses('ua1', files)];

  const table: Record<string, Verdicts> = {};
  for (const [index, { name }] of requests.entries()) {
    const file = files[index] ?? '';
    table[name] = {
      'PDF/A-3a': pdfa.has(file),
      'PDF/UA-1': pdfua.has(file),
      'pdfsig: 2 valid, trusted': (await pdfsigVerdict(nss, file)) === 'both valid and trusted',
      'qpdf --check': await succeeds('qpdf', ['--check', file]),
      'ours: valid, trusted': await ourVerdict(file),
      ...(await brokenIsRefused(nss, file)),
    };
  }
  console.table(mapValues(table, (verdicts) => mapValues(verdicts, (good) => (good ? 'pass' : 'FAIL'))));
  const failed = Object.values(table).some((verdicts) => Object.values(verdicts).includes(false));
  console.log(failed ? 'Some verdict is not as it should be.' : `All ${requests.length} documents passed.`);
  return failed ? 1 : 0;
}

/** Installs what is missing where we may; says what to install where we may not. */
function provideTools(): void {
  const missing = Object.keys(debianPackages).filter((tool) => spawnSync('which', [tool]).status !== 0);
  if (missing.length === 0) return;
  const packages = missing.map((tool) => debianPackages[tool] ?? tool);
  if (process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0) {
    console.log(`Installing ${packages.join(', ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update'], { env });
    if (spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...packages], { env }).status === 0)
      return;
  }
  throw new Error(`${missing.join(', ')} not found; on Debian: apt-get install ${packages.join(' ')}`);
}

async function provideVerapdf(): Promise<void> {
  if (!existsSync(verapdf.jar)) {
    console.log(`Fetching ${verapdf.artifact} with Maven`);
    const directory = join(cache, 'verapdf');
    await run('mvn', [
      '-q',
      'dependency:copy',
      `-Dartifact=${verapdf.artifact}`,
      `-DoutputDirectory=${directory}`,
    ]);
  }
  const actual = createHash('sha256')
    .update(await readFile(verapdf.jar))
    .digest('hex');
  if (actual !== verapdf.sha256) {
    throw new Error(
      `${verapdf.jar} has SHA-256 ${actual}, expected ${verapdf.sha256}; delete it and try again`,
    );
  }
}

async function signAll(requests: ReturnType<typeof sampleRequests>): Promise<string[]> {
  const at = systemClock.now(); // now, because pdfsig judges certificates by this machine's time
  await preparePki({ folder: join(work, 'pki'), people: [signer], agencies: [seal], clock: systemClock });
  const keystore = openKeystore(join(work, 'pki'));
  const renderer = createRenderer(join(root, 'templates'));
  const files: string[] = [];
  for (const request of requests) {
    const base = await renderer.render({
      ...request,
      at,
      stamps: request.stamps.map((each) => ({ ...each, at })),
    });
    const officer = { field: 'Signature1', reason: 'Ký duyệt', at, name: signer.name };
    const once = await sign(base, await keystore.person(signer.sub), officer);
    const agency = { field: 'Signature2', reason: 'Đóng dấu cơ quan', at, name: seal.name };
    const twice = await sign(once, await keystore.seal(seal.code), agency);
    const file = join(work, `${request.name.replaceAll('/', '.')}.pdf`);
    await writeFile(file, twice);
    files.push(file);
  }
  return files;
}

/** The files that veraPDF accepts for a flavour; one Java process for all of them. */
async function verapdfPasses(flavour: string, files: string[]): Promise<Set<string>> {
  const wrapper = 'org.verapdf.apps.GreenfieldCliWrapper';
  const { stdout } = await anyExit('java', [
    '-cp',
    verapdf.jar,
    wrapper,
    '-f',
    flavour,
    '--format',
    'text',
    ...files,
  ]);
  const passed = [...stdout.matchAll(/^PASS (.+) \S+$/gm)].map(([, file]) => file ?? '');
  return new Set(passed);
}

/** An NSS database that trusts the root of our development PKI, as pdfsig wants it. */
async function trustOurRoot(): Promise<string> {
  const folder = join(work, 'nss');
  await mkdir(folder);
  await run('certutil', ['-N', '-d', `sql:${folder}`, '--empty-password']);
  await run('certutil', [
    ...['-A', '-d', `sql:${folder}`, '-n', 'motcua', '-t', 'CT,C,C'],
    ...['-i', join(work, 'pki', 'root.pem')],
  ]);
  return `sql:${folder}`;
}

async function pdfsigVerdict(nss: string, file: string): Promise<string> {
  const { stdout } = await anyExit('pdfsig', ['-nssdir', nss, file]);
  const count = (words: string) => stdout.split(words).length - 1;
  const whole = count('Total document signed') === 1;
  const good = count('Signature is Valid') === 2 && count('Certificate is Trusted') === 2;
  if (good && whole) return 'both valid and trusted';
  return count('Digest Mismatch') === 2 ? 'both broken' : stdout;
}

async function ourVerdict(file: string): Promise<boolean> {
  const [pdf, anchor] = await Promise.all([readFile(file), readFile(join(work, 'pki', 'root.pem'), 'utf8')]);
  const signatures = verify(pdf, [anchor]);
  return (
    signatures.length === 2 &&
    signatures.every(({ valid, trusted }) => valid && trusted === true) &&
    signatures.at(-1)?.coversWholeFile === true
  );
}

/** The same file with one byte of the page changed: pdfsig and we must both refuse both signatures. */
async function brokenIsRefused(nss: string, file: string): Promise<Verdicts> {
  const broken = await readFile(file);
  const at = broken.indexOf('stream\n') + 200;
  broken[at] = (broken[at] ?? 0) ^ 1;
  const path = file.replace(/\.pdf$/, '.broken.pdf');
  await writeFile(path, broken);
  const ours = verify(broken);
  return {
    'broken byte: pdfsig refuses': (await pdfsigVerdict(nss, path)) === 'both broken',
    'broken byte: we refuse': ours.length === 2 && ours.every(({ valid }) => !valid),
  };
}

async function anyExit(command: string, args: string[]): Promise<{ stdout: string }> {
  return run(command, args, { maxBuffer: 1 << 26 }).catch((error: unknown) => error as { stdout: string });
}

async function succeeds(command: string, args: string[]): Promise<boolean> {
  return run(command, args).then(
    () => true,
    () => false,
  );
}

function mapValues<A, B>(record: Record<string, A>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  return 1;
});
