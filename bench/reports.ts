import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startPostgres } from '../embedded/postgres.ts';
import { sampleCity } from '../embedded/samples.ts';
import { applyCity } from '../records/city.ts';
import { migrate, openDatabase, type Database } from '../records/db.ts';
import { cellOf } from '../records/incidents.ts';
import { nearReports } from '../records/near-reports.ts';
import { clusterReports, hotSpots, listReports, type Box } from '../records/public-reports.ts';
import { percentile, type Figures } from './figures.ts';
import { measure, mustUseIndexes, type View } from './views.ts';

const sizes = [10_000, 100_000];
const aimMs = 100;
const day = 86_400_000;
const city: Box = { south: 10.3, west: 107.0, north: 10.5, east: 107.2 };
const streets: Box = { south: 10.34, west: 107.07, north: 10.36, east: 107.09 };
const services = ['street-light', 'pothole', 'waste', 'flood', 'noise'];

const list =
  (asked: Partial<Parameters<typeof listReports>[1]> = {}): View =>
  (db) =>
    listReports(db, { limit: 50, ...asked });
const map =
  (box: Box, zoom: number, asked: object = {}): View =>
  (db) =>
    clusterReports(db, { box, zoom, ...asked });

const views: Record<string, View> = {
  'list: first page': list(),
  'list: a service': list({ service: 'pothole' }),
  'list: a ward': list({ ward: 'H29.16' }),
  'list: answered': list({ stage: 'answered' }),
  'list: a service, a ward, answered': list({ service: 'waste', ward: 'H29.16', stage: 'answered' }),
  'list: 30 days': (db, at) => listReports(db, { limit: 50, from: new Date(at.getTime() - 30 * day) }),
  'map: the whole city': map(city, 12),
  'map: the whole city, a service': map(city, 12, { service: 'pothole' }),
  'map: some streets': map(streets, 16),
  'near: the same again': (db, at) =>
    nearReports(db, {
      service: 'street-light',
      lat: 10.4,
      lng: 107.1,
      words: 'Đèn đường không sáng',
      at,
    }),
  'hot spots of 30 days': (db, at) => hotSpots(db, { since: new Date(at.getTime() - 30 * day), limit: 50 }),
};

/** What is on the map of the whole city is every report: all of them are counted, whichever way they are read. */
const everything = new Set(['map: the whole city']);

/**
 * The list and the map of 10,000 and of 100,000 reports: milliseconds with the database and this process on one machine.
 *
 * @throws Error when a plan reads a whole table
 */
export async function reports(): Promise<Figures> {
  const dataDir = await mkdtemp(join(tmpdir(), 'motcua-bench-'));
  const postgres = await startPostgres({ dataDir, port: 0 });
  const db = openDatabase(postgres.url, 4);
  const planner = new pg.Client({ connectionString: postgres.url });
  try {
    await migrate(db);
    await applyCity(db, sampleCity(), new Date());
    await planner.connect();
    const figures: Record<string, Record<string, string>> = {};
    const late: string[] = [];
    let built = 0;
    for (const size of sizes) {
      await build(planner, built, size);
      built = size;
      const measured: Record<string, string> = {};
      const all: Record<string, View> = { ...views, 'list: tenth page': list({ cursor: await tenth(db) }) };
      for (const [name, view] of Object.entries(all)) {
        const took = await measure(db, view);
        measured[name] = `${percentile(took, 50)} ${percentile(took, 95)}`;
        if (percentile(took, 95) > aimMs) late.push(`${size}: ${name}`);
        if (!everything.has(name))
          await mustUseIndexes(db, planner, { name, view, large: ['cases', 'incidents'] });
      }
      figures[String(size)] = measured;
    }
    return { p50p95Ms: figures, overAim: late };
  } finally {
    await planner.end();
    await db.destroy();
    await postgres.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function tenth(db: Database): Promise<string | undefined> {
  let page = await listReports(db, { limit: 50 });
  for (let turned = 1; turned < 9 && page.next; turned++)
    page = await listReports(db, { limit: 50, cursor: page.next });
  return page.next;
}

/** Adds reports of the last year, most of them where people are: thick in the middle of the city, thin at its edges. */
async function build(builder: pg.Client, from: number, to: number): Promise<void> {
  await builder.query('SET session_replication_role = replica');
  const rows = Array.from({ length: to - from }, (_, index) => {
    const thick = () => (Math.random() + Math.random() + Math.random()) / 3;
    const place = { lat: 10.3 + 0.2 * thick(), lng: 107 + 0.2 * thick() };
    return { n: from + index, ...place, cell: String(cellOf(place)) };
  });
  for (let begun = 0; begun < rows.length; begun += 10_000)
    await builder.query(insert, [JSON.stringify(rows.slice(begun, begun + 10_000)), services]);
  await builder.query('SET session_replication_role = DEFAULT');
  for (const table of ['cases', 'incidents']) await builder.query(`VACUUM (ANALYZE) ${table}`);
}

const insert = /* sql */ `
  WITH given AS (
    SELECT *, 'H29.22-' || lpad(n::text, 7, '0') AS code, now() - interval '365 days' * random() AS filed_at
      FROM jsonb_to_recordset($1) AS each(n int, lat float8, lng float8, cell bigint)
  ), filed AS (
    INSERT INTO cases (code, procedure, procedure_code, agency, applicant_sub, applicant, answers, state, filed_at, clock,
                       run_id, record_length)
    SELECT code, 'streetReport', '9.001022', 'H29.22', 'anybody', '{}', '{}', CASE WHEN n % 5 = 0 THEN 4 ELSE 10 END,
           filed_at, 'running', 'run', 1 FROM given)
  INSERT INTO incidents (case_code, procedure_code, service, lat, lng, cell, ward, sought, severity, published, words, state,
                         agency, filed_at, updated_at)
  SELECT code, '9.001022', ($2::text[])[1 + n % 5], lat, lng, cell, 'H29.' || (16 + n % 4), 'den duong khong sang', 2, true,
         'Đèn đường không sáng.', CASE WHEN n % 5 = 0 THEN 4 ELSE 10 END, 'H29.33', filed_at, filed_at FROM given`;
