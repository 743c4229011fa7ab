import { randomUUID } from 'node:crypto';
import type { Purpose } from '../../fhir/codings.ts';
import type { Database, Transaction } from '../db.ts';
import { ownRecord, type Ground, type Reader } from './grounds.ts';
import { searchRows, type Found, type Search } from './search.ts';

/** What somebody did with a record. */
export type AccessAction =
  'read' | 'search' | 'history' | 'document' | 'create' | 'update' | 'break-glass' | 'judge';

/** An access to health records, as it is entered: one for a request, however many resources it gave. */
export interface Access {
  /** The records concerned; nothing is entered where there are none. */
  records: readonly string[];
  action: AccessAction;
  /** Type of resource. */
  type: string | undefined;
  /** None: it was refused. */
  ground: Ground | 'none';
  /** How many resources were given. */
  found: number;
}

/** Who had access, as its citizen is told. */
export interface AccessActor {
  sub: string;
  name: string;
  title?: string;
  agency?: string;
}

/** An access as it is kept. */
export interface AccessRow {
  id: string;
  updated_at: Date;
  record_ids: string[];
  actor: AccessActor;
  agency_name: { vi: string; en: string } | null;
  purpose: Purpose | null;
  ground: Ground | 'none';
  action: AccessAction;
  type: string | null;
  found: number;
}

/** Enters an access, also a refused one; before the answer is sent, and in the transaction that reads or writes. */
export async function noteAccess(
  trx: Transaction,
  { actor, at, purpose }: Reader,
  access: Access,
): Promise<void> {
  if (access.records.length === 0) return;
  const { sub, name, title, agency } = actor;
  await trx('health_accesses').insert({
    id: randomUUID(),
    at,
    record_ids: [...new Set(access.records)],
    actor: JSON.stringify({ sub, name, title, agency }),
    purpose: purpose ?? null,
    ground: access.ground,
    action: access.action,
    type: access.type ?? null,
    found: access.found,
  });
}

/** Searches who has had access to one's own record; nobody else sees that. */
export const searchAccesses = (
  db: Database | Transaction,
  reader: Reader,
  search: Search,
): Promise<Found<AccessRow>> =>
  searchRows<AccessRow>(
    db,
    reader,
    {
      select: `r.id, r.at AS updated_at, r.record_ids, r.actor, r.purpose, r.ground, r.action, r.type, r.found,
               (SELECT name FROM agencies WHERE code = r.actor->>'agency') AS agency_name`,
      from: 'health_accesses r',
      where: `r.record_ids && ARRAY(${ownRecord})`,
      id: 'r.id',
      updatedAt: 'r.at',
      // One's own is the only one.
      record: `(${ownRecord})`,
      time: ['r.at', `r.at + interval '1 millisecond'`],
    },
    search,
  );
