import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { channels } from '../records/channels.ts';
import { Refusal } from '../records/refusal.ts';
import {
  readControlSlip,
  readRegister,
  type ControlSlip,
  type HandOver,
  type RegisterLine,
} from '../records/registers.ts';
import { caseStates, type CaseState } from '../workflows/engine/states.ts';
import { localTime } from '../workflows/engine/legal-clock.ts';
import { timelinessOf } from '../workflows/engine/timeliness.ts';
import { expectAble, may } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import { csvLine, csvMark } from './csv.ts';
import type { Deps } from './deps.ts';
import { sendPrintout } from './printouts.ts';
import { Agency, CaseCode, file, Instant, json, pageOf, Paging, refused, Text } from './schemas.ts';

const Line = z
  .object({
    code: CaseCode,
    procedure: z.object({ id: z.string(), title: Text.optional() }),
    applicant: z.object({ fullName: z.string(), phone: z.string(), address: z.string() }),
    receiveBy: z.string().nullable(),
    channel: z.enum(channels),
    agency: Agency,
    state: Text,
    timeliness: z.string(),
    filedAt: Instant,
    acceptedAt: Instant.nullable(),
    dueAt: Instant.nullable(),
    decidedAt: Instant.nullable(),
    closedAt: Instant.nullable(),
    outcome: z.string().nullable(),
  })
  .meta({ id: 'RegisterLine' });
const Page = pageOf(Line);

const Holder = z.object({ role: z.string(), agencyName: Text.nullable(), by: z.string().nullable() });
const Slip = z.object({
  code: CaseCode,
  procedure: z.object({ id: z.string(), title: Text.optional() }),
  agency: Agency,
  coordinating: z.array(Agency).meta({ description: 'Asked, or deciding a part of it in a sub-case' }),
  applicant: z.string(),
  filedAt: Instant,
  dueAt: Instant.nullable(),
  items: z.array(
    z.object({
      task: z.string(),
      number: z.int(),
      title: Text.optional(),
      role: z.string(),
      agency: z.string().nullable(),
      agencyName: Text.nullable(),
      from: Holder.nullable().meta({ description: 'Who had it before; nobody before the first' }),
      receivedAt: Instant,
      dueAt: Instant.nullable(),
      handedOverAt: Instant.nullable(),
      by: z.string().nullable(),
      state: z.string(),
      timeliness: z.string(),
    }),
  ),
});

const day = z.iso.date();
const Period = z.object({ from: day, to: day }).refine(({ from, to }) => from <= to, {
  path: ['to'],
  message: 'Không trước ngày bắt đầu · Not before the first day',
});
const Query = Period.and(Paging);
const AgencyPath = z.object({ agency: z.string().regex(/^[A-Z]\d{2}(\.\d{2,3}){0,3}$/, 'H29.16') });
const CasePath = z.object({ code: CaseCode });

/** The register as a PDF goes no further, so that one never keeps the worker from its cases for long. */
const mostLines = 1000;

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/registers/{agency}': {
    get: {
      summary: 'Form 07, the register of the cases filed in a period, for the officers who keep it',
      requestParams: { path: AgencyPath, query: z.object({ from: day, to: day, ...Paging.shape }) },
      responses: { 200: json('A page of the register', Page), default: refused },
    },
  },
  '/api/v1/registers/{agency}/csv': {
    get: {
      summary: 'The same as a table for spreadsheets, whole',
      requestParams: { path: AgencyPath, query: z.object({ from: day, to: day }) },
      responses: { 200: file('The register', 'text/csv'), default: refused },
    },
  },
  '/api/v1/registers/{agency}/pdf': {
    get: {
      summary: `The same as a signed form, whole; refused above ${mostLines} cases`,
      requestParams: { path: AgencyPath, query: z.object({ from: day, to: day }) },
      responses: { 200: file('The register', 'application/pdf'), default: refused },
    },
  },
  '/api/v1/cases/{code}/control-slip': {
    get: {
      summary: 'Form 06, the control slip: who had the case from when to when',
      requestParams: { path: CasePath },
      responses: { 200: json('The slip', Slip), default: refused },
    },
  },
  '/api/v1/cases/{code}/control-slip/pdf': {
    get: {
      summary: 'The same as a signed form',
      requestParams: { path: CasePath },
      responses: { 200: file('The slip', 'application/pdf'), default: refused },
    },
  },
};

