import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { agencyCode } from '../records/calendar-rows.ts';
import { nearReports } from '../records/near-reports.ts';
import { clusterReports, hotSpots, listReports, stages } from '../records/public-reports.ts';
import { listServices } from '../records/services.ts';
import { everybody, may } from './abilities.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { limited } from './limits.ts';
import { degrees, fileReport, NewReport, Reported, toldOf } from './report-filing.ts';
import { actHeader, anybody, CaseCode, Instant, json, pageOf, Paging, refused, Text } from './schemas.ts';
import { newStranger, reporterIn, strangerHeader, strangerToken } from './strangers.ts';

const Token = z.object({ token: z.string(), until: Instant }).meta({
  id: 'ReportToken',
  description: `Goes into the header \`${strangerHeader}\`: the same somebody, who need not say who they are`,
});

const Stage = z.enum(stages);
export const ReportSummary = z
  .object({
    code: CaseCode,
    service: z.string(),
    stage: Stage,
    ...degrees,
    ward: z.string().nullable(),
    agency: z.string(),
    filedAt: Instant,
    updatedAt: Instant,
    dueAt: Instant.nullable(),
    closedAt: Instant.nullable(),
    words: z.string().nullable().meta({ description: 'What an officer has let become public' }),
    severity: z.int(),
    followers: z.int(),
    duplicates: z.int(),
    rating: z.int().nullable(),
  })
  .meta({ id: 'ReportSummary', description: 'A report as everybody may see it: nothing of who reported it' });

export const Filter = z.object({
  service: z.string().max(40).optional(),
  ward: agencyCode.optional(),
  stage: Stage.optional(),
  from: z.iso.date().optional(),
  to: z.iso.date().optional().meta({ description: 'The last day that belongs to it' }),
});
const Box = z.object({
  south: z.coerce.number().min(-90).max(90),
  west: z.coerce.number().min(-180).max(180),
  north: z.coerce.number().min(-90).max(90),
  east: z.coerce.number().min(-180).max(180),
});
const Clustered = Filter.extend(Box.shape).extend({ zoom: z.coerce.number().int().min(0).max(22) });
const Listed = Filter.extend(Paging.shape);
const Clusters = z.object({
  items: z.array(
    z.object({
      count: z.int(),
      ...degrees,
      code: z.string().nullable().meta({ description: 'Of a report that is alone there' }),
      service: z.string().nullable(),
      stage: Stage.nullable(),
    }),
  ),
});
export const Near = NewReport.pick({ service: true, place: true }).extend({
  description: z.string().max(1000).default(''),
});
const NearReports = z.object({
  items: z.array(
    z.object({
      code: CaseCode,
      metres: z.int(),
      filedAt: Instant,
      stage: Stage,
      words: z.string().nullable(),
      followers: z.int(),
    }),
  ),
});
const HotSpots = z.object({
  items: z.array(
    z.object({
      ...degrees,
      count: z.int(),
      open: z.int(),
      services: z.array(z.object({ service: z.string(), count: z.int() })),
      wards: z.array(z.string()),
    }),
  ),
});
const ServiceView = z
  .object({
    code: z.string(),
    name: Text,
    group: Text,
    description: Text,
    resolve: z.string(),
    severity: z.int(),
  })
  .loose()
  .meta({ id: 'Service' });
