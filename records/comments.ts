import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import { notify } from './notices.ts';
import { asActor, findOfficer } from './people.ts';
import { mayReadInternally } from './policy.ts';
import { appendEntry, digest, lockRecord } from './record.ts';
import { Refusal, refusalOr } from './refusal.ts';

/** What an officer told the other officers of a case. */
export interface Comment {
  number: number;
  author: { sub: string; name: string };
  body: string;
  /** Subjects of the officers whom it mentions. */
  mentions: string[];
  at: string;
}

const mostMentions = 20;

/**
 * Writes a comment on a case for its officers and tells those whom it mentions as `@subject`. The record keeps its
 * digest only, as the words may be about people.
 *
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency`, `wrong-role`, or `unknown-person` for a mention of somebody
 *   who may not read the case
 */
export async function addComment(
  trx: Transaction,
  { actor, at, code, body }: { actor: Actor; at: Date; code: string; body: string },
): Promise<Comment> {
  await mayReadInternally(trx, actor, code, at);
  const mentions = mentionsIn(body);
  await mayBeMentioned(trx, code, mentions, at);
  const end = await lockRecord(trx, code);
  const { rows } = await trx.raw<{ rows: { number: number }[] }>(
    /* sql */ `
    INSERT INTO comments (case_code, number, author_sub, author_name, body, mentions, at)
    SELECT :code, 1 + (SELECT count(*) FROM comments WHERE case_code = :code), :sub, :name, :body, :mentions, :at
    RETURNING number`,
    { code, sub: actor.sub, name: actor.name, body, mentions, at },
  );
  const number = rows[0]!.number;
  const details = { comment: number, body: digest(body), mentions };
  const entry = { at, actor, event: 'commented', details, reference: `comment:${number}` };
  await appendEntry(trx, { case_code: code, ...end }, entry);
  await notify(trx, { code, notice: 'mention', to: mentions, number, at });
  return { number, author: { sub: actor.sub, name: actor.name }, body, mentions, at: at.toISOString() };
}

/** Subjects after an `@` that begins a word; a full stop or comma at the end belongs to the sentence. */
const mentionsIn = (body: string): string[] => [
  ...new Set([...body.matchAll(/(?<![^\s(])@([\w.:|-]*\w)/gu)].map(([, sub]) => sub as string)),
];

async function mayBeMentioned(trx: Transaction, code: string, mentions: string[], at: Date): Promise<void> {
  const refuse = (sub: string) =>
    new Refusal(
      'unknown-person',
      'Người được nhắc không xem được hồ sơ · A person mentioned may not read the case',
      [{ pointer: '/body', detail: `@${sub}` }],
    );
  if (mentions.length > mostMentions)
    throw new Refusal(
      'invalid-form',
      `Nhắc nhiều nhất ${mostMentions} người · Mention at most ${mostMentions} people`,
      [{ pointer: '/body', detail: String(mentions.length) }],
    );
  for (const sub of mentions) {
    const officer = await refusalOr(findOfficer(trx, sub, '/body'));
    if (officer instanceof Refusal) throw refuse(sub);
    const reads = await refusalOr(mayReadInternally(trx, asActor(officer), code, at));
    if (reads instanceof Refusal) throw refuse(sub);
  }
}

/**
 * Lists the comments on a case, the latest first, for its officers.
 *
 * @param before number of the comment that the page follows
 * @throws Refusal `not-found`, `not-yours`, `wrong-agency` or `wrong-role`
 */
export async function listComments(
  db: Database,
  actor: Actor,
  code: string,
  { at, limit, before }: { at: Date; limit: number; before?: number | undefined },
): Promise<{ items: Comment[]; next?: string }> {
  await mayReadInternally(db, actor, code, at);
  const query = db('comments')
    .where({ case_code: code })
    .orderBy('number', 'desc')
    .limit(limit + 1);
  if (before !== undefined) void query.where('number', '<', before);
  const rows = await query.select<
    {
      number: number;
      author_sub: string;
      author_name: string;
      body: string;
      mentions: string[];
      at: Date;
    }[]
  >();
  const items = rows
    .slice(0, limit)
    .map(({ author_sub: sub, author_name: name, at, number, body, mentions }) => ({
      number,
      author: { sub, name },
      body,
      mentions,
      at: at.toISOString(),
    }));
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: String(last.number) } : { items };
}
