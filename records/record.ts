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

const recordedActor = ({ sub, name, roles, agency }: Actor) =>
  roles.includes('citizen') ? { sub, roles } : { sub, name, roles, ...(agency ? { agency } : {}) };

function sealed(entry: Entry) {
  const actor = recordedActor(entry.actor);
  const details = entry.details ?? {};
  const { event, reference } = entry;
  return {
    actor,
    details,
    canonical: canonicalJson({ at: entry.at.toISOString(), actor, event, details, reference }),
  };
}

/**
 * Appends to a case's record, each entry chained to the one before by SHA-256.
 * The caller holds the lock on the case's row, which puts the entries in order.
 */
export async function appendRecord(trx: Transaction, code: string, entries: Entry[]): Promise<void> {
  if (entries.length === 0) return;
  const given = entries.map((entry) => ({
    ...sealed(entry),
    at: entry.at,
    event: entry.event,
    reference: entry.reference,
  }));
  await trx.raw(
    /* sql */ `
    INSERT INTO case_record (case_code, number, at, actor, event, details, reference, hash)
    WITH RECURSIVE given AS (
      SELECT row_number() OVER (ORDER BY sequence) AS place, entry.*
        FROM ROWS FROM (jsonb_to_recordset(CAST(:given AS jsonb))
          AS (at timestamptz, actor jsonb, event text, details jsonb, reference text, canonical text))
        WITH ORDINALITY entry (at, actor, event, details, reference, canonical, sequence)
       WHERE NOT EXISTS (SELECT FROM case_record known
                          WHERE known.case_code = :code AND known.reference = entry.reference)
    ), last AS (
      SELECT number, hash FROM case_record WHERE case_code = :code ORDER BY number DESC LIMIT 1
    ), chain AS (
      SELECT 0::bigint AS place, coalesce((SELECT hash FROM last), ''::bytea) AS hash
      UNION ALL
      SELECT given.place, sha256(chain.hash || convert_to(given.canonical, 'UTF8'))
        FROM chain JOIN given ON given.place = chain.place + 1
    )
    SELECT :code, coalesce((SELECT number FROM last), 0) + place, at, actor, event, details, reference, chain.hash
      FROM given JOIN chain USING (place)`,
    { code, given: JSON.stringify(given) },
  );
}

interface Row {
  number: number;
  at: Date;
  actor: Record<string, unknown>;
  event: string;
  details: Record<string, unknown>;
  reference: string;
  hash: Buffer;
}

/** Recomputes the chain of a case's record; gives the number of the first entry that was changed, or undefined. */
export async function firstBrokenEntry(db: Database, code: string): Promise<number | undefined> {
  const rows = await db<Row>('case_record').where('case_code', code).orderBy('number');
  let previous: Buffer = Buffer.alloc(0);
  for (const [index, { number, at, actor, event, details, reference, hash }] of rows.entries()) {
    const canonical = canonicalJson({ at: at.toISOString(), actor, event, details, reference });
    const expected = createHash('sha256').update(previous).update(canonical).digest();
    if (number !== index + 1 || !expected.equals(hash)) return number;
    previous = hash;
  }
  return undefined;
}
