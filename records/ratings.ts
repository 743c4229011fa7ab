import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { acting, groundOf, mayReadCase } from './policy.ts';
import { appendEntry, digest, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/** How satisfied the applicant's side was, from 1 (not at all) to 5 (very). */
export interface Rating {
  score: number;
  comment: string;
  at: string;
}

/**
 * Keeps how the applicant's side found the service of a case that has ended; given again, the later one counts. The record
 * keeps the score only, as the words may be about people.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, or `case-open`
 */
export async function rateCase(
  trx: Transaction,
  { actor, at }: { actor: Actor; at: Date },
  { code, score, comment }: { code: string; score: number; comment: string },
): Promise<void> {
  const { standing } = await mayReadCase(trx, actor, code, at);
  if (!standing)
    throw new Refusal('not-yours', 'Chỉ người nộp được đánh giá · Only the applicant’s side rates a case');
  const end = await lockRecord(trx, code);
  const { closed } = await trx('cases').where({ code }).first<{ closed: Date | null }>('closed_at as closed');
  if (!closed) throw new Refusal('case-open', 'Hồ sơ chưa kết thúc · The case has not ended');
  await keepRating(trx, { code, score, comment, at });
  await appendEntry(
    trx,
    { case_code: code, ...end },
    {
      at,
      actor: acting(actor, groundOf(standing)),
      event: 'rated',
      details: { score, comment: digest(comment) },
      reference: `entry:${end.record_length + 1}`,
    },
  );
}

/** Keeps a rating in the place of an earlier one. */
export async function keepRating(
  trx: Transaction,
  { code, score, comment = '', at }: { code: string; score: number | string; comment?: string; at: Date },
): Promise<void> {
  const rated = { score: Number(score), comment, at };
  await trx('ratings')
    .insert({ case_code: code, ...rated })
    .onConflict('case_code')
    .merge();
  await trx('incidents').where({ case_code: code }).update({ rating: rated.score });
}

/** Gives the rating of a case to whoever may read the case; undefined while there is none. */
export async function ratingOf(
  db: Database,
  actor: Actor,
  code: string,
  at: Date,
): Promise<Rating | undefined> {
  await mayReadCase(db, actor, code, at);
  const row = await db('ratings')
    .where({ case_code: code })
    .first<{ score: number; comment: string; at: Date } | undefined>('score', 'comment', 'at');
  return row && { ...row, at: row.at.toISOString() };
}
