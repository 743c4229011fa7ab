import { randomInt } from 'node:crypto';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { LaunchError } from './trouble.ts';

const loopback = '127.0.0.1';

/** Says whether nobody listens on that port, by listening for a moment. */
export function isFree(port: number, host = loopback): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'EADDRINUSE' ? resolve(false) : reject(error),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * Gives a port that nobody uses at this moment, at random from below those that systems give to outgoing connections
 * (32768 and up on Linux, 49152 elsewhere): Temporal and its clients opened such a one before its own was bound.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}

/**
 * Refuses to go on when a port that the user chose is taken.
 *
 * @param variable the variable that sets the port, for the message
 * @throws LaunchError in one line
 */
export async function expectFree(variable: string, port: number, host = loopback): Promise<void> {
  try {
    if (await isFree(port, host)) return;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES') {
      throw new LaunchError(
        `${variable} ${port} is not for ordinary users; set ${variable} to a port above 1023`,
      );
    }
    throw new LaunchError(`HOST ${host} is not an address of this machine (${code}); set HOST to 127.0.0.1`);
  }
  throw new LaunchError(
    `${variable} ${port} is taken by another program; stop it or set ${variable} to a free port`,
  );
}

const Remembered = z.record(z.string(), z.int().min(1).max(65535));

/**
 * Gives a port to each name: the one of last time when it is still free, else a new one; remembers them in
 * DATA_DIR/ports.json, so that two copies on one machine never collide and bookmarks stay good.
 *
 * @param promised ports that others of this installation are about to listen on
 */
export async function rememberedPorts<Name extends string>(
  dataDir: string,
  names: readonly Name[],
  promised: readonly number[] = [],
): Promise<Record<Name, number>> {
  const file = join(dataDir, 'ports.json');
  const text = await readFile(file, 'utf8').catch(() => '');
  const known = Remembered.safeParse(parse(text)).data ?? {};
  const chosen = {} as Record<Name, number>;
  for (const name of names) {
    const last = known[name];
    const taken = (port: number) => promised.includes(port) || Object.values(chosen).includes(port);
    let port = last !== undefined && !taken(last) && (await isFree(last)) ? last : await freePort();
    while (taken(port)) port = await freePort();
    chosen[name] = port;
  }
  await mkdir(dataDir, { recursive: true });
  await writeFile(`${file}.new`, `${JSON.stringify({ ...known, ...chosen }, null, 2)}\n`);
  await rename(`${file}.new`, file);
  return chosen;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
