import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { agencyCode, DayKind, type CalendarRows } from '../records/calendar-rows.ts';
import { readCalendar } from '../records/calendar.ts';
import { listAgencies, type NamedAgency } from '../records/city.ts';
import type { Database } from '../records/db.ts';
import { Refusal } from '../records/refusal.ts';
import { calendarOf } from '../workflows/engine/legal-clock-calendar.ts';
import { sayDerivation } from '../workflows/engine/legal-clock-words.ts';
import { dueAt, localIso, type Limit } from '../workflows/engine/legal-clock.ts';
import { everybody } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { limited } from './limits.ts';
import { anybody, json, refused, Text } from './schemas.ts';

const hint = {
  from: 'Thời điểm như 2026-11-20T10:00:00+07:00; trong địa chỉ, viết + thành %2B · An instant such as 2026-11-20T10:00:00+07:00; in an address, write + as %2B',
  limit:
    'Thời hạn như 8wh, 3wd, 15d, 12m, 4h hoặc 15min, nhiều nhất 4 chữ số · A limit such as 8wh, 3wd, 15d, 12m, 4h or 15min, of at most 4 digits',
  agency: 'Mã cơ quan như H29.16 · The code of an agency such as H29.16',
};

/** What the clock is asked. */
export const Asked = z.object({
  from: z.iso.datetime({ offset: true, local: true, error: hint.from }).meta({
    description: 'The instant from which the limit is counted; without a zone it is Vietnam’s time',
    example: '2026-11-20T10:00:00+07:00',
  }),
  limit: z
    .string(hint.limit)
    .regex(/^\d{1,4}(wh|wd|d|min|m|h)$/, hint.limit)
    .meta({
      description:
        'wh working hours, wd working days, d days, m months; h hours and min minutes run day and night',
      example: '3wd',
    }),
  agency: agencyCode
    .optional()
    .meta({ description: 'Whose calendar; the whole country’s without it', example: 'H29.16' }),
});

const NamedDay = z.object({ day: z.iso.date(), kind: DayKind, name: z.string() });
const LocalInstant = z.iso.datetime({ offset: true });
const Answer = z
  .object({
    from: LocalInstant,
    limit: z.string(),
    agency: z.string().nullable(),
    due: LocalInstant.meta({ example: '2026-11-26T17:00:00+07:00' }),
    derivation: z.object({
      limit: z.string(),
      from: LocalInstant,
      countedFrom: LocalInstant.meta({ description: 'When it counts as received' }),
      daysOff: z.array(NamedDay),
      worked: z.array(NamedDay.extend({ hours: z.array(z.string()) })).optional(),
      afterCutOff: z.literal(true).optional(),
      lastDay: z.iso
        .date()
        .optional()
        .meta({ description: 'The last day as counted, where it is a day off' }),
      text: Text,
    }),
  })
  .meta({ id: 'DueDate' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/clock': {
    get: {
      summary: 'When a limit is over that starts at an instant, and why',
      security: anybody,
      requestParams: { query: Asked },
      responses: { 200: json('The due instant with its derivation', Answer), default: refused },
    },
  },
};

/** The legal clock for everybody. */
export function clock(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const { db } = deps;
  const router = Router();

  router.get('/api/v1/clock', everybody, limited(deps, 'clock'), async (req, res) => {
    const asked = checkAddress(req, Asked, req.query);
    res.json(await dueDateOf(db, asked, await listAgencies(db)));
  });

  return router;
}

/** An answer of the clock, as the API gives it. */
export type DueDate = z.infer<typeof Answer>;

/**
 * Tells when a limit is over over the calendar of an agency.
 *
 * @throws Refusal `invalid-request` for an unknown agency, or an instant beyond the years whose public holidays are known
 */
export async function dueDateOf(
  db: Database,
  { from, limit, agency }: z.infer<typeof Asked>,
  agencies: NamedAgency[],
): Promise<DueDate> {
  if (agency !== undefined && !agencies.some(({ code }) => code === agency))
    throw wrong('agency', `Không có cơ quan ${agency} · There is no agency ${agency}`);
  const rows = await readCalendar(db, agency ?? '');
  const start = new Date(/(Z|[+-]\d\d:\d\d)$/.test(from) ? from : `${from}+07:00`);
  const years = knownYears(rows);
  if (!years.has(start)) throw wrong('from', years.text);
  const { at, derivation } = dueAt(start, limit as Limit, calendarOf(rows));
  if (!years.has(at)) throw wrong('limit', years.text);
  return Answer.parse({
    from: localIso(start),
    limit,
    agency: agency ?? null,
    due: localIso(at),
    derivation: {
      ...derivation,
      from: localIso(derivation.from),
      countedFrom: localIso(derivation.countedFrom),
      text: { vi: sayDerivation(derivation, 'vi'), en: sayDerivation(derivation, 'en') },
    },
  });
}

const wrong = (parameter: string, detail: string) =>
  new Refusal('invalid-request', `${parameter}: ${detail}`, [{ pointer: `/${parameter}`, detail }]);

/** The years whose public holidays are known; an answer beyond them would be wrong. */
function knownYears({ days }: CalendarRows): { has(at: Date): boolean; text: string } {
  const years = days.filter(({ kind }) => kind === 'holiday').map(({ day }) => Number(day.slice(0, 4)));
  const [first, last] = [Math.min(...years), Math.max(...years)];
  return {
    has: (at) => {
      const year = Number(localIso(at).slice(0, 4));
      return year >= first && year <= last;
    },
    text: `Chỉ biết lịch nghỉ lễ từ ${first} đến ${last} · Public holidays are known from ${first} to ${last}`,
  };
}
