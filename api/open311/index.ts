import { createHash } from 'node:crypto';
import express, { Router, type Request, type RequestHandler, type Response } from 'express';
import { z } from 'zod';
import { programOf } from '../../records/api-keys.ts';
import { listAgencies } from '../../records/city.ts';
import { findReport, listReports, type Stage } from '../../records/public-reports.ts';
import { countCall } from '../../records/rate-limits.ts';
import { listServices, serviceNames } from '../../records/services.ts';
import { everybody } from '../abilities.ts';
import type { Deps } from '../deps.ts';
import { TooManyRequests } from '../errors.ts';
import { languageOf } from '../language.ts';
import { limited } from '../limits.ts';
import { fileReport, incidentProcedure, NewReport } from '../report-filing.ts';
import { CaseCode } from '../schemas.ts';
import { formatOf, Open311Error, send, sendError, split, type Format } from './answers.ts';
import { requestNode, type Names } from './requests.ts';
import { definitionNode, serviceNode } from './services.ts';

const base = '/open311/v2';
/** Most reports of one answer, and the longest time it looks back unless told, as the specification says. */
const most = 1_000;
const ninetyDays = 90 * 24 * 3_600_000;

/**
 * Open311 GeoReport v2: programs of others list services, report and read reports, as JSON and XML. Its methods, names, formats
 * and errors are those of the specification; `page` and `page_size` are the usual extension.
 */
