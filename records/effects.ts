import type { Database, Transaction } from './db.ts';

/** What an agency answered to one question of one case. */
export interface Effect {
  caseCode: string;
  effect: string;
  number: number;
}

async function findEffect(
  db: Database | Transaction,
  { caseCode, effect, number }: Effect,
): Promise<unknown> {
  const row = await db('effects')
    .where({ case_code: caseCode, effect, number })
    .first<{ answer: unknown } | undefined>('answer');
  return row?.answer;
}

/** Keeps the answer to a business key; the first one stays and is given back. */
export async function keepEffect(
  db: Database | Transaction,
  key: Effect,
  answer: unknown,
  at: Date,
): Promise<unknown> {
  const [kept] = await db('effects')
    .insert({
      case_code: key.caseCode,
      effect: key.effect,
      number: key.number,
      answer: JSON.stringify(answer),
      at,
    })
    .onConflict()
    .ignore()
    .returning<{ answer: unknown }[]>('answer');
  return kept ? kept.answer : findEffect(db, key);
}
