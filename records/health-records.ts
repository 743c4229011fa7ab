import { randomUUID } from 'node:crypto';
import type { FhirResource } from 'fhir/r4.js';
import type { PulledEntry } from '../fhir/from-registries.ts';
import type { BuiltRecord } from '../fhir/record.ts';
import type { Database, Transaction } from './db.ts';
import { insertResource, type Author } from './fhir/resources.ts';

/** A health record, opened by a case. */
export interface HealthRecord {
  id: string;
  caseCode: string;
  state: 'draft' | 'open' | 'restricted' | 'erased';
}

/** Whose record a case is to open. */
export interface Opening {
  caseCode: string;
  citizenSub: string;
  personalNumber: string;
  at: Date;
}

/** Gives the draft of a record that a case is to open; it is there from the first registry that tells something. */
export async function draftRecord(
  db: Database | Transaction,
  { caseCode, citizenSub, personalNumber, at }: Opening,
): Promise<HealthRecord> {
  await db('health_records')
    .insert({
      id: randomUUID(),
      case_code: caseCode,
      personal_number: personalNumber,
      citizen_sub: citizenSub,
      state: 'draft',
      opened_at: at,
    })
    .onConflict('case_code')
    .ignore();
  const found = await recordOfCase(db, caseCode);
  if (!found) throw new Error(`no health record for ${caseCode}`);
  return found;
}

/** Finds the record that a case has opened. */
export async function recordOfCase(
  db: Database | Transaction,
  caseCode: string,
): Promise<HealthRecord | undefined> {
  return db('health_records')
    .where({ case_code: caseCode })
    .first<HealthRecord | undefined>('id', 'case_code as caseCode', 'state');
}

/** Finds the record of a citizen that is published. */
export async function recordOfCitizen(
  db: Database | Transaction,
  personalNumber: string,
): Promise<HealthRecord | undefined> {
  return (
    db('health_records')
      .where({ personal_number: personalNumber })
      // Written out, so that a prepared plan knows the index of these states.
      .whereRaw(`state IN ('open', 'restricted')`)
      .first<HealthRecord | undefined>('id', 'case_code as caseCode', 'state')
  );
}

/** Keeps what a registry has told for a case, once for what it calls each entry. */
export async function keepPulled(
  db: Database,
  caseCode: string,
  source: string,
  entries: readonly PulledEntry[],
): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map(({ sourceId, id, resource }) => ({
    id,
    case_code: caseCode,
    source,
    source_id: sourceId,
    resource: JSON.stringify(resource),
  }));
  await db('health_pulled').insert(rows).onConflict().ignore();
}

/** What registries have told for a case. */
export interface Pulled {
  id: string;
  source: string;
  resource: FhirResource;
}

/** Lists what registries have told for a case. */
export async function pulledFor(db: Database | Transaction, caseCode: string): Promise<Pulled[]> {
  return db('health_pulled')
    .where({ case_code: caseCode })
    .orderBy(['source', 'source_id'])
    .select<Pulled[]>('id', 'source', 'resource');
}

/** Forgets what registries have told for cases that have ended or have published it; gives how many entries. */
export async function forgetPulled(db: Database): Promise<number> {
  return db('health_pulled')
    .whereExists(
      db('cases')
        .leftJoin('health_records', 'health_records.case_code', 'cases.code')
        .whereRaw('cases.code = health_pulled.case_code')
        .whereRaw(`(cases.closed_at IS NOT NULL OR health_records.state <> 'draft')`),
    )
    .delete();
}

/**
 * Publishes a record: from here on consents may be given for it. Told again it changes nothing.
 *
 * @param authors of what the citizen said and of what registries told
 */
export async function publishRecord(
  db: Database,
  {
    id,
    built,
    authors,
    at,
  }: { id: string; built: BuiltRecord; authors: Record<'citizen' | 'registry' | 'system', Author>; at: Date },
): Promise<void> {
  await db.transaction(async (trx) => {
    const opened = await trx('health_records')
      .where({ id, state: 'draft' })
      .update({ state: 'open', opened_at: at });
    if (opened === 0) return;
    const write = (resource: FhirResource, author: Author) =>
      insertResource(trx, { recordId: id, id: resource.id!, resource, author, at });
    await write(built.patient, authors.system);
    for (const resource of built.declared) await write(resource, authors.citizen);
    for (const resource of built.pulled) await write(resource, authors.registry);
    await write(built.composition, authors.system);
  });
}

/** Restricts a record at its citizen's wish, or opens it again: restricted, no consent shows anything of it. */
export async function restrictRecord(trx: Transaction, caseCode: string, restricted: boolean): Promise<void> {
  await trx('health_records')
    .where({ case_code: caseCode })
    .whereIn('state', ['open', 'restricted'])
    .update({ state: restricted ? 'restricted' : 'open' });
}

/**
 * Erases a record: what it says, whose it was and every consent for it. What is left says that it is gone, and who had access, which
 * its citizen has been told.
 */
export async function eraseRecord(db: Database, caseCode: string, at: Date): Promise<void> {
  await db.transaction(async (trx) => {
    const record = await recordOfCase(trx, caseCode);
    if (!record || record.state === 'erased') return;
    const of = { record_id: record.id };
    await trx('fhir_resources').where(of).update({ resource: null, identifiers: [], updated_at: at });
    await trx('fhir_versions').where(of).update({ resource: null });
    await trx('health_consents')
      .where({ ...of, state: 'active' })
      .update({ state: 'withdrawn', ended_at: at });
    await trx('health_pulled').where({ case_code: caseCode }).delete();
    // What its tasks showed, and what its citizen answered, is the record in other words.
    await trx('tasks')
      .where({ case_code: caseCode })
      .update({
        personal: null,
        context: trx.raw(`context - '{entries,pulled,published,application,opened}'::text[]`),
      });
    await trx('health_records').where({ id: record.id }).update({ state: 'erased', personal_number: null });
  });
}
