import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { freePort } from './ports.ts';

let folder: string;
let stranger: Server | undefined;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'motcua-start-'));
});
afterEach(() => {
  stranger?.close();
  stranger = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Types `npm start` with these variables; gives the exit code and what was printed on each stream. */
async function start(
  environment: Record<string, string>,
): Promise<{ code: number | null; errors: string[] }> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'embedded/start.ts'], {
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: join(folder, 'data'),
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let printed = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, errors: printed.trim().split('\n') };
}

/** A port that another program has taken. */
async function takenPort(): Promise<string> {
  const server = createServer();
  stranger = server;
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return String((server.address() as AddressInfo).port);
}

/** The one line that every mistake in the surroundings gets. */
function expectOneLine({ code, errors }: { code: number | null; errors: string[] }, words: RegExp): void {
  expect(errors).toEqual([expect.stringMatching(words)]);
  expect(code).toBe(1);
}

test('a taken port is named, with the variable that changes it', async () => {
  const port = await takenPort();
  expectOneLine(await start({ PORT: port }), new RegExp(`PORT ${port} is taken`));
});

test('a folder that cannot be written is named', async () => {
  const file = join(folder, 'a-file');
  writeFileSync(file, '');
  expectOneLine(await start({ DATA_DIR: join(file, 'data') }), /DATA_DIR|a-file/);
});

test('a broken variable is named, with its value and what is allowed', async () => {
  expectOneLine(await start({ PORT: 'eighty' }), /PORT is "eighty"; allowed: /);
});

test('sample people without passwords are not put on the network by accident', async () => {
  expectOneLine(await start({ HOST: '0.0.0.0' }), /HOST.*ALLOW_NETWORK/);
});

test('what had been started is stopped again when something later fails', async () => {
  const port = await takenPort();
  const free = { PORT: String(await freePort()), POSTGRES_PORT: String(await freePort()) };
  expectOneLine(await start({ ...free, TEMPORAL_PORT: port }), new RegExp(`TEMPORAL_PORT ${port} is taken`));
  expect(existsSync(join(folder, 'data', 'postgres', 'postmaster.pid'))).toBe(false);
  expect(existsSync(join(folder, 'data', 'lock.json'))).toBe(false);
});
