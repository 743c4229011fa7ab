import type { FhirResource } from 'fhir/r4.js';
import { isStored, type StoredType } from '../../fhir/resource-types.ts';
import type { Database, Transaction } from '../db.ts';
import type { Author } from './resources.ts';
import type { Search } from './search.ts';

/** Whose records a search is about, whether or not anything of them is seen: what is refused is entered there too. */
export async function recordsAbout(
  db: Database | Transaction,
  type: string,
  { patients = [], identifiers = [], ids = [] }: Search,
): Promise<string[]> {
  const numbers = type === 'Patient' ? identifiers.map((word) => word.slice(word.indexOf('|') + 1)) : [];
  const { rows } = await db.raw<{ rows: { id: string }[] }>(
    /* sql */ `
    SELECT id FROM health_records
     WHERE state IN ('open', 'restricted') AND (id = ANY(:patients) OR personal_number = ANY(:numbers))
    UNION
    SELECT record_id FROM fhir_resources WHERE type = :type AND id = ANY(:ids)`,
    { patients, numbers, type, ids },
  );
  return rows.map(({ id }) => id);
}

/** Says which of the resources that another one refers to are not there, or are somebody else's. */
export async function danglingReferences(
  trx: Transaction,
  recordId: string,
  resource: FhirResource,
): Promise<string[]> {
  const references = [...new Set(referencesIn(resource))];
  const named = references.map((reference) => ({ reference, place: placeOf(reference) }));
  const found = await trx('fhir_resources')
    .where({ record_id: recordId })
    .whereIn(
      'id',
      named.flatMap(({ place }) => (place ? [place.id] : [])),
    )
    .whereNotNull('resource')
    .select<{ type: string; id: string }[]>('type', 'id');
  const known = new Set(found.map(({ type, id }) => `${type}/${id}`));
  return named
    .filter(({ place }) => !place || !known.has(`${place.type}/${place.id}`))
    .map(({ reference }) => reference);
}

const shape = /^([A-Za-z]+)\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

function placeOf(reference: string): { type: StoredType; id: string } | undefined {
  const [, type = '', id = ''] = shape.exec(reference) ?? [];
  return isStored(type) ? { type, id } : undefined;
}

/** Every literal reference of a resource, however deep; organisations and people are named by identifier. */
function referencesIn(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  const own = 'reference' in value && typeof value.reference === 'string' ? [value.reference] : [];
  return [...own, ...Object.values(value).flatMap(referencesIn)];
}

/** Who wrote the current version of a resource. */
export async function authorOf(
  trx: Transaction,
  { type, id }: { type: string; id: string },
): Promise<Author> {
  const row = await trx('fhir_versions')
    .where({ type, id })
    .orderBy('version', 'desc')
    .first<{ author: Author }>('author');
  return row.author;
}
