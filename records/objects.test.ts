import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openObjectStore } from './objects.ts';

let folder: string;
const hello = '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motcua-objects-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what is asked for by a name that is no hash is refused before the disk is touched', async () => {
  const store = await openObjectStore(folder);
  await expect(store.read('../../etc/passwd')).rejects.toThrow('64 hexadecimal digits');
  await expect(store.stream('')).rejects.toThrow('64 hexadecimal digits');
});

test('the same bytes are kept once, under the SHA-256 of their content', async () => {
  const store = await openObjectStore(pathToFileURL(folder).href);
  const kept = [await store.put(Buffer.from('hello')), await store.put(Buffer.from('hello'))];
  expect(kept).toEqual([
    { sha256: hello, size: 5 },
    { sha256: hello, size: 5 },
  ]);
  expect((await store.read(hello)).toString()).toBe('hello');
  expect(await readdir(join(folder, '2c', 'f2'))).toEqual([hello]);
});

test('a file of the quarantine moves into the store, also when its bytes are there already', async () => {
  const store = await openObjectStore(folder);
  for (const name of ['first', 'second']) {
    const path = join(store.quarantine, name);
    await writeFile(path, 'hello');
    expect(await store.adopt(path)).toEqual({ sha256: hello, size: 5 });
  }
  expect(await readdir(store.quarantine)).toEqual([]);
  expect(await text(await store.stream(hello))).toBe('hello');
});

test('bytes that the disk changed are not given out as the original', async () => {
  const store = await openObjectStore(folder);
  await store.put(Buffer.from('hello'));
  await writeFile(join(folder, '2c', 'f2', hello), 'hullo');
  await expect(store.read(hello)).rejects.toThrow('changed on disk');
});

test('what a killed process left in quarantine is swept after a day, not before', async () => {
  const { quarantine } = await openObjectStore(folder);
  await writeFile(join(quarantine, 'old'), '');
  await writeFile(join(quarantine, 'new'), '');
  const before = new Date(Date.now() - 25 * 60 * 60 * 1000);
  await utimes(join(quarantine, 'old'), before, before);
  await openObjectStore(folder);
  expect(await readdir(quarantine)).toEqual(['new']);
});
