import { createCipheriv, createDecipheriv, randomBytes, randomFillSync } from 'node:crypto';
import type { Database } from '../records/db.ts';
import { findCaseKey } from '../records/keys.ts';

const ivLength = 12;
const tagLength = 16;

const randomPool = Buffer.alloc(ivLength * 256);
let randomUsed = randomPool.length;

/** A fresh initialisation vector; random bytes are drawn in bulk, as one drawing costs as much as encrypting. */
function nextIv(): Buffer {
  if (randomUsed === randomPool.length) {
    randomFillSync(randomPool);
    randomUsed = 0;
  }
  randomUsed += ivLength;
  return randomPool.subarray(randomUsed - ivLength, randomUsed);
}

/**
 * Encrypts with AES-256-GCM.
 *
 * @param context what the bytes belong to; decrypting for anything else fails
 * @returns initialisation vector, tag and ciphertext in one
 */
export function seal(key: Buffer, context: string, bytes: Uint8Array): Buffer {
  const iv = nextIv();
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(context));
  const ciphertext = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** Decrypts what {@link seal} made; throws when key, context or bytes differ. */
export function unseal(key: Buffer, context: string, sealed: Uint8Array): Buffer {
  const buffer = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
  const decipher = createDecipheriv('aes-256-gcm', key, buffer.subarray(0, ivLength))
    .setAAD(Buffer.from(context))
    .setAuthTag(buffer.subarray(ivLength, ivLength + tagLength));
  return Buffer.concat([decipher.update(buffer.subarray(ivLength + tagLength)), decipher.final()]);
}

/** Keys of cases: each case has its own, wrapped by the master key; without it what Temporal keeps is unreadable. */
export interface CaseKeys {
  /** Makes a key for a case that is being filed, wrapped for `case_keys`. */
  wrapNew(): Buffer;
  /** Gives the key of a case; undefined when it has none or it was destroyed. */
  find(code: string): Promise<Buffer | undefined>;
}

const cached = 10_000;

/**
 * Opens the keys of cases.
 *
 * @param masterKey 32 bytes in base64
 */
export function openCaseKeys(db: Database, masterKey: string): CaseKeys {
  const master = Buffer.from(masterKey, 'base64');
  const known = new Map<string, Buffer>();
  return {
    wrapNew: () => seal(master, 'case-key', randomBytes(32)),
    async find(code) {
      const hit = known.get(code);
      if (hit) return hit;
      const wrapped = await findCaseKey(db, code);
      if (!wrapped) return undefined;
      const key = unseal(master, 'case-key', wrapped);
      const oldest = known.size >= cached ? known.keys().next().value : undefined;
      if (oldest !== undefined) known.delete(oldest);
      known.set(code, key);
      return key;
    },
  };
}
