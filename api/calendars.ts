import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { agencyCode, Day, DayKind, Hours, IntakeWeek, WorkingWeek } from '../records/calendar-rows.ts';
import {
  calendarHistory,
  changeCalendar,
  explainCalendar,
  lockCalendars,
  readCalendarsBelow,
  type Wanted,
} from '../records/calendar.ts';
import type { Answer } from '../records/idempotency.ts';
import { listAgencies } from '../records/city.ts';
import { Refusal } from '../records/refusal.ts';
import { calendarOf, hoursInForce, hoursOfDay } from '../workflows/engine/legal-clock-calendar.ts';
import { localIso, workingMinutesBetween } from '../workflows/engine/legal-clock.ts';
import { everybody, may } from './abilities.ts';
import { act, type Act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, anybody, Instant, json, pageOf, Paging, refused, titled } from './schemas.ts';

const AgencyPath = z.object({ agency: agencyCode });
const DayPath = AgencyPath.extend({ day: z.iso.date() });
const Year = z.object({ year: z.coerce.number().int().min(1900).max(2200) });
const HistoryQuery = Paging.extend({ cursor: z.coerce.number().int().min(1).optional() });

const whose = z.string().meta({ description: 'The agency that says so; empty for the whole country' });
const CalendarView = z
  .object({
    agency: z.string(),
    year: z.int(),
    hours: z
      .array(Hours.extend({ agency: whose }))
      .meta({ description: 'Office hours in force in the year' }),
    days: z.array(
      Day.extend({
        agency: whose,
        closed: z.string().nullable(),
        hours: z.array(z.string()).meta({ description: 'What is worked on the day' }),
      }),
    ),
  })
  .meta({ id: 'Calendar' });

const why = {
  legalBasis: z
    .string()
    .min(1)
    .max(500)
    .meta({ ...titled('Căn cứ', 'Provision'), example: 'Công điện 112/CĐ-TTg' }),
  reason: z
    .strictObject({
      vi: z.string().min(1).max(500).meta(titled('Tiếng Việt', 'In Vietnamese')),
      en: z.string().min(1).max(500).meta(titled('Tiếng Anh', 'In English')),
    })
    .meta({
      ...titled('Lý do báo cho người nộp', 'What applicants are told'),
      description: 'Told to the applicants whose dates move',
    }),
};
export const PutDay = z
  .strictObject({
    kind: DayKind.meta({
      ...titled('Ngày này là', 'What it is'),
      choices: {
        holiday: { vi: 'Ngày lễ', en: 'A holiday' },
        'compensatory-off': { vi: 'Nghỉ bù', en: 'Off in compensation' },
        'swapped-off': { vi: 'Nghỉ hoán đổi', en: 'Off in exchange' },
        'swapped-working': { vi: 'Làm bù', en: 'Worked in exchange' },
        'emergency-closing': { vi: 'Đóng cửa khẩn cấp', en: 'An emergency closing' },
      },
    }),
    name: z.string().min(1).max(200).meta(titled('Tên ngày', 'Its name')),
    closed: Day.shape.closed.meta(titled('Đóng cửa (khoảng giờ)', 'Closed (a span)')),
    ...why,
  })
  .refine(({ kind, closed }) => !closed || kind === 'emergency-closing' || kind === 'swapped-working', {
    path: ['closed'],
    error:
      'Chỉ ngày đóng cửa khẩn cấp hoặc ngày làm bù mới đóng cửa một phần · Only an emergency closing or a day worked in exchange can be closed for a part',
  });
const PutHours = z.strictObject({
  validFrom: z.iso.date(),
  work: WorkingWeek,
  intake: IntakeWeek.default({}),
  ...why,
});
const DeleteDay = z.strictObject(why);
const Changed = z
  .object({
    change: z.int().nullable().meta({ description: 'Its number in the history; null when nothing differs' }),
    recount: z.int().nullable().meta({ description: 'The recount of open cases that it asked for' }),
  })
  .meta({ id: 'CalendarChanged' });