export function open311(deps: Deps): Router {
  const { db, config } = deps;
  const router = Router();
  const jurisdiction = new URL(config.publicUrl).hostname;

  const method = (
    path: string,
    answer: (req: Request, res: Response, id: string, format: Format) => Promise<void>,
  ) => {
    router.get(`${base}/${path}`, everybody, limited(deps, 'open311'), spoken(answer));
  };

  /** Answers in the format that was asked for, mistakes too. */
  const spoken =
    (answer: (req: Request, res: Response, id: string, format: Format) => Promise<void>): RequestHandler =>
    async (req, res, next) => {
      const { id, format: ending } = split(String(req.params['id'] ?? req.path));
      const format = formatOf(req, ending);
      try {
        mustBeHere(req);
        await answer(req, res, id, format);
      } catch (error) {
        if (!sendError(res, format, error, languageOf(req))) next(error);
      }
    };

  const mustBeHere = (req: Request) => {
    const named: unknown =
      req.query['jurisdiction_id'] ?? (req.body as Record<string, unknown> | undefined)?.['jurisdiction_id'];
    if (typeof named === 'string' && named !== '' && named !== jurisdiction)
      throw new Open311Error(
        404,
        `jurisdiction_id: chỉ phục vụ ${jurisdiction} · only ${jurisdiction} is served`,
      );
  };

  for (const ending of ['', '.json', '.xml'])
    router.get(
      `/open311/discovery${ending}`,
      everybody,
      spoken((req, res, _id, format) => {
        send(res, format, 'discovery', {
          changeset: '2026-11-30T00:00:00+07:00',
          contact: `${config.publicUrl}/reports`,
          key_service: `${config.publicUrl}/help#open311`,
          endpoints: [
            {
              specification: 'http://wiki.open311.org/GeoReport_v2',
              url: `${config.publicUrl}${base}`,
              changeset: '2026-11-30T00:00:00+07:00',
              type: 'production',
              formats: ['text/xml', 'application/json'],
            },
          ],
        });
        return Promise.resolve();
      }),
    );

  for (const ending of ['', '.json', '.xml'])
    method(`services${ending}`, async (req, res, _id, format) => {
      const language = languageOf(req);
      send(
        res,
        format,
        'services',
        (await offered()).map((service) => serviceNode(service, language)),
      );
    });

  method('services/:id', async (req, res, id, format) => {
    const service = (await offered()).find(({ code }) => code === id);
    if (!service) throw new Open311Error(404, 'service_code: không có lĩnh vực này · no such service');
    send(res, format, 'service_definition', definitionNode(service, languageOf(req)));
  });

  for (const ending of ['', '.json', '.xml'])
    method(`requests${ending}`, async (req, res, _id, format) => {
      const asked = Asked.parse(req.query);
      const found = asked.service_request_id ? await named(asked.service_request_id) : await listed(asked);
      send(res, format, 'service_requests', await nodes(req, found));
    });

  method('requests/:id', async (req, res, id, format) => {
    const found = await named([id]);
    if (found.length === 0)
      throw new Open311Error(404, 'service_request_id: không có phản ánh này · no such service request');
    send(res, format, 'service_requests', await nodes(req, found));
  });

  method('tokens/:id', async (_req, res, id, format) => {
    // Reports get their id at once; a token is nothing but that id.
    const found = await named([id]);
    if (found.length === 0) throw new Open311Error(404, 'token: không có mã này · no such token');
    send(res, format, 'service_requests', [{ service_request_id: found[0]!.code, token: id }]);
  });

  const body = express.urlencoded({ extended: false, limit: '256kb', parameterLimit: 200 });
  for (const ending of ['', '.json', '.xml'])
    router.post(`${base}/requests${ending}`, everybody, limited(deps, 'open311'), body, spoken(report));

  return router;

  async function report(req: Request, res: Response, _id: string, format: Format): Promise<void> {
    const given = fieldsOf(req);
    await expectKey(given('api_key'));
    const code = given('service_code');
    if (!code) throw new Open311Error(400, 'service_code: bắt buộc · required');
    const service = (await offered()).find((each) => each.code === code);
    if (!service) throw new Open311Error(404, 'service_code: không có lĩnh vực này · no such service');
    const name = [given('last_name'), given('first_name')].filter(Boolean).join(' ');
    const parsed = NewReport.parse({
      service: code,
      place: placeOf(given),
      address: given('address_string'),
      description: wordsOf(given),
      details: detailsOf(req.body as Record<string, unknown>),
      reporter: {
        ...(name ? { fullName: name } : {}),
        ...(given('phone') ? { phone: plainPhone(given('phone')) } : {}),
        ...(given('email') ? { email: given('email') } : {}),
        hideName: true,
      },
    });
    // The specification has no idempotency key: the same program, device and words on the same day are the same request.
    req.headers['idempotency-key'] ??= sameRequest(req);
    const reporter = { sub: strangerOf(req, given), name: '', roles: ['citizen' as const] };
    const filed = await fileReport(deps, req, reporter, parsed);
    res.status(201);
    send(res, format, 'service_requests', [
      { service_request_id: filed, service_notice: null, account_id: given('account_id') || null },
    ]);
  }

  async function expectKey(key: string): Promise<void> {
    const program = key === '' ? undefined : await programOf(db, key, deps.clock.now());
    if (!program) throw new Open311Error(403, 'api_key: thiếu hoặc không đúng · missing or invalid');
    const { calls } = await countCall(db, `api-key:${program.id}`, deps.clock.now(), 60_000);
    if (calls > program.most)
      throw new TooManyRequests(
        `Khóa này gửi tối đa ${program.most} phản ánh mỗi phút · This key reports at most ${program.most} times a minute`,
      );
  }

  async function offered() {
    return (await listServices(db, incidentProcedure(deps).code)).filter((service) => service.offered);
  }

  async function named(codes: readonly string[]) {
    const found = await Promise.all(
      codes.filter((code) => CaseCode.safeParse(code).success).map((code) => findReport(db, code)),
    );
    return found.flatMap((each) => (each && 'code' in each ? [each] : []));
  }

  async function listed({
    service_code: services,
    start_date: start,
    end_date: end,
    status,
    page,
    page_size: size,
  }: Asked) {
    const to = end ?? deps.clock.now();
    const from = start ?? new Date(to.getTime() - ninetyDays);
    const wanted = services ?? [undefined];
    const stages: (Stage | undefined)[] =
      status?.length === 1
        ? status[0] === 'open'
          ? ['new', 'in-process']
          : ['answered', 'ended']
        : [undefined];
    const limit = page * size;
    const pages = await Promise.all(
      wanted.flatMap((service) =>
        stages.map((stage) => listReports(db, { service, stage, from, to, limit })),
      ),
    );
    return pages
      .flatMap(({ items }) => items)
      .sort((a, b) => b.filedAt.getTime() - a.filedAt.getTime() || b.code.localeCompare(a.code))
      .slice(limit - size, limit);
  }

  async function nodes(req: Request, found: Awaited<ReturnType<typeof named>>) {
    const names: Names = {
      services: await serviceNames(db),
      agencies: new Map((await listAgencies(db)).map(({ code, name }) => [code, name])),
    };
    const seen = { language: languageOf(req), publicUrl: config.publicUrl };
    return Promise.all(found.map((each) => requestNode(db, each, names, seen)));
  }
}

