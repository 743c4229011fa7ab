import { engine } from './actor.ts';
import type { Database, Transaction } from './db.ts';
import type { SignatureLevel } from './documents.ts';
import { appendEntry, lockRecord } from './record.ts';
import { Refusal } from './refusal.ts';

/** A document whose signatures must be augmented. */
export interface DueDocument {
  id: string;
  caseCode: string;
  document: string;
  number: number;
  /** Of its file. */
  sha256: string;
}

const columns = { id: 'id', caseCode: 'case_code', document: 'document', number: 'number', sha256: 'sha256' };

/** Documents that must be augmented by an instant, the longest due first. */
export async function dueForAugmentation(db: Database, at: Date, limit: number): Promise<DueDocument[]> {
  return db('documents')
    .where('augment_due_at', '<=', at)
    .orderBy('augment_due_at')
    .limit(limit)
    .select<DueDocument[]>(columns);
}

/** How many documents must be augmented by an instant. */
export async function countDue(db: Database, at: Date): Promise<number> {
  const row = await db('documents').where('augment_due_at', '<=', at).count<{ count: string }[]>().first();
  return Number(row?.count ?? 0);
}

/**
 * Puts the augmented file in the place of the one that it continues, and says so in the record of the case. Where somebody
 * else was faster, nothing changes.
 */
export async function enterAugmented(
  db: Database,
  due: DueDocument,
  augmented: { sha256: string; size: number; level: SignatureLevel; augmentDue: Date | null },
  at: Date,
): Promise<void> {
  const { sha256, size, level, augmentDue } = augmented;
  const change = { sha256, size, level, augment_due_at: augmentDue, augment_failure: null };
  await enter(db, due, change, { at, event: 'augmented', details: { level, sha256 }, reference: sha256 });
}

/** Gives up a document whose signatures can no longer be proven good, and says why in the record of its case. */
export async function giveUpAugmentation(
  db: Database,
  due: DueDocument,
  reason: string,
  at: Date,
): Promise<void> {
  const entry = { at, event: 'not-augmented', details: { reason }, reference: due.sha256 };
  await enter(db, due, { augment_due_at: null, augment_failure: reason }, entry);
}

/** Sets a document aside that could not be augmented, until an instant, and keeps why. */
export async function postponeAugmentation(
  db: Database,
  { id }: DueDocument,
  reason: string,
  until: Date,
): Promise<void> {
  const change = { augment_due_at: until, augment_failure: reason };
  await db('documents').where({ id }).whereNotNull('augment_due_at').update(change);
}

/**
 * Makes a document due for augmentation now.
 *
 * @throws Refusal `not-found` where there is nothing left to add, or no use in it
 */
export async function augmentNow(trx: Transaction, id: string, at: Date): Promise<void> {
  const found = await trx('documents')
    .where({ id })
    .whereNotNull('augment_due_at')
    .update({ augment_due_at: at });
  if (found === 0)
    throw new Refusal('not-found', 'Văn bản này không chờ bổ sung · This document waits for nothing');
}

async function enter(
  db: Database,
  { id, caseCode, document, number, sha256 }: DueDocument,
  change: Record<string, unknown>,
  { at, event, details, reference }: { at: Date; event: string; details: object; reference: string },
): Promise<void> {
  await db.transaction(async (trx) => {
    const end = await lockRecord(trx, caseCode);
    const changed = await trx('documents')
      .where({ id, sha256 })
      .whereNotNull('augment_due_at')
      .update(change);
    if (changed === 0) return;
    await appendEntry(
      trx,
      { case_code: caseCode, ...end },
      {
        at,
        actor: engine,
        event,
        details: { document, number, ...details },
        reference: `${event}:${document}:${number}:${reference.slice(0, 16)}`,
      },
    );
  });
}
