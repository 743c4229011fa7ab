import type { Database, Transaction } from '../db.ts';
import { isGranted, type Reader } from './grounds.ts';
import type { Author } from './resources.ts';
import { searchRows, type Found, type Search } from './search.ts';

/** Who brought a version of a resource about. */
export interface ProvenanceRow {
  id: string;
  updated_at: Date;
  record_id: string;
  type: string;
  resource_id: string;
  version: number;
  author: Author;
}

/** Searches who wrote what a reader may see. */
export const searchProvenances = (
  db: Database | Transaction,
  reader: Reader,
  search: Search,
): Promise<Found<ProvenanceRow>> =>
  searchRows<ProvenanceRow>(
    db,
    reader,
    {
      select:
        'v.provenance AS id, v.updated_at, v.record_id, v.type, v.id AS resource_id, v.version, v.author',
      from: /* sql */ `fhir_versions v JOIN fhir_resources now USING (type, id)
        JOIN LATERAL (SELECT v.record_id, now.data_class, now.sensitive || v.sensitive AS sensitive) r ON true`,
      where: `v.resource IS NOT NULL AND ${isGranted}`,
      id: 'v.provenance',
      updatedAt: 'v.updated_at',
      record: 'v.record_id',
      time: ['v.updated_at', `v.updated_at + interval '1 millisecond'`],
    },
    search,
  );
