import type { Request } from 'express';
import type { Actor } from '../records/actor.ts';
import type { Transaction } from '../records/db.ts';
import { once, type Answer } from '../records/idempotency.ts';
import { noteOfficer } from '../records/people.ts';
import { digest } from '../records/record.ts';
import { Refusal } from '../records/refusal.ts';
import { actorIn } from './auth.ts';
import type { Deps } from './deps.ts';

/** What an act gets: its transaction, who acts and the instant that counts. */
export interface Act {
  trx: Transaction;
  actor: Actor;
  at: Date;
}

/**
 * Does a person's act in one transaction, once for its `Idempotency-Key`; resolves only after COMMIT.
 *
 * @throws Refusal `not-signed-in`, `key-missing`, `key-reused` and whatever the work throws; then nothing is written
 */
export async function act(
  deps: Pick<Deps, 'db' | 'clock'>,
  req: Request,
  work: (act: Act) => Promise<Answer>,
): Promise<Answer> {
  return actAs(deps, req, actorIn(req), work);
}

/** The same for somebody who is known otherwise than by a sign-in: a stranger who reports something, a program with a key. */
export async function actAs(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  req: Request,
  actor: Actor,
  work: (act: Act) => Promise<Answer>,
): Promise<Answer> {
  const key = keyOf(req);
  const at = clock.now();
  const requestHash = Buffer.from(digest([req.method, req.path, req.body ?? null]), 'hex');
  await noteOfficer(db, actor, at);
  return once(db, { actorSub: actor.sub, key, requestHash, at }, (trx) => work({ trx, actor, at }));
}

function keyOf(req: Request): string {
  const key = req.get('idempotency-key') ?? '';
  if (!/^[\x21-\x7e]{8,200}$/.test(key))
    throw new Refusal(
      'key-missing',
      'Cần tiêu đề Idempotency-Key, 8 đến 200 ký tự · Send an Idempotency-Key header of 8 to 200 visible ASCII characters',
    );
  return key;
}
