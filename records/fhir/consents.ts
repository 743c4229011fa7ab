import type { DataClass, Purpose, SensitiveClass } from '../../fhir/codings.ts';
import type { Database, Transaction } from '../db.ts';
import { ownRecord, type Reader } from './grounds.ts';
import { searchRows, type Found, type Search, type Searched } from './search.ts';

/** A version of a consent. */
export interface ConsentRow {
  id: string;
  version: number;
  /** When it was granted, or ended. */
  updated_at: Date;
  record_id: string;
  case_code: string;
  recipient: string;
  recipient_name: { vi: string; en: string };
  purpose: Purpose;
  classes: DataClass[];
  sensitive: SensitiveClass[];
  /** ISO dates, local; the last day is in it. */
  valid_from: string;
  valid_to: string;
  state: 'active' | 'replaced' | 'withdrawn' | 'expired';
  granted_at: Date;
  ended_at: Date | null;
}

const consents: Searched = {
  select: `r.id, r.version, coalesce(r.ended_at, r.granted_at) AS updated_at, r.record_id, r.case_code, r.recipient,
           (SELECT name FROM agencies WHERE code = r.recipient) AS recipient_name, r.purpose, r.classes, r.sensitive,
           r.valid_from, r.valid_to, r.state, r.granted_at, r.ended_at`,
  from: 'health_consents r',
  // Its citizen sees all of them, and a recipient those that name it.
  where: /* sql */ `(r.recipient = :agency OR r.record_id = ANY(ARRAY(${ownRecord})))`,
  id: 'r.id',
  updatedAt: 'coalesce(r.ended_at, r.granted_at)',
  record: 'r.record_id',
  time: ['r.granted_at', `r.granted_at + interval '1 millisecond'`],
};

/** Which version of each consent is the latest. */
const latest =
  'NOT EXISTS (SELECT FROM health_consents later WHERE later.id = r.id AND later.version > r.version)';

/** Searches consents as they are now. */
export const searchConsents = (
  db: Database | Transaction,
  reader: Reader,
  search: Search,
): Promise<Found<ConsentRow>> =>
  searchRows<ConsentRow>(db, reader, { ...consents, where: `${consents.where} AND ${latest}` }, search);

/** Lists the versions of a consent, the latest first. */
export async function consentVersions(
  db: Database | Transaction,
  reader: Reader,
  id: string,
): Promise<ConsentRow[]> {
  const search = { ids: [id], dates: [], updated: [], count: 100 };
  const { rows } = await searchRows<ConsentRow>(db, reader, consents, search);
  return rows.sort((a, b) => b.version - a.version);
}

/** The versions of one consent, the latest first. */
export type Versions = [ConsentRow, ...ConsentRow[]];

/** Lists the consents for a record with all their versions, the last change first. */
export async function consentsFor(
  db: Database | Transaction,
  reader: Reader,
  record: string,
): Promise<Versions[]> {
  const search = { patients: [record], dates: [], updated: [], count: 1000 };
  const { rows } = await searchRows<ConsentRow>(db, reader, consents, search);
  const byId = new Map<string, ConsentRow[]>();
  for (const row of rows) byId.set(row.id, [...(byId.get(row.id) ?? []), row]);
  return [...byId.values()].map((versions) => versions.sort((a, b) => b.version - a.version) as Versions);
}