/** The register of an agency (Form 07) and the control slip of a case (Form 06): projections of the record. */
export function registers({ db, clock, procedures }: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const router = Router();
  const line = (found: RegisterLine) => shownLine(found, procedures, clock.now());

  router.get('/api/v1/registers/:agency', may('read', 'registers'), async (req, res) => {
    const { agency } = checkAddress(req, AgencyPath, req.params);
    const { from, to, ...page } = checkAddress(req, Query, req.query);
    const { items, next } = await readRegister(db, { agency, ...days(from, to), ...page });
    res.json(Page.parse({ items: items.map(line), next }));
  });

  router.get('/api/v1/registers/:agency/csv', may('read', 'registers'), async (req, res) => {
    const { agency } = checkAddress(req, AgencyPath, req.params);
    const { from, to } = checkAddress(req, Period, req.query);
    let cursor: string | undefined;
    do {
      const page = await readRegister(db, { agency, ...days(from, to), limit: 500, cursor });
      if (!res.headersSent) {
        res.type('text/csv').attachment(`${agency}-${from}-${to}.csv`);
        res.write(csvMark + csvLine(header));
      }
      for (const found of page.items) res.write(csvLine(cells(line(found))));
      cursor = page.next;
    } while (cursor !== undefined);
    res.end();
  });

  router.get('/api/v1/registers/:agency/pdf', may('read', 'registers'), async (req, res) => {
    const { agency } = checkAddress(req, AgencyPath, req.params);
    const { from, to } = checkAddress(req, Period, req.query);
    const limit = mostLines;
    const { items, next } = await readRegister(db, { agency, ...days(from, to), limit });
    if (next !== undefined)
      throw new Refusal(
        'invalid-request',
        `Kỳ này có hơn ${mostLines} hồ sơ; hãy chọn kỳ ngắn hơn hoặc tải bảng CSV · This period has more than ${mostLines} cases; choose a shorter one or the CSV`,
      );
    const content = { from, to, items: items.map(line) };
    const printout = { form: 'form-07', agency, content, at: clock.now() } as const;
    await sendPrintout(res, db, printout, `${agency}-${from}-${to}.pdf`);
  });

  const slipFor = async (req: Request) => {
    const { code } = checkAddress(req, CasePath, req.params);
    const slip = await readControlSlip(db, code);
    expectAble(actorIn(req), 'read', 'control-slips', slip.agency.code);
    return shownSlip(slip, procedures, clock.now());
  };

  router.get('/api/v1/cases/:code/control-slip', may('read', 'control-slips'), async (req, res) => {
    res.json(await slipFor(req));
  });

  router.get('/api/v1/cases/:code/control-slip/pdf', may('read', 'control-slips'), async (req, res) => {
    const content = await slipFor(req);
    const printout = { form: 'form-06', agency: content.agency.code, content, at: clock.now() } as const;
    await sendPrintout(res, db, printout, `${content.code} form-06.pdf`);
  });

  return router;
}

/** The instants of a period of local days, the last one included. */
const days = (from: string, to: string) => ({
  from: new Date(`${from}T00:00:00+07:00`),
  to: new Date(Date.parse(`${to}T00:00:00+07:00`) + 86_400_000),
});

function shownSlip(found: ControlSlip, procedures: Deps['procedures'], now: Date): z.infer<typeof Slip> {
  const titles = new Map([...procedures.values()].flatMap(({ tasks }) => Object.entries(tasks)));
  const items = found.items.map((row) => ({
    ...written(row),
    title: titles.get(row.task)?.title,
    from: holderBefore(row, found.items),
    timeliness: stepTimeliness(row, now),
  }));
  const procedure = { id: found.procedure, title: procedures.get(found.procedure)?.title };
  return Slip.parse({ ...written(found), procedure, items });
}

/** Who handed over what somebody received: whoever finished last before. */
function holderBefore({ receivedAt }: HandOver, all: HandOver[]): z.infer<typeof Holder> | null {
  const before = all.filter(({ handedOverAt }) => handedOverAt !== null && handedOverAt <= receivedAt);
  const last = before.sort((a, b) => Number(a.handedOverAt) - Number(b.handedOverAt)).at(-1);
  return last ? { role: last.role, agencyName: last.agencyName, by: last.by } : null;
}

function stepTimeliness({ dueAt, handedOverAt }: HandOver, now: Date) {
  return timelinessOf({ state: 4, dueAt, closedAt: handedOverAt, now });
}

function shownLine(found: RegisterLine, procedures: Deps['procedures'], now: Date): z.infer<typeof Line> {
  const { procedure, applicant, state, ...rest } = found;
  const { street, ward, province } = applicant.residence ?? {};
  return Line.parse({
    ...written(rest),
    procedure: { id: procedure, title: procedures.get(procedure)?.title },
    applicant: {
      fullName: applicant.fullName ?? '',
      phone: applicant.phone ?? '',
      address: [street, ward, province].filter(Boolean).join(', '),
    },
    state: caseStates[state as CaseState],
    timeliness: timelinessOf({
      state: state as CaseState,
      dueAt: found.dueAt,
      closedAt: found.closedAt,
      now,
    }),
  });
}

/** Writes the instants of a row as the API does. */
const written = (row: object) =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof Date ? value.toISOString() : (value as unknown),
    ]),
  );

const header = [
  'Mã hồ sơ',
  'Thủ tục hành chính',
  'Số bộ',
  'Tên cá nhân, tổ chức',
  'Địa chỉ, số điện thoại',
  'Nhận hồ sơ',
  'Hẹn trả kết quả',
  'Có kết quả',
  'Trả kết quả',
  'Phương thức nhận',
  'Hình thức nộp',
  'Trạng thái',
  'Tiến độ',
];

const cells = (line: z.infer<typeof Line>) => [
  line.code,
  line.procedure.title?.vi ?? line.procedure.id,
  '1',
  line.applicant.fullName,
  `${line.applicant.address}; ${line.applicant.phone}`,
  localTime(line.filedAt),
  line.dueAt ? localTime(line.dueAt) : '',
  line.decidedAt ? localTime(line.decidedAt) : '',
  line.closedAt ? localTime(line.closedAt) : '',
  line.receiveBy ?? '',
  line.channel,
  line.state.vi,
  line.timeliness,
];
