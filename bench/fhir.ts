import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findOne, reading, searchFor, type ReadingOutcome } from '../api/fhir/reading.ts';
import { startPostgres } from '../embedded/postgres.ts';
import { sampleCity } from '../embedded/samples.ts';
import type { ResourceType } from '../fhir/resource-types.ts';
import type { Actor } from '../records/actor.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase, type Database, type Transaction } from '../records/db.ts';
import type { Reader } from '../records/fhir/grounds.ts';
import type { Search } from '../records/fhir/search.ts';
import { buildRecords, clinic, hospital, personalNumber, resourcesOfEach } from './fhir-city.ts';
import { percentile, round, type Figures } from './figures.ts';
import { measure, mustUseIndexes } from './views.ts';

const patients = Number(process.env['BENCH_PATIENTS'] ?? 100_000);
const large = ['health_records', 'fhir_resources', 'fhir_versions', 'health_consents', 'health_accesses'];

const doctorOf = (agency: string): Actor => ({
  sub: `doctor.${agency}`,
  name: 'Bác sĩ',
  roles: ['clinician'],
  agency,
});
const citizen: Actor = {
  sub: 'citizen:9',
  name: 'An',
  roles: ['citizen'],
  personalNumber: personalNumber(9),
};
const uuid = (text: string) =>
  createHash('md5')
    .update(text)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
const recordOf = (patient: number) => uuid(`record${patient}`);

interface View {
  actor: Actor;
  type: ResourceType;
  search: Partial<Search> | { read: string };
}
const of = (patient: number, more: Partial<Search> = {}) => ({ patients: [recordOf(patient)], ...more });
const day = (prefix: 'ge' | 'lt', iso: string) => {
  const from = new Date(iso);
  return { prefix, from, to: new Date(from.getTime() + 86_400_000) };
};
const views: Record<string, View> = {
  'read: an observation': { actor: doctorOf(hospital), type: 'Observation', search: { read: uuid('9/12') } },
  'read: of somebody who has not consented': {
    actor: doctorOf(hospital),
    type: 'Observation',
    search: { read: uuid('10/12') },
  },
  'search: observations of a patient': { actor: doctorOf(hospital), type: 'Observation', search: of(9) },
  'search: conditions, one hidden': { actor: doctorOf(hospital), type: 'Condition', search: of(9) },
  'search: observations between two days': {
    actor: doctorOf(hospital),
    type: 'Observation',
    search: of(9, { dates: [day('ge', '2024-06-01'), day('lt', '2026-01-01')] }),
  },
  'search: a patient by personal number': {
    actor: doctorOf(hospital),
    type: 'Patient',
    search: { identifiers: [`urn:oid:personal|${personalNumber(9)}`] },
  },
  'search: consents for a clinic with twenty': {
    actor: doctorOf(clinic),
    type: 'Consent',
    search: {},
  },
  'citizen: own observations': { actor: citizen, type: 'Observation', search: of(9) },
  'citizen: who has had access': { actor: citizen, type: 'AuditEvent', search: {} },
  'citizen: where it comes from': { actor: citizen, type: 'Provenance', search: of(9) },
  'citizen: own consents': { actor: citizen, type: 'Consent', search: of(9) },
};

/**
 * Reading and searching 100,000 health records of twenty resources each, policy and audit entry included: milliseconds with the
 * database and this process on one machine, without HTTP.
 *
 * @throws Error when a plan reads a whole table
 */
export async function fhir(): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const postgres = await startPostgres({ dataDir, port: 0 });
  const db = openDatabase(postgres.url, 4);
  const planner = new pg.Client({ connectionString: postgres.url });
  try {
    await migrate(db);
    await applyCity(db, sampleCity(), new Date());
    const begun = performance.now();
    await buildRecords(postgres.url, patients);
    const buildSeconds = round((performance.now() - begun) / 1000);
    await planner.connect();
    const measured: Record<string, string> = {};
    for (const [name, view] of Object.entries(views)) {
      const found = await looked(db, view, new Date());
      const took = await measure(db, (at, now) => entered(at, view, now));
      measured[name] = `${percentile(took, 50)} ${percentile(took, 95)} (${found.found})`;
      await mustUseIndexes(db, planner, { name, view: (at, now) => looked(at, view, now), large });
    }
    return { patients, resources: patients * resourcesOfEach, buildSeconds, p50p95Ms: measured };
  } finally {
    await planner.end();
    await db.destroy();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const readerOf = ({ actor }: View, at: Date): Reader => ({
  actor,
  at,
  ...(actor.roles.includes('citizen') ? {} : { purpose: 'treatment' }),
});

/** What a request does: it reads, and enters who has read. */
const entered = (db: Database, view: View, at: Date) =>
  reading(db, readerOf(view, at), { action: 'search', type: view.type }, (trx) => looked(trx, view, at));

async function looked(db: Database | Transaction, view: View, at: Date): Promise<ReadingOutcome<unknown>> {
  const { type, search } = view;
  const reader = readerOf(view, at);
  if ('read' in search) {
    const one = await findOne(db, reader, type, search.read);
    return { answer: one, records: one ? [one.recordId] : [], found: one ? 1 : 0 };
  }
  const found = await searchFor(db, reader, type, { dates: [], updated: [], count: 50, ...search });
  return {
    answer: found,
    records: [...new Set(found.rows.map(({ recordId }) => recordId))],
    found: found.total,
  };
}
