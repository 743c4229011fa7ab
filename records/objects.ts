import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import type { Readable } from 'node:stream';

/** What a stored file is known by: the SHA-256 of its bytes in hexadecimal, and its size in bytes. */
export interface StoredObject {
  sha256: string;
  size: number;
}

/**
 * Files by the hash of their content: the same bytes are kept once, and a name can never lead to other bytes.
 * Whatever it acknowledges is on disk, so that a database row may refer to it.
 */
export interface ObjectStore {
  /** Folder on the same file system for files that are not accepted yet; leftovers of a day ago are swept at start. */
  readonly quarantine: string;
  /** Keeps the bytes. */
  put(bytes: Uint8Array): Promise<StoredObject>;
  /** Keeps a file of the quarantine folder and takes it out of there. */
  adopt(path: string): Promise<StoredObject>;
  /** Gives the bytes; rejects when there are none or when the disk changed them. */
  read(sha256: string): Promise<Buffer>;
  /** Gives the bytes as a stream, for large files; rejects at once when there are none. */
  stream(sha256: string): Promise<Readable>;
  /** Removes the bytes for good; the caller has made sure that nothing refers to them. */
  remove(sha256: string): Promise<void>;
}

const day = 24 * 60 * 60 * 1000;

/** Opens the store at a folder or a `file://` address, and makes its folders. */
export async function openObjectStore(location: string): Promise<ObjectStore> {
  const root = location.startsWith('file://') ? fileURLToPath(location) : location;
  const quarantine = join(root, 'quarantine');
  await mkdir(quarantine, { recursive: true });
  await sweep(quarantine);

  const adopt = async (path: string): Promise<StoredObject> => {
    const object = { sha256: await hashOf(path), size: (await stat(path)).size };
    const target = pathOf(root, object.sha256);
    await mkdir(dirname(target), { recursive: true });
    await sync(path);
    await rename(path, target);
    await sync(dirname(target));
    return object;
  };

  return {
    quarantine,
    adopt,
    async put(bytes) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      if (await exists(pathOf(root, sha256))) return { sha256, size: bytes.byteLength };
      const path = join(quarantine, randomUUID());
      const file = await open(path, 'wx', 0o600);
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      return adopt(path);
    },
    async read(sha256) {
      const bytes = await readFile(pathOf(root, sha256));
      if (createHash('sha256').update(bytes).digest('hex') !== sha256)
        throw new Error(`the object ${sha256} was changed on disk`);
      return bytes;
    },
    async stream(sha256) {
      const file = await open(pathOf(root, sha256));
      return file.createReadStream();
    },
    async remove(sha256) {
      await rm(pathOf(root, sha256), { force: true });
    },
  };
}

/** Two levels of folders keep each of them small. */
function pathOf(root: string, sha256: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('an object is named by 64 hexadecimal digits');
  return join(root, sha256.slice(0, 2), sha256.slice(2, 4), sha256);
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Waits until the disk has it: a file's bytes, or a folder's list of names. */
async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Removes what a process that was killed left behind; a day is longer than any upload takes. */
async function sweep(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const age = await stat(path).then(
      (file) => Date.now() - file.mtimeMs,
      () => 0,
    );
    if (age > day) await rm(path, { force: true, recursive: true });
  }
}
