import { randomUUID } from 'node:crypto';
import type { FhirResource, Identifier } from 'fhir/r4.js';
import { timeOf } from '../../fhir/dates.ts';
import { dataClassOf, labelled, sensitiveClassesOf } from '../../fhir/labels.ts';
import type { StoredType } from '../../fhir/resource-types.ts';
import type { Database, Transaction } from '../db.ts';
import { bindingsOf, isGranted, type Reader } from './grounds.ts';

/** Who brought a version about, as its Provenance tells it. */
export interface Author {
  kind: 'clinician' | 'registry' | 'citizen' | 'system';
  sub?: string;
  name: string;
  agency?: string | undefined;
}

/** A version of a resource as it is kept. */
export interface Kept {
  type: StoredType;
  id: string;
  recordId: string;
  version: number;
  updatedAt: Date;
  /** Null when the record was erased. */
  resource: FhirResource | null;
}

interface Row {
  type: StoredType;
  id: string;
  record_id: string;
  version: number;
  updated_at: Date;
  resource: FhirResource | null;
}

export const columns = 'r.type, r.id, r.record_id, r.version, r.updated_at, r.resource';

export const keptOf = (row: Row): Kept => ({
  type: row.type,
  id: row.id,
  recordId: row.record_id,
  version: row.version,
  updatedAt: row.updated_at,
  resource: row.resource && withMeta(row.resource, row),
});

/** A resource as it is read: with its id, version and instant. */
function withMeta(resource: FhirResource, { id, version, updated_at: at }: Row): FhirResource {
  return {
    ...resource,
    id,
    meta: { ...resource.meta, versionId: String(version), lastUpdated: at.toISOString() },
  };
}

/** What is looked for: a resource, or one of its versions. */
export interface Place {
  type: StoredType;
  id: string;
  version?: number | undefined;
}

/** Finds a resource for a reader; undefined where there is none or nothing lets them see it, which look the same. */
export async function findResource(
  db: Database | Transaction,
  reader: Reader,
  { type, id, version }: Place,
): Promise<Kept | undefined> {
  const bindings = { ...bindingsOf(reader), type, id, version: version ?? null };
  // An earlier version is read by whoever may read what it has become, and its own labels count too.
  const { rows } = await db.raw<{ rows: Row[] }>(
    version === undefined
      ? /* sql */ `SELECT ${columns} FROM fhir_resources r WHERE r.type = :type AND r.id = :id AND ${isGranted}`
      : /* sql */ `
        SELECT v.type, v.id, v.record_id, v.version, v.updated_at, v.resource FROM (
          SELECT now.data_class, now.sensitive || old.sensitive AS sensitive, old.type, old.id, old.record_id, old.version,
                 old.updated_at, old.resource
            FROM fhir_versions old JOIN fhir_resources now USING (type, id)
           WHERE old.type = :type AND old.id = :id AND old.version = :version) v
          JOIN LATERAL (SELECT v.record_id, v.data_class, v.sensitive) r ON ${isGranted}`,
    bindings,
  );
  return rows[0] && keptOf(rows[0]);
}

/** Finds those of some resources that a reader may see, in the order in which they are named. */
export async function findResources(
  db: Database | Transaction,
  reader: Reader,
  places: readonly Pick<Place, 'type' | 'id'>[],
): Promise<Kept[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    /* sql */ `
    SELECT ${columns}
      FROM unnest(CAST(:types AS text[]), CAST(:ids AS uuid[])) WITH ORDINALITY AS place (type, id, nth)
           JOIN fhir_resources r ON r.type = place.type AND r.id = place.id
     WHERE ${isGranted} ORDER BY nth`,
    { ...bindingsOf(reader), types: places.map(({ type }) => type), ids: places.map(({ id }) => id) },
  );
  return rows.map(keptOf);
}