const DayFacts = z.object({
  kind: DayKind,
  name: z.string(),
  closed: z.string().nullable(),
  legalBasis: z.string(),
});
const HoursFacts = Hours.omit({ agency: true, validFrom: true });
const History = pageOf(
  z.object({
    id: z.int(),
    agency: whose,
    at: Instant,
    actor: z.object({ sub: z.string(), name: z.string() }),
    reason: why.reason,
    legalBasis: z.string(),
    change: z.object({
      days: z.array(z.object({ day: z.iso.date(), before: DayFacts.nullable(), after: DayFacts.nullable() })),
      hours: z.array(
        z.object({ validFrom: z.iso.date(), before: HoursFacts.nullable(), after: HoursFacts.nullable() }),
      ),
    }),
  }),
);

const body = (schema: z.ZodType) => ({ content: { 'application/json': { schema } } });
const changed = { 200: json('The change', Changed), default: refused };

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/calendars/{agency}': {
    get: {
      summary: 'Office hours of an agency, and the days of a year that differ',
      security: anybody,
      requestParams: { path: AgencyPath, query: Year },
      responses: { 200: json('The calendar', CalendarView), default: refused },
    },
  },
  '/api/v1/calendars/{agency}/days/{day}': {
    put: {
      summary: 'Says how a day differs, for an agency and all below it; admins only',
      requestParams: { path: DayPath, header: actHeader },
      requestBody: body(PutDay),
      responses: changed,
    },
    delete: {
      summary: 'Takes back what an agency itself says of a day; admins only',
      requestParams: { path: DayPath, header: actHeader },
      requestBody: body(DeleteDay),
      responses: changed,
    },
  },
  '/api/v1/calendars/{agency}/hours': {
    put: {
      summary: 'Sets office hours that hold from a day on, for an agency and all below it; admins only',
      requestParams: { path: AgencyPath, header: actHeader },
      requestBody: body(PutHours),
      responses: changed,
    },
  },
  '/api/v1/calendars/{agency}/history': {
    get: {
      summary: 'Who changed the calendar of an agency, or one above it, when and why; admins only',
      requestParams: { path: AgencyPath, query: HistoryQuery },
      responses: { 200: json('A page of changes, the latest first', History), default: refused },
    },
  },
};

/** The calendars of agencies: everybody reads them, admins change them. */
export function calendars(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const { db } = deps;
  const router = Router();

  const agencyIn = async (req: Request): Promise<string> => {
    const { agency } = checkAddress(req, AgencyPath, { agency: req.params['agency'] });
    if ((await listAgencies(db)).some(({ code }) => code === agency)) return agency;
    throw new Refusal('not-found', 'Không có cơ quan này · There is no such agency');
  };

  router.get('/api/v1/calendars/:agency', everybody, async (req, res) => {
    const agency = await agencyIn(req);
    const { year } = checkAddress(req, Year, req.query);
    const rows = await explainCalendar(db, agency, year);
    const calendar = calendarOf(rows);
    const inForce = hoursInForce(rows.hours).filter(
      (_hours, index, all) => all[index + 1] === undefined || all[index + 1]!.validFrom > `${year}-01-01`,
    );
    // Nearer agencies come later, and decide.
    const days = new Map(rows.days.map((row) => [row.day, { ...row, hours: hoursOfDay(row.day, calendar) }]));
    res.json(CalendarView.parse({ agency, year, hours: inForce, days: [...days.values()] }));
  });

  router.get('/api/v1/calendars/:agency/history', may('read', 'calendars'), async (req, res) => {
    const agency = await agencyIn(req);
    const { limit, cursor } = checkAddress(req, HistoryQuery, req.query);
    const rows = await calendarHistory(db, agency, { limit: limit + 1, before: cursor });
    const items = rows.slice(0, limit);
    const next = rows.length > limit ? { next: String(items.at(-1)!.id) } : {};
    res.json(History.parse({ items, ...next }));
  });

  router.put('/api/v1/calendars/:agency/days/:day', may('change', 'calendars'), async (req, res) => {
    const agency = await agencyIn(req);
    const { day } = checkAddress(req, DayPath, req.params);
    const given = checkForm(req, PutDay, req.body);
    const { status, body } = await act(deps, req, (by) => changeDay(by, { agency, day }, given));
    res.status(status).json(body);
  });

  router.delete('/api/v1/calendars/:agency/days/:day', may('change', 'calendars'), async (req, res) => {
    const agency = await agencyIn(req);
    const { day } = checkAddress(req, DayPath, req.params);
    const reasons = checkForm(req, DeleteDay, req.body);
    const { status, body } = await act(deps, req, async (done) => {
      const answer = await change(
        done,
        { agency, from: day, wanted: { days: [{ day, after: null }] } },
        reasons,
      );
      if (Changed.parse(answer.body).change !== null) return answer;
      throw new Refusal(
        'not-found',
        'Cơ quan này không quy định riêng ngày đó · This agency says nothing of its own about that day',
      );
    });
    res.status(status).json(body);
  });

  router.put('/api/v1/calendars/:agency/hours', may('change', 'calendars'), async (req, res) => {
    const agency = await agencyIn(req);
    const { reason, validFrom, ...after } = checkForm(req, PutHours, req.body);
    const { status, body } = await act(deps, req, (done) =>
      change(
        done,
        { agency, from: validFrom, wanted: { hours: [{ validFrom, after }] } },
        { ...after, reason },
      ),
    );
    res.status(status).json(body);
  });

  return router;
}