const tokenHeader = z.object({ [strangerHeader]: z.string().max(1_000).optional() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/services': {
    get: {
      summary: 'What can be reported, who leads then, and how soon',
      security: anybody,
      responses: { 200: json('The services', z.object({ items: z.array(ServiceView) })), default: refused },
    },
  },
  '/api/v1/report-tokens': {
    post: {
      summary: 'Become somebody who reports without signing in',
      security: anybody,
      responses: { 201: json('The token', Token), default: refused },
    },
  },
  '/api/v1/reports': {
    post: {
      summary: 'Report something; signed in, or with a report token and without a name',
      security: anybody,
      requestParams: { header: actHeader.extend(tokenHeader.shape) },
      requestBody: { content: { 'application/json': { schema: NewReport } } },
      responses: { 201: json('Reported', Reported), default: refused },
    },
    get: {
      summary: 'What was reported, the latest first',
      security: anybody,
      requestParams: { query: Listed },
      responses: { 200: json('A page of reports', pageOf(ReportSummary)), default: refused },
    },
  },
  '/api/v1/reports/clusters': {
    get: {
      summary: 'Reports on a part of the map, those that lie close to each other as one',
      security: anybody,
      requestParams: { query: Clustered },
      responses: { 200: json('Clusters', Clusters), default: refused },
    },
  },
  '/api/v1/reports/near': {
    post: {
      summary: 'Reports that may be about the same as one that is about to be made',
      security: anybody,
      requestBody: { content: { 'application/json': { schema: Near } } },
      responses: { 200: json('The likest first', NearReports), default: refused },
    },
  },
  '/api/v1/hot-spots': {
    get: {
      summary: 'Where most was reported in the last 30 days; officers',
      responses: { 200: json('The places, most first', HotSpots), default: refused },
    },
  },
};

/** Reports by anybody, and what everybody may see of them. */
export function reports(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/api/v1/services', everybody, async (_req, res) => {
    const services = (await listServices(db)).filter(({ offered }) => offered);
    res.json({
      items: services.map(({ lead: _lead, support: _support, ...service }) => ServiceView.parse(service)),
    });
  });

  router.post('/api/v1/report-tokens', everybody, limited(deps, 'report-token'), async (_req, res) => {
    res.status(201).json(await strangerToken(deps, newStranger()));
  });

  router.post('/api/v1/reports', everybody, limited(deps, 'report'), async (req, res) => {
    const reporter = await reporterIn(deps, req);
    const report = checkForm(req, NewReport, req.body);
    const code = await fileReport(deps, req, reporter, report);
    res
      .status(201)
      .location(`/api/v1/reports/${code}`)
      .json(toldOf(deps, reporter, code));
  });

  router.get('/api/v1/reports', everybody, limited(deps, 'reports'), async (req, res) => {
    const { limit, cursor, ...filter } = checkAddress(req, Listed, req.query);
    const { items, next } = await listReports(db, { ...filterOf(filter), limit, cursor });
    res.json(pageOf(ReportSummary).parse({ items: items.map(inIso), next }));
  });

  router.get('/api/v1/reports/clusters', everybody, limited(deps, 'reports'), async (req, res) => {
    const { zoom, south, west, north, east, ...filter } = checkAddress(req, Clustered, req.query);
    const box = { south, west, north, east };
    res.json(Clusters.parse({ items: await clusterReports(db, { ...filterOf(filter), box, zoom }) }));
  });

  router.post('/api/v1/reports/near', everybody, limited(deps, 'reports'), async (req, res) => {
    res.json(NearReports.parse({ items: await nearTo(deps, checkForm(req, Near, req.body)) }));
  });

  router.get('/api/v1/hot-spots', may('read', 'inbox'), async (_req, res) => {
    const since = new Date(clock.now().getTime() - hotDays * day);
    res.json(HotSpots.parse({ items: await hotSpots(db, { since, limit: 50 }) }));
  });

  return router;
}

const day = 24 * 3_600_000;
/** Over how many days places are compared. */
export const hotDays = 30;

/** What a list is narrowed by, days as the instants between which they lie. */
export function filterOf({ from, to, ...filter }: z.infer<typeof Filter>) {
  return {
    ...filter,
    from: from ? new Date(`${from}T00:00:00+07:00`) : undefined,
    to: to ? new Date(new Date(`${to}T00:00:00+07:00`).getTime() + day) : undefined,
  };
}

/** Instants as JSON writes them. */
const inIso = <Row extends object>(row: Row) => JSON.parse(JSON.stringify(row)) as unknown;

/** Finds public reports that may be about the same as one that somebody is about to make. */
export async function nearTo(
  { db, clock }: Pick<Deps, 'db' | 'clock'>,
  { service, place, description }: z.infer<typeof Near>,
) {
  const near = await nearReports(db, { service, ...place, words: description, at: clock.now() });
  return near
    .filter(({ shown }) => shown)
    .map(({ filedAt, ...report }) => ({ ...report, filedAt: filedAt.toISOString() }));
}
