import type { FhirResource } from 'fhir/r4.js';
import { isStored, type ResourceType } from '../../fhir/resource-types.ts';
import type { Database, Transaction } from '../../records/db.ts';
import { noteAccess, searchAccesses, type AccessAction } from '../../records/fhir/accesses.ts';
import { consentVersions, searchConsents } from '../../records/fhir/consents.ts';
import { groundsIn, type Reader } from '../../records/fhir/grounds.ts';
import { searchProvenances } from '../../records/fhir/provenances.ts';
import { findResource, versionsOf, type Kept } from '../../records/fhir/resources.ts';
import { searchResources, type Found, type Search } from '../../records/fhir/search.ts';
import { recordOfCitizen, type HealthRecord } from '../../records/health-records.ts';
import { tellAccess, tellConsent, tellProvenance } from './told.ts';

/** A resource, and whose record it is of. */
export interface Given {
  resource: FhirResource;
  recordId: string;
}

type Trx = Database | Transaction;

const given = ({ resource, recordId }: Kept): Given[] => (resource ? [{ resource, recordId }] : []);

/** Searches what a reader may see of a type. */
export async function searchFor(
  trx: Trx,
  reader: Reader,
  type: ResourceType,
  search: Search,
): Promise<Found<Given>> {
  const told = <Row>({ rows, ...found }: Found<Row>, tell: (row: Row) => Given) => ({
    ...found,
    rows: rows.map(tell),
  });
  if (isStored(type)) {
    const found = await searchResources(trx, reader, type, search);
    return { ...found, rows: found.rows.flatMap(given) };
  }
  switch (type) {
    case 'Consent':
      return told(await searchConsents(trx, reader, search), (row) => ({
        resource: tellConsent(row),
        recordId: row.record_id,
      }));
    case 'Provenance':
      return told(await searchProvenances(trx, reader, search), (row) => ({
        resource: tellProvenance(row),
        recordId: row.record_id,
      }));
    case 'AuditEvent': {
      const own = (await ownRecord(trx, reader))?.id ?? '';
      return told(await searchAccesses(trx, reader, search), (row) => ({
        resource: tellAccess(row, own),
        recordId: own,
      }));
    }
  }
}

/** The record that is the reader's own. */
export async function ownRecord(trx: Trx, { actor }: Reader): Promise<HealthRecord | undefined> {
  return actor.personalNumber ? recordOfCitizen(trx, actor.personalNumber) : undefined;
}

/** Finds one resource for a reader. */
export async function findOne(
  trx: Trx,
  reader: Reader,
  type: ResourceType,
  id: string,
): Promise<Given | undefined> {
  if (isStored(type)) {
    const kept = await findResource(trx, reader, { type, id });
    return kept && given(kept)[0];
  }
  const { rows } = await searchFor(trx, reader, type, { ids: [id], dates: [], updated: [], count: 1 });
  return rows[0];
}

/** Finds the versions of a resource, the latest first; one of them where it is named. */
export async function findVersions(
  trx: Trx,
  reader: Reader,
  type: ResourceType,
  id: string,
  version?: number,
): Promise<Given[]> {
  if (type === 'Consent') {
    const all = await consentVersions(trx, reader, id);
    return all
      .filter((row) => version === undefined || row.version === version)
      .map((row) => ({ resource: tellConsent(row), recordId: row.record_id }));
  }
  if (!isStored(type)) return [];
  if (version === undefined) return (await versionsOf(trx, reader, { type, id })).flatMap(given);
  const kept = await findResource(trx, reader, { type, id, version });
  return kept ? given(kept) : [];
}

/** What a reading gave, and whose records it was about. */
export interface ReadingOutcome<Answer> {
  answer: Answer;
  records: readonly string[];
  /** How many resources were given. */
  found: number;
  /** Whether it was refused, though the reader may see other things there. */
  refused?: boolean;
}

/**
 * Reads in health records: what is read and who has read it are one transaction, so nothing is given that is not entered. One entry
 * for each ground, mostly one in all.
 */
export async function reading<Answer>(
  db: Database,
  reader: Reader,
  { action, type }: { action: AccessAction; type: ResourceType | undefined },
  work: (trx: Transaction) => Promise<ReadingOutcome<Answer>>,
): Promise<Answer> {
  return db.transaction(async (trx) => {
    const { answer, records, found, refused = false } = await work(trx);
    const grounds = refused ? undefined : await groundsIn(trx, reader, records);
    for (const ground of ['own', 'consent', 'emergency', 'none'] as const) {
      const among = records.filter((id) => (grounds?.get(id) ?? 'none') === ground);
      await noteAccess(trx, reader, {
        records: among,
        action,
        type,
        ground,
        found: ground === 'none' ? 0 : found,
      });
    }
    return answer;
  });
}