/** Says how a day differs for an agency and all below it. */
export function changeDay(
  by: Act,
  { agency, day }: { agency: string; day: string },
  { reason, ...facts }: z.infer<typeof PutDay>,
): Promise<Answer> {
  const after = { ...facts, closed: facts.closed ?? null };
  return change(by, { agency, from: day, wanted: { days: [{ day, after }] } }, { ...facts, reason });
}

interface Change {
  agency: string;
  /** The first day that it changes. */
  from: string;
  wanted: Wanted;
}

/** Changes a calendar unless that would let time be worked that has gone by. */
async function change(
  { trx, actor, at }: Act,
  { agency, from, wanted }: Change,
  { reason, legalBasis }: { reason: { vi: string; en: string }; legalBasis: string },
): Promise<Answer> {
  await lockCalendars(trx);
  const isPast = from <= localIso(at).slice(0, 10);
  if (isPast && Date.parse(from) < at.getTime() - longestLookBack) throw goneBy();
  const worked = async () => {
    const calendars = isPast ? await readCalendarsBelow(trx, agency, from) : [];
    return calendars.flatMap((rows) => workedSince(from, at, rows));
  };
  const before = await worked();
  const made = await changeCalendar(trx, agency, wanted, { actor, at, reason, legalBasis });
  const after = await worked();
  if (after.some((minutes, index) => minutes > before[index]!)) throw goneBy();
  return { status: 200, body: made ?? { change: null, recount: null } };
}

const dayMs = 86_400_000;
const longestLookBack = 366 * dayMs;

/** Minutes worked on each day from a day until an instant. */
function workedSince(from: string, until: Date, rows: Parameters<typeof calendarOf>[0]): number[] {
  const calendar = calendarOf(rows);
  const minutes: number[] = [];
  for (let start = Date.parse(`${from}T00:00:00+07:00`); start < until.getTime(); start += dayMs) {
    const end = new Date(Math.min(start + dayMs, until.getTime()));
    minutes.push(workingMinutesBetween(new Date(start), end, calendar));
  }
  return minutes;
}

const goneBy = () =>
  new Refusal(
    'day-gone-by',
    'Thời gian đã qua không thể trở thành giờ làm việc: các hồ sơ sẽ mất thời gian đó · Time that has gone by cannot be turned into working time: open cases would lose it',
  );
