import { createHash, randomBytes, randomUUID } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

/** A key by which somebody's program reports; the key itself is told once and not kept. */
export interface ApiKey {
  id: string;
  name: string;
  contact: string;
  /** Reports a minute at most. */
  most: number;
  madeAt: Date;
  usedAt: Date | null;
  revokedAt: Date | null;
}

const columns = {
  id: 'id',
  name: 'name',
  contact: 'contact',
  most: 'most',
  madeAt: 'made_at',
  usedAt: 'used_at',
  revokedAt: 'revoked_at',
} as const;

/** The key has 256 bits of chance, so a plain digest tells nothing of it. */
const hashOf = (key: string) => createHash('sha256').update(key).digest();

/** Makes a key for a program. */
export async function makeApiKey(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { name, contact, most }: Pick<ApiKey, 'name' | 'contact' | 'most'>,
): Promise<{ id: string; key: string }> {
  const key = `mc_${randomBytes(32).toString('base64url')}`;
  const id = randomUUID();
  const by = JSON.stringify({ sub: actor.sub, name: actor.name });
  await trx('api_keys').insert({ id, name, contact, most, hash: hashOf(key), made_at: at, made_by: by });
  return { id, key };
}

/** Lists all keys, the latest first; those that were revoked stay on the list. */
export const listApiKeys = (db: Database): Promise<ApiKey[]> =>
  db('api_keys').orderBy('made_at', 'desc').select<ApiKey[]>(columns);

/**
 * Revokes a key for good; revoked again nothing changes.
 *
 * @throws Refusal `not-found`
 */
export async function revokeApiKey(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  id: string,
): Promise<void> {
  const found = await trx('api_keys').where({ id }).first<{ id: string } | undefined>('id');
  if (!found) throw new Refusal('not-found', 'Không có khóa này · There is no such key');
  const by = JSON.stringify({ sub: actor.sub, name: actor.name });
  await trx('api_keys').where({ id, revoked_at: null }).update({ revoked_at: at, revoked_by: by });
}

/** Finds the program that a key is in force for, and notes that it was used. */
export async function programOf(db: Database, key: string, at: Date): Promise<ApiKey | undefined> {
  const [found] = await db('api_keys')
    .where({ hash: hashOf(key), revoked_at: null })
    .update({ used_at: at })
    .returning<ApiKey[]>(Object.entries(columns).map(([name, column]) => `${column} as ${name}`));
  return found;
}
