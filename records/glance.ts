import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';

const glances = new WeakMap<Actor, Map<string, Promise<unknown>>>();

/**
 * Makes somebody who only looks, at one page: what the guards of everything on it rest on is asked once. Neither for acts nor
 * for what lasts, as nothing that changes meanwhile is noticed.
 */
export function atAGlance(actor: Actor): Actor {
  const looking = { ...actor };
  glances.set(looking, new Map());
  return looking;
}

/**
 * Asks a question, or gives what it was answered before in the same glance. In a transaction it is always asked, as what it rests
 * on is locked there.
 *
 * @param question names the question and what it is about
 */
export function askedOnce<Answer>(
  db: Database | Transaction,
  actor: Actor,
  question: string,
  ask: () => Promise<Answer>,
): Promise<Answer> {
  const known = db.isTransaction ? undefined : glances.get(actor);
  if (!known) return ask();
  const answer = (known.get(question) as Promise<Answer> | undefined) ?? ask();
  known.set(question, answer);
  return answer;
}
