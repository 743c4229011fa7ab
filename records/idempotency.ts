import type { Database, Transaction } from './db.ts';
import { Refusal } from './refusal.ts';

/** What an act was answered with; `body` must survive JSON. */
export interface Answer {
  status: number;
  body: unknown;
}

/** A request as its sender numbered it: the same key and hash mean the same request, sent again. */
export interface Request {
  actorSub: string;
  key: string;
  /** SHA-256 of everything that the request asks for. */
  requestHash: Buffer;
  at: Date;
}

/**
 * Does the work of a request once: sent again it gets the stored answer, also when both arrive together.
 *
 * The key is taken in the caller's transaction. A second request waits at the primary key until the first one
 * has committed, and takes over when the first one rolled back; so a refused act leaves its key free.
 *
 * @throws Refusal `key-reused` when the key came before with another request
 */
export async function once(trx: Transaction, request: Request, work: () => Promise<Answer>): Promise<Answer> {
  const name = { actor_sub: request.actorSub, key: request.key };
  const taken = await trx('idempotency_keys')
    .insert({ ...name, request_hash: request.requestHash, created_at: request.at })
    .onConflict(['actor_sub', 'key'])
    .ignore()
    .returning('key');
  if (taken.length === 0) return storedAnswer(trx, request, name);
  const answer = await work();
  await trx('idempotency_keys')
    .where(name)
    .update({ status: answer.status, answer: JSON.stringify(answer.body ?? null) });
  return answer;
}

async function storedAnswer(
  trx: Transaction,
  request: Request,
  name: { actor_sub: string; key: string },
): Promise<Answer> {
  const stored = await trx<{ request_hash: Buffer; status: number; answer: unknown }>('idempotency_keys')
    .where(name)
    .first();
  if (!stored || !request.requestHash.equals(stored.request_hash))
    throw new Refusal(
      'key-reused',
      'Khóa này đã dùng cho yêu cầu khác · This Idempotency-Key was used for another request',
    );
  return { status: stored.status, body: stored.answer };
}

/** Forgets the answers to keys from before an instant: a client that tries again does so within days. */
export async function forgetKeys(db: Database, before: Date): Promise<number> {
  return db('idempotency_keys').where('created_at', '<', before).delete();
}
