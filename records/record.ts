import { createHash } from 'node:crypto';
import type { Actor } from './actor.ts';
import type { Database, Transaction } from './db.ts';

/** One entry of a case's record: who did what when. No personal data beyond the actor's subject: digests and ids only. */
export interface Entry {
  at: Date;
  actor: Actor;
  event: string;
  details?: Record<string, unknown>;
  /** Business key of the entry in its case, for example `act:3`: the same key is written once. */
  reference: string;
}

/** Writes JSON with sorted keys, so that the same value always has the same digest. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    inner !== null && typeof inner === 'object' && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}

/** SHA-256 of a value's canonical JSON, in hexadecimal: how the record refers to what it must not repeat. */
export function digest(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}

const recordedActor = ({ sub, name, roles, agency, as, for: principal }: Actor) =>
  roles.includes('citizen')
    ? { sub, roles, ...(as ? { as } : {}), ...(principal ? { for: { sub: principal.sub } } : {}) }
    : { sub, name, roles, ...(agency ? { agency } : {}), ...(principal ? { for: principal } : {}) };

/** Where a case's record ends, as the case's row keeps it. */
export interface RecordEnd {
  record_length: number;
  record_hash: Buffer;
}

/** The entries that follow the end of a record, ready for {@link insertRecord}, and its new end. */
export interface Chained {
  /** JSON rows of `case_record`. */
  rows: string;
  end: RecordEnd;
}

/** Chains entries to the end of a case's record: each hash is SHA-256 of the one before and the entry's canonical JSON. */
export function chain({ record_length, record_hash }: RecordEnd, entries: Entry[]): Chained {
  let hash = record_hash;
  const rows = entries.map(({ at, actor: who, event, details = {}, reference }, index) => {
    const actor = recordedActor(who);
    const entry = { at: at.toISOString(), actor, event, details, reference };
    hash = nextHash(hash, entry);
    return { number: record_length + index + 1, ...entry, hash: hash.toString('hex') };
  });
  return {
    rows: JSON.stringify(rows),
    end: { record_length: record_length + entries.length, record_hash: hash },
  };
}

const nextHash = (previous: Buffer, entry: Record<string, unknown>) =>
  createHash('sha256').update(previous).update(canonicalJson(entry)).digest();

/**
 * The part of a statement that appends `:record`, rows of {@link chain}, to the case of a preceding part `changed`,
 * which gives its code and has set the new end on its row.
 */
export const insertRecord = /* sql */ `
  INSERT INTO case_record (case_code, number, at, actor, event, details, reference, hash)
  SELECT changed.code, entry.number, entry.at, entry.actor, entry.event, entry.details, entry.reference,
         decode(entry.hash, 'hex')
    FROM changed, jsonb_to_recordset(CAST(:record AS jsonb))
      AS entry (number int, at timestamptz, actor jsonb, event text, details jsonb, reference text, hash text)`;

interface Row {
  number: number;
  at: Date;
  actor: Record<string, unknown>;
  event: string;
  details: Record<string, unknown>;
  reference: string;
  hash: Buffer;
}

/** Locks a case, so that its acts happen one after the other; gives where its record ends. */
export async function lockRecord(trx: Transaction, code: string): Promise<RecordEnd> {
  return trx('cases').where({ code }).forUpdate().first<RecordEnd>('record_length', 'record_hash');
}

/** Appends one entry to the record of a case whose row is locked: acts on one case happen one after the other. */
export async function appendEntry(
  trx: Transaction,
  { case_code: code, ...last }: RecordEnd & { case_code: string },
  entry: Entry,
): Promise<void> {
  const { rows: record, end } = chain(last, [entry]);
  await trx.raw(append, { code, record, ...end });
}

const append = /* sql */ `
  WITH changed AS (
    UPDATE cases SET record_length = :record_length, record_hash = :record_hash WHERE code = :code RETURNING code
  ) ${insertRecord}`;

/**
 * Recomputes the chain of a case's record; gives the number of the first entry that was changed or is missing, or
 * undefined.
 */
export async function firstBrokenEntry(db: Database, code: string): Promise<number | undefined> {
  const [end, rows] = await Promise.all([
    db<RecordEnd>('cases').where('code', code).first('record_length', 'record_hash'),
    db<Row>('case_record').where('case_code', code).orderBy('number'),
  ]);
  let last: Buffer = Buffer.alloc(0);
  for (const [index, { number, at, actor, event, details, reference, hash }] of rows.entries()) {
    const expected = nextHash(last, { at: at.toISOString(), actor, event, details, reference });
    if (number !== index + 1 || !expected.equals(hash)) return number;
    last = hash;
  }
  const whole = end?.record_length === rows.length && end.record_hash.equals(last);
  return whole ? undefined : rows.length + 1;
}
