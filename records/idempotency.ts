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

/** Ends the transaction of work that had been done already. */
class DoneBefore extends Error {}

/**
 * Does the work of a request in one transaction, once: sent again it gets the stored answer, also when both arrive
 * together.
 *
 * The answer is kept under the key in that transaction. Work that finds its key there, or that is refused because it
 * has been done, is rolled back and answered as before; a refused act leaves its key free.
 *
 * @throws Refusal `key-reused` when the key came before with another request, and whatever the work throws
 */
export async function once(
  db: Database,
  request: Request,
  work: (trx: Transaction) => Promise<Answer>,
): Promise<Answer> {
  try {
    return await db.transaction(async (trx) => {
      const answer = await work(trx);
      if (!(await keep(trx, request, answer))) throw new DoneBefore();
      return answer;
    });
  } catch (error) {
    const answer =
      error instanceof DoneBefore || error instanceof Refusal ? await keptAnswer(db, request) : undefined;
    if (!answer) throw error;
    return answer;
  }
}

/** Keeps the answer unless the key was used; a twin that has not yet committed is waited for. */
async function keep(trx: Transaction, request: Request, { status, body }: Answer): Promise<boolean> {
  const kept = await trx('idempotency_keys')
    .insert({
      actor_sub: request.actorSub,
      key: request.key,
      request_hash: request.requestHash,
      status,
      answer: JSON.stringify(body ?? null),
      created_at: request.at,
    })
    .onConflict(['actor_sub', 'key'])
    .ignore()
    .returning('key');
  return kept.length > 0;
}

async function keptAnswer(
  db: Database,
  { actorSub, key, requestHash }: Request,
): Promise<Answer | undefined> {
  const kept = await db('idempotency_keys')
    .where({ actor_sub: actorSub, key })
    .first<{ request_hash: Buffer; status: number; answer: unknown } | undefined>();
  if (kept && !requestHash.equals(kept.request_hash))
    throw new Refusal(
      'key-reused',
      'Khóa này đã dùng cho yêu cầu khác · This Idempotency-Key was used for another request',
    );
  return kept && { status: kept.status, body: kept.answer };
}

/** Forgets the answers to keys from before an instant: a client that tries again does so within days. */
export async function forgetKeys(db: Database, before: Date): Promise<number> {
  return db('idempotency_keys').where('created_at', '<', before).delete();
}