const list = z.string().transform((text) =>
  text
    .split(',')
    .map((each) => each.trim())
    .filter(Boolean),
);
const optional = <S extends z.ZodType>(schema: S) =>
  z.preprocess((given) => (given === '' ? undefined : given), schema.optional());
const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text));
const Asked = z.object({
  service_request_id: optional(list),
  service_code: optional(list),
  start_date: optional(instant),
  end_date: optional(instant),
  status: optional(list.pipe(z.array(z.enum(['open', 'closed'])))),
  page: z.coerce.number().int().min(1).max(100).default(1),
  page_size: z.coerce.number().int().min(1).max(most).default(most),
});
type Asked = z.infer<typeof Asked>;

/** Reads the fields of a request that was sent as a form; what is empty counts as missing. */
const fieldsOf =
  (req: Request) =>
  (name: string): string => {
    const value = (req.body as Record<string, unknown>)[name];
    return typeof value === 'string' ? value.trim() : '';
  };

/** The words of a report; a picture elsewhere is only named, as nothing is fetched from addresses that strangers give. */
const wordsOf = (given: (name: string) => string) =>
  [given('description'), given('media_url') && `(Ảnh: ${given('media_url')})`].filter(Boolean).join(' ');

/** `attribute[code]=…`, and `attribute[code][]=…` for several values. */
function detailsOf(body: Record<string, unknown>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(body).flatMap(([name, value]) => {
      const [, code, several] = /^attribute\[([^\]]+)\](\[\])?$/.exec(name) ?? [];
      if (!code) return [];
      const values = (Array.isArray(value) ? value : [value]).map(String).filter((each) => each !== '');
      if (values.length === 0) return [];
      return [[code, several || values.length > 1 ? values : values[0]!]];
    }),
  );
}

const plainPhone = (typed: string) => typed.replaceAll(/[\s.-]/g, '').replace(/^\+84/, '0');

const digestOf = (text: string) => createHash('sha256').update(text).digest('base64url');

/**
 * One subject for each device or account that a program names, so that its limits count, else one for each request: the same one
 * that is sent again is the same request.
 */
function strangerOf(req: Request, given: (name: string) => string): string {
  const named = [given('device_id'), given('account_id')].filter(Boolean);
  const of = named.length > 0 ? [given('api_key'), ...named].join('\n') : sameRequest(req);
  return `anybody:${digestOf(of).slice(0, 32)}`;
}

const sameRequest = (req: Request) => `open311-${digestOf(JSON.stringify(req.body))}`;

/** Where it is: by degrees, as addresses are not looked up here. */
function placeOf(given: (name: string) => string): { lat: number; lng: number } {
  const [lat, long] = [given('lat'), given('long')];
  if (lat !== '' && long !== '') return { lat: Number(lat), lng: Number(long) };
  const addressed = given('address_id') !== '' || given('address_string') !== '';
  throw new Open311Error(
    400,
    addressed
      ? 'lat, long: bắt buộc; ở đây không tra địa chỉ thành tọa độ · required: addresses are not looked up here'
      : 'lat, long: bắt buộc · required',
  );
}
