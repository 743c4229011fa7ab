import type { Database, Transaction } from './db.ts';
import { plannedAnew } from './prepared.ts';
import { Refusal } from './refusal.ts';
import { shiftAt } from './incidents.ts';

/** How far a report has come, as a list tells it. */
export const stages = ['new', 'in-process', 'answered', 'ended'] as const;
export type Stage = (typeof stages)[number];

/** What a list or a map of reports is narrowed by. */
export interface ReportFilter {
  service?: string | undefined;
  ward?: string | undefined;
  stage?: Stage | undefined;
  /** Instants between which it was reported; `to` no longer belongs to it. */
  from?: Date | undefined;
  to?: Date | undefined;
  procedureCode?: string | undefined;
}

/** A part of the map, in degrees. */
export interface Box {
  south: number;
  west: number;
  north: number;
  east: number;
}

/** A report as everybody may see it. */
export interface PublicReport {
  code: string;
  service: string;
  stage: Stage;
  state: number;
  lat: number;
  lng: number;
  ward: string | null;
  agency: string;
  filedAt: Date;
  updatedAt: Date;
  dueAt: Date | null;
  closedAt: Date | null;
  words: string | null;
  severity: number;
  followers: number;
  duplicates: number;
  rating: number | null;
}

const columns = {
  code: 'case_code',
  service: 'service',
  stage: 'stage',
  state: 'state',
  lat: 'lat',
  lng: 'lng',
  ward: 'ward',
  agency: 'agency',
  filedAt: 'filed_at',
  updatedAt: 'updated_at',
  dueAt: 'due_at',
  closedAt: 'closed_at',
  words: 'words',
  severity: 'severity',
  followers: 'followers',
  duplicates: 'duplicates',
  rating: 'rating',
} as const;

type Bindings = Record<string, string | number | Date | string[]>;

function conditionsOf(filter: ReportFilter, bindings: Bindings): string {
  const conditions = ['shown'];
  const narrow = (name: string, value: string | Date | undefined, condition: string) => {
    if (value === undefined) return;
    bindings[name] = value;
    conditions.push(condition);
  };
  narrow('service', filter.service, 'service = :service');
  narrow('ward', filter.ward, 'ward = :ward');
  narrow('stage', filter.stage, 'stage = :stage');
  narrow('from', filter.from, 'filed_at >= :from');
  narrow('to', filter.to, 'filed_at < :to');
  narrow('procedureCode', filter.procedureCode, 'procedure_code = :procedureCode');
  return conditions.join(' AND ');
}

function boxSql(box: Box | undefined, bindings: Bindings): string {
  if (!box) return '';
  Object.assign(bindings, box);
  return ' AND lat BETWEEN :south AND :north AND lng BETWEEN :west AND :east';
}

/**
 * Lists reports, the latest first, page by page from a key.
 *
 * @throws Refusal `invalid-request` for a cursor that was not given out here
 */
export async function listReports(
  db: Database,
  asked: ReportFilter & { box?: Box | undefined; limit: number; cursor?: string | undefined },
): Promise<{ items: PublicReport[]; next?: string }> {
  const { limit, cursor, box, ...filter } = asked;
  const bindings: Bindings = { most: limit + 1 };
  let conditions = conditionsOf(filter, bindings) + boxSql(box, bindings);
  if (cursor !== undefined) {
    Object.assign(bindings, placeOf(cursor));
    conditions += ' AND (filed_at, case_code) < (CAST(:lastAt AS timestamptz), :lastCode)';
  }
  const listed = Object.entries(columns).map(([name, column]) => `${column} AS "${name}"`);
  const { rows } = await db.raw<{ rows: PublicReport[] }>(
    /* sql */ `${plannedAnew}
    SELECT ${listed.join(', ')} FROM incidents WHERE ${conditions}
     ORDER BY filed_at DESC, case_code DESC LIMIT :most`,
    bindings,
  );
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return rows.length > limit && last ? { items, next: cursorAfter(last) } : { items };
}

const cursorAfter = ({ filedAt, code }: PublicReport) =>
  Buffer.from(`${filedAt.toISOString()}|${code}`).toString('base64url');

function placeOf(cursor: string): { lastAt: string; lastCode: string } {
  const [lastAt = '', lastCode = ''] = Buffer.from(cursor, 'base64url').toString().split('|');
  if (Number.isNaN(Date.parse(lastAt)) || lastCode === '')
    throw new Refusal('invalid-request', 'Con trỏ sai · Wrong cursor');
  return { lastAt, lastCode };
}

/** Reports that a map shows as one: how many, where their middle is; one alone with its code. */
export interface Cluster {
  count: number;
  lat: number;
  lng: number;
  code: string | null;
  service: string | null;
  stage: Stage | null;
}

/** Most clusters that a map of any size can need. */
const mostClusters = 2_000;

