import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findSofthsm } from '../../testing/softhsm.ts';

/** Runs a program; rejects when it exits with another code than 0. */
export const run = promisify(execFile);

const here = fileURLToPath(new URL('.', import.meta.url));
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** Where this script works; emptied when it starts. */
export const work = join(cache, 'validate');

const verapdf = {
  artifact: 'org.verapdf.apps:cli:1.30.2',
  sha256: '287cc9c9757f99dcff4a2d39b68268245b48103fb6af443162d5a29df2afa332',
};
/** pyHanko, the reference implementation of SD-JWT, and ZXing, which reads QR codes. */
const python = ['pyHanko==0.38.0', 'sd-jwt==0.10.4', 'zxing-cpp==3.1.1', 'Pillow==13.0.0'];

const debianPackages: Record<string, string> = {
  javac: 'default-jdk-headless',
  mvn: 'maven',
  python3: 'python3-venv',
  pdfsig: 'poppler-utils',
  qpdf: 'qpdf',
  certutil: 'libnss3-tools',
  softhsm2: 'libsofthsm2',
};

/** Programs of the validators that are not on the PATH. */
export const installed = {
  verapdf: join(cache, 'verapdf', 'cli-1.30.2.jar'),
  dss: join(cache, 'dss'),
  dssProgram: join(here, 'DssValidate.java'),
  fhir: join(cache, 'fhir-validator'),
  fhirProgram: join(here, 'FhirValidate.java'),
  python: join(cache, 'python', 'bin', 'python'),
  pyhankoProgram: join(here, 'pyhanko_validate.py'),
  credentialProgram: join(here, 'present_credential.py'),
  qrProgram: join(here, 'read_qr.py'),
};

/** Sees to it that every validator is there: fetched from Debian, Maven and PyPI once, kept in .cache. */
export async function provideValidators(): Promise<void> {
  provideDebianPackages();
  await provideVerapdf();
  await provideDss();
  await providePython();
}

/** Debian's Python comes without what makes virtual environments, and SoftHSM2 is a library. */
const isThere = (tool: string) => {
  if (tool === 'softhsm2') return findSofthsm() !== undefined;
  const [program, ...args] =
    tool === 'python3' ? ['python3', '-c', 'import ensurepip, venv'] : ['which', tool];
  return spawnSync(program, args).status === 0;
};

/** Installs what is missing where we may; says what to install where we may not. */
function provideDebianPackages(wanted = Object.keys(debianPackages)): void {
  const missing = wanted.filter((tool) => !isThere(tool));
  if (missing.length === 0) return;
  const packages = missing.map((tool) => debianPackages[tool] ?? tool);
  if (process.getuid?.() === 0 && spawnSync('which', ['apt-get']).status === 0) {
    console.log(`Installing ${packages.join(', ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    spawnSync('apt-get', ['update'], { env });
    // One by one: what cannot be had must not keep away the others.
    for (const each of packages)
      spawnSync('apt-get', ['install', '-y', '--no-install-recommends', each], { env });
  }
  // Without SoftHSM2 there is one document less, and a line that says so.
  const lacking = missing.filter((tool) => tool !== 'softhsm2' && !isThere(tool));
  if (lacking.length === 0) return;
  const names = lacking.map((tool) => debianPackages[tool] ?? tool);
  throw new Error(`${lacking.join(', ')} not found; on Debian: apt-get install ${names.join(' ')}`);
}

async function provideVerapdf(): Promise<void> {
  const { verapdf: jar } = installed;
  if (!existsSync(jar)) {
    console.log(`Fetching ${verapdf.artifact} with Maven`);
    const where = `-DoutputDirectory=${join(jar, '..')}`;
    await run('mvn', ['-q', 'dependency:copy', `-Dartifact=${verapdf.artifact}`, where]);
  }
  const actual = createHash('sha256')
    .update(await readFile(jar))
    .digest('hex');
  if (actual !== verapdf.sha256)
    throw new Error(`${jar} has SHA-256 ${actual}, expected ${verapdf.sha256}; delete it and try again`);
}

/** Sees to it that HL7's FHIR validator is there. */
export async function provideFhir(): Promise<void> {
  provideDebianPackages(['javac', 'mvn']);
  const pom = join(here, 'fhir.xml');
  await once(installed.fhir, await readFile(pom, 'utf8'), async () => {
    console.log('Fetching HL7’s FHIR validator with Maven');
    await run('mvn', [
      '-q',
      '-f',
      pom,
      'dependency:copy-dependencies',
      `-DoutputDirectory=${installed.fhir}`,
    ]);
  });
}

async function provideDss(): Promise<void> {
  const pom = join(here, 'dss.xml');
  await once(installed.dss, await readFile(pom, 'utf8'), async () => {
    console.log('Fetching EU DSS with Maven');
    await run('mvn', ['-q', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${installed.dss}`]);
  });
}

async function providePython(): Promise<void> {
  const folder = join(cache, 'python');
  await once(folder, python.join(' '), async () => {
    console.log(`Fetching ${python.join(', ')} with pip`);
    await run('python3', ['-m', 'venv', folder]);
    await run(installed.python, ['-m', 'pip', 'install', '--quiet', ...python]);
  });
}

/** Fills a folder, unless it holds that version already and was filled to the end. */
async function once(folder: string, version: string, fill: () => Promise<void>): Promise<void> {
  const stamp = join(folder, 'version');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === version) return;
  await rm(folder, { recursive: true, force: true });
  await fill();
  await writeFile(stamp, version);
}
