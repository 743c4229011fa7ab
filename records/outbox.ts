import type { Database, Transaction } from './db.ts';

/** A message that waits to be told to Temporal. */
export interface OutboxMessage {
  id: number;
  caseCode: string;
  act: number;
  message: unknown;
}

/** Channel on which PostgreSQL announces new messages. */
export const outboxChannel = 'motcua_outbox';

/**
 * Puts the next act of a case into the outbox and numbers it; part of the act's own transaction.
 * The case's row is locked by this, so acts of one case are numbered in the order of their commits.
 */
export async function enqueue(trx: Transaction, code: string, message: unknown, at: Date): Promise<number> {
  const { rows } = await trx.raw<{ rows: { act: number }[] }>(
    /* sql */ `
    WITH numbered AS (UPDATE cases SET last_act = last_act + 1 WHERE code = :code RETURNING last_act),
         queued AS (INSERT INTO outbox (case_code, act, message, created_at)
                    SELECT :code, last_act, :message, :at FROM numbered RETURNING act)
    SELECT act, pg_notify('${outboxChannel}', '') FROM queued`,
    { code, message: JSON.stringify(message), at },
  );
  const act = rows[0]?.act;
  if (act === undefined) throw new Error(`no case ${code}`);
  return act;
}

/**
 * Takes unsent messages, at most one a case and the oldest of it, and hands them to `send` inside the
 * transaction that marks them sent; a message that could not be sent stays and tells why.
 *
 * @returns how many were sent
 */
export async function relayBatch(
  db: Database,
  at: Date,
  limit: number,
  send: (message: OutboxMessage) => Promise<void>,
): Promise<{ sent: number; failed: number }> {
  return db.transaction(async (trx) => {
    const { rows } = await trx.raw<{
      rows: { id: number; case_code: string; act: number; message: unknown }[];
    }>(
      /* sql */ `
      SELECT id, case_code, act, message FROM outbox o
       WHERE sent_at IS NULL
         AND NOT EXISTS (SELECT FROM outbox p
                          WHERE p.case_code = o.case_code AND p.sent_at IS NULL AND p.act < o.act)
       -- What could not be sent goes behind what was never tried, so that it holds up nobody.
       ORDER BY attempts, id LIMIT ? FOR UPDATE SKIP LOCKED`,
      [limit],
    );
    const outcomes = await Promise.all(
      rows.map(async (row) => {
        try {
          await send({ id: row.id, caseCode: row.case_code, act: row.act, message: row.message });
          return { id: row.id, error: undefined };
        } catch (error) {
          return { id: row.id, error: error instanceof Error ? error.message : String(error) };
        }
      }),
    );
    const sent = outcomes.filter((outcome) => outcome.error === undefined).map((outcome) => outcome.id);
    if (sent.length > 0) await trx('outbox').whereRaw('id = ANY(?)', [sent]).update({ sent_at: at });
    for (const { id, error } of outcomes)
      if (error !== undefined)
        await trx('outbox')
          .where({ id })
          .update({ attempts: trx.raw('attempts + 1'), last_error: error.slice(0, 500) });
    return { sent: sent.length, failed: outcomes.length - sent.length };
  });
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
