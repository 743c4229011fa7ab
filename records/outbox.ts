import type { Database, Transaction } from './db.ts';

/** A message that waits to be told to Temporal. */
export interface OutboxMessage {
  caseCode: string;
  act: number;
  message: unknown;
}

/** Channel on which PostgreSQL announces new messages. */
export const outboxChannel = 'motcua_outbox';

/**
 * The parts of a statement that put `:message` into the outbox as the last act of the case of a preceding part
 * `changed`, which gives code and last_act, and announce it.
 */
export const queueMessage = /* sql */ `
  queued AS (INSERT INTO outbox (case_code, act, message, created_at)
             SELECT code, last_act, CAST(:message AS jsonb), :at FROM changed RETURNING act)
  SELECT pg_notify('${outboxChannel}', '') FROM queued`;

/** An act that its case has not heard of and that can be undone until an instant. */
export interface HeldAct {
  act: number;
  until: Date;
}

const held = (db: Database | Transaction, code: string) =>
  db('outbox').where({ case_code: code }).whereNull('sent_at').whereNotNull('not_before');

/** Holds back the message of an act that was queued in the same transaction. */
export async function hold(
  trx: Transaction,
  { code, act, until }: { code: string; act: number; until: Date },
): Promise<void> {
  await trx('outbox').where({ case_code: code, act }).update({ not_before: until });
}

/** Finds the act that completed a task, if its message is held. */
export async function heldAct(
  db: Database | Transaction,
  code: string,
  { name, number }: { name: string; number: number },
): Promise<HeldAct | undefined> {
  return held(db, code)
    .whereRaw(`message->'act' @> ?`, [JSON.stringify({ task: name, number })])
    .first<HeldAct | undefined>('act', 'not_before as until');
}

/** Drops a held message, so that later acts of the case go on without it; says whether it was still held. */
export async function dropHeld(trx: Transaction, code: string, act: number): Promise<boolean> {
  const dropped = await held(trx, code).where({ act }).delete();
  if (dropped > 0) await trx.raw(`SELECT pg_notify('${outboxChannel}', '')`);
  return dropped > 0;
}

/**
 * Releases the messages whose time of grace is over. That is committed before anything is sent: an act that may have
 * been told is never undone, though the relay dies in between or its clock goes before that of the API.
 */
export async function releaseHeld(db: Database, at: Date): Promise<void> {
  await db('outbox').where('not_before', '<=', at).update({ not_before: null });
}

/** Condition on an outbox row `o`: it is unsent, and neither it nor an earlier one of its case is held. */
export const isDue = /* sql */ `
  o.sent_at IS NULL AND NOT EXISTS (SELECT FROM outbox h WHERE h.case_code = o.case_code AND h.act <= o.act
                                       AND h.sent_at IS NULL AND h.not_before IS NOT NULL)`;

/** What became of a batch of messages. */
export interface Relayed {
  sent: number;
  /** Whether messages that can be sent may be left. */
  more: boolean;
}

/**
 * Takes unsent messages, at most one a case and the oldest of it, and hands them to `send` inside the
 * transaction that marks them sent; a message that could not be sent stays and tells why.
 */
export async function relayBatch(
  db: Database,
  at: Date,
  limit: number,
  send: (message: OutboxMessage) => Promise<void>,
): Promise<Relayed> {
  return db.transaction(async (trx) => {
    const messages = await unsent(trx, limit);
    const outcomes = await Promise.all(
      messages.map(({ id, ...message }) =>
        send(message).then(
          () => ({ id, error: undefined }),
          (error: unknown) => ({ id, error: error instanceof Error ? error.message : String(error) }),
        ),
      ),
    );
    const sent = outcomes.filter(({ error }) => error === undefined).map(({ id }) => id);
    const followed = sent.length > 0 && (await markSent(trx, sent, at));
    for (const { id, error } of outcomes)
      if (error !== undefined)
        await trx('outbox')
          .where({ id })
          .update({ attempts: trx.raw('attempts + 1'), last_error: error.slice(0, 500) });
    return { sent: sent.length, more: followed || (sent.length > 0 && messages.length === limit) };
  });
}

async function unsent(trx: Transaction, limit: number): Promise<(OutboxMessage & { id: number })[]> {
  const { rows } = await trx.raw<{ rows: (OutboxMessage & { id: number })[] }>(
    /* sql */ `
    SELECT id, case_code AS "caseCode", act, message FROM outbox o
     WHERE sent_at IS NULL AND not_before IS NULL
       -- A held act holds back the later ones of its case, so that a case always hears of acts in their order.
       AND NOT EXISTS (SELECT FROM outbox p
                        WHERE p.case_code = o.case_code AND p.sent_at IS NULL AND p.act < o.act)
     -- What could not be sent goes behind what was never tried, so that it holds up nobody.
     ORDER BY attempts, id LIMIT ? FOR UPDATE SKIP LOCKED`,
    [limit],
  );
  return rows;
}

/** Says whether a later message of the same cases waits: it was announced while its predecessor was not sent. */
async function markSent(trx: Transaction, sent: number[], at: Date): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { followed: boolean }[] }>(
    /* sql */ `
    UPDATE outbox o SET sent_at = ? WHERE id = ANY(?)
    RETURNING EXISTS (SELECT FROM outbox n
                       WHERE n.case_code = o.case_code AND n.sent_at IS NULL AND n.act > o.act) AS followed`,
    [at, sent],
  );
  return rows.some(({ followed }) => followed);
}

/** Lets the relay send the acts since an instant once more; stories drop what they have heard. */
export async function resendSince(db: Database, since: Date): Promise<number> {
  return db('outbox').where('sent_at', '>=', since).update({ sent_at: null });
}

/** Lets the relay tell everything of a case again unless the case is closed; says whether it is open. */
export async function resendOpenCase(db: Database, code: string): Promise<boolean> {
  const open = await db('cases')
    .where({ code })
    .whereNull('closed_at')
    .first<{ code: string } | undefined>('code');
  if (!open) return false;
  await db('outbox').where({ case_code: code }).whereNotNull('sent_at').update({ sent_at: null });
  return true;
}