/** Puts the reports of a part of the map together, those that would lie within about 64 pixels of each other as one. */
export async function clusterReports(
  db: Database,
  { box, zoom, ...filter }: ReportFilter & { box: Box; zoom: number },
): Promise<Cluster[]> {
  const bindings: Bindings = { shift: shiftAt(zoom), most: mostClusters };
  const conditions = conditionsOf(filter, bindings) + boxSql(box, bindings);
  const { rows } = await db.raw<{ rows: Cluster[] }>(
    /* sql */ `${plannedAnew}
    WITH clusters AS (
      SELECT count(*)::int AS count, avg(lat) AS lat, avg(lng) AS lng, min(case_code COLLATE "C") COLLATE "default" AS code
        FROM incidents WHERE ${conditions}
       GROUP BY cell >> CAST(:shift AS int) ORDER BY 1 DESC LIMIT :most
    )
    SELECT count, lat, lng, CASE WHEN count = 1 THEN code END AS code, service, stage
      FROM clusters LEFT JOIN LATERAL (SELECT service, stage FROM incidents WHERE case_code = code LIMIT 1) one
           ON count = 1 ORDER BY count DESC`,
    bindings,
  );
  return rows;
}

/**
 * Finds a report that everybody may see; a merged one leads to the one that it was merged into.
 *
 * @returns undefined where there is none
 */
export async function findReport(
  db: Database,
  code: string,
): Promise<PublicReport | { mergedInto: string } | undefined> {
  const row = await db('incidents')
    .where({ case_code: code })
    .first<(PublicReport & { mergedInto: string | null; shown: boolean; published: boolean }) | undefined>({
      ...columns,
      mergedInto: 'merged_into',
      shown: 'shown',
      published: 'published',
    });
  if (!row) return undefined;
  const { mergedInto, shown, published, ...report } = row;
  if (mergedInto && published) return { mergedInto };
  return shown ? report : undefined;
}

/** What an agency has told in public of a report. */
export interface Post {
  kind: 'interim' | 'answer';
  text: string;
  agency: { code: string; name: { vi: string; en: string } };
  document: string | null;
  at: Date;
}

/** Lists what was told in public of a report, in its order. */
export function postsOf(db: Database, code: string): Promise<Post[]> {
  return db('incident_posts')
    .join('agencies', 'agencies.code', 'incident_posts.agency')
    .where({ case_code: code })
    .orderBy('number')
    .select<Post[]>(
      'incident_posts.kind',
      'text',
      db.raw(`jsonb_build_object('code', agencies.code, 'name', name) AS agency`),
      'document',
      'at',
    );
}

/** Lets words become public, once for each number: what was reported, how it stands, the answer. */
export async function publish(
  trx: Transaction | Database,
  {
    code,
    number,
    kind,
    text,
    document,
    at,
  }: {
    code: string;
    number: number;
    kind: 'words' | Post['kind'];
    text: string;
    document: string | null;
    at: Date;
  },
): Promise<void> {
  if (kind === 'words') {
    await trx('incidents').where({ case_code: code }).update({ words: text, updated_at: at });
    return;
  }
  await trx.raw(
    /* sql */ `
    INSERT INTO incident_posts (case_code, number, kind, text, agency, document, at)
    SELECT code, :number, :kind, :text, agency, CAST(:document AS uuid), :at FROM cases WHERE code = :code
    ON CONFLICT DO NOTHING`,
    { code, number, kind, text, document, at },
  );
  await trx('incidents').where({ case_code: code }).update({ updated_at: at });
}

/** A neighbourhood with many reports. */
export interface HotSpot {
  lat: number;
  lng: number;
  count: number;
  open: number;
  services: { service: string; count: number }[];
  wards: string[];
}

/** Zoom at which neighbourhoods are compared: about 150 m to a side. */
const neighbourhood = 16;

/** Finds where most was reported since an instant, most first; of one agency where it is named. */
export async function hotSpots(
  db: Database,
  { since, limit, agency }: { since: Date; limit: number; agency?: string | undefined },
): Promise<HotSpot[]> {
  const bindings = { since, most: limit, shift: shiftAt(neighbourhood), agency: agency ?? null };
  const { rows } = await db.raw<{ rows: HotSpot[] }>(
    /* sql */ `${plannedAnew}
    WITH recent AS (
      SELECT cell >> CAST(:shift AS int) AS spot, lat, lng, service, ward, state FROM incidents
       WHERE filed_at >= :since AND shown AND (CAST(:agency AS text) IS NULL OR incidents.agency = :agency)
    ), spots AS (
      SELECT spot, avg(lat) AS lat, avg(lng) AS lng, count(*)::int AS count,
             count(*) FILTER (WHERE state < 7)::int AS open
        FROM recent GROUP BY spot HAVING count(*) > 1 ORDER BY 4 DESC, 1 LIMIT :most
    ), parts AS (
      SELECT spot, service, count(*)::int AS count, array_agg(DISTINCT ward) AS wards
        FROM recent WHERE spot IN (SELECT spot FROM spots) GROUP BY 1, 2
    )
    SELECT lat, lng, count, open,
           (SELECT jsonb_agg(jsonb_build_object('service', service, 'count', parts.count)
                             ORDER BY parts.count DESC, service) FROM parts WHERE parts.spot = spots.spot) AS services,
           (SELECT coalesce(array_agg(DISTINCT ward), '{}') FROM parts, unnest(parts.wards) AS ward
             WHERE parts.spot = spots.spot AND ward IS NOT NULL) AS wards
      FROM spots ORDER BY count DESC, spot`,
    bindings,
  );
  return rows;
}