/** Lists the versions of a resource that a reader may see, the latest first. */
export async function versionsOf(
  db: Database | Transaction,
  reader: Reader,
  { type, id }: Place,
): Promise<Kept[]> {
  const { rows } = await db.raw<{ rows: Row[] }>(
    /* sql */ `
    SELECT v.type, v.id, v.record_id, v.version, v.updated_at, v.resource FROM (
      SELECT now.data_class, now.sensitive || old.sensitive AS sensitive, old.type, old.id, old.record_id, old.version,
             old.updated_at, old.resource
        FROM fhir_versions old JOIN fhir_resources now USING (type, id)
       WHERE old.type = :type AND old.id = :id) v
      JOIN LATERAL (SELECT v.record_id, v.data_class, v.sensitive) r ON ${isGranted}
     ORDER BY v.version DESC LIMIT 100`,
    { ...bindingsOf(reader), type, id },
  );
  return rows.map(keptOf);
}

/** The record that a resource belongs to, whoever asks: what a refused access is entered under. */
export async function recordOf(db: Database | Transaction, { type, id }: Place): Promise<string | undefined> {
  const row = await db('fhir_resources')
    .where({ type, id })
    .first<{ record_id: string } | undefined>('record_id');
  return row?.record_id;
}

/** Whether a resource was there once and its record was erased: it is gone, and that says nothing about anybody. */
export async function isErased(db: Database | Transaction, { type, id }: Place): Promise<boolean> {
  const row = await db('fhir_resources')
    .where({ type, id })
    .whereNull('resource')
    .first<{ id: string } | undefined>('id');
  return row !== undefined;
}

/** A resource that is to be kept. */
export interface Writing {
  recordId: string;
  id: string;
  resource: FhirResource;
  author: Author;
  at: Date;
}

/** The words by which a resource is found: `system|value` and `|value`, as searches write them. */
export const identifierWords = ({ system, value }: Pick<Identifier, 'system' | 'value'>): string[] =>
  value === undefined ? [] : [`${system ?? ''}|${value}`, `*|${value}`];

/** What is kept of a resource beside itself; its labels are put on it, and what the server says of it itself is left out. */
function rowOf({ recordId, id, resource: given, at }: Writing) {
  const resource = labelled(given);
  const { versionId: _version, lastUpdated: _updated, ...meta } = resource.meta ?? {};
  const time = timeOf(resource);
  const identifiers = (resource as { identifier?: Identifier | Identifier[] }).identifier ?? [];
  return {
    type: resource.resourceType,
    id,
    record_id: recordId,
    updated_at: at,
    data_class: dataClassOf(resource),
    sensitive: sensitiveClassesOf(resource),
    identifiers: [identifiers].flat().flatMap(identifierWords),
    from_at: time?.from ?? null,
    to_at: time?.to ?? null,
    resource: JSON.stringify({ ...resource, id, meta }),
  };
}

/** Keeps a new resource as its version 1; one that is kept already stays as it is, and false is given. */
export async function insertResource(trx: Transaction, writing: Writing): Promise<boolean> {
  const row = rowOf(writing);
  const inserted = await trx('fhir_resources')
    .insert({ ...row, version: 1 })
    .onConflict(['type', 'id'])
    .ignore()
    .returning('id');
  if (inserted.length > 0) await insertVersion(trx, row, 1, writing.author);
  return inserted.length > 0;
}

/** Keeps the next version of a resource, if it still is at the one that the writer knows; gives the new version's number. */
export async function updateResource(
  trx: Transaction,
  writing: Writing,
  known: number,
): Promise<number | undefined> {
  const row = rowOf(writing);
  const { type, id, ...changed } = row;
  const updated = await trx('fhir_resources')
    .where({ type, id, version: known })
    .update({ ...changed, version: known + 1 });
  if (updated === 0) return undefined;
  await insertVersion(trx, row, known + 1, writing.author);
  return known + 1;
}

async function insertVersion(
  trx: Transaction,
  { type, id, record_id, updated_at, sensitive, resource }: ReturnType<typeof rowOf>,
  version: number,
  author: Author,
): Promise<void> {
  await trx('fhir_versions').insert({
    type,
    id,
    version,
    record_id,
    updated_at,
    sensitive,
    author: JSON.stringify(author),
    provenance: randomUUID(),
    resource,
  });
}
