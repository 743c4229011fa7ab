import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { searchRecord } from '../records/audit.ts';
import { stuckWork } from '../records/operations.ts';
import { may } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, Instant, json, refused, Text } from './schemas.ts';

const Stuck = z
  .object({
    unsent: z.array(
      z.object({
        case: CaseCode,
        act: z.int(),
        since: Instant,
        attempts: z.int(),
        error: z.string().nullable(),
      }),
    ),
    waiting: z.array(z.object({ case: CaseCode, question: z.string(), agency: Text, since: Instant })),
    retrying: z.array(
      z.object({
        case: CaseCode,
        activity: z.string().meta({ description: 'As the Temporal UI names it', example: 'ask parcel' }),
        number: z.int(),
        agency: Text.nullable().meta({ description: 'Whose system is asked; null for work of this one' }),
        attempts: z.int(),
        since: Instant,
        lastAt: Instant,
        failure: Text,
        maySkip: z.boolean().meta({ description: 'Whether the case can go on without it' }),
      }),
    ),
    unfinished: z.array(
      z.object({
        case: CaseCode,
        id: z.uuid(),
        title: Text,
        level: z.string(),
        since: Instant,
        failure: z.string().nullable(),
        nextAt: Instant.nullable().meta({ description: 'When it is tried again; null: never' }),
      }),
    ),
    overdue: z.array(
      z.object({ agency: z.string().nullable(), role: z.string(), tasks: z.int(), since: Instant }),
    ),
  })
  .meta({ id: 'StuckWork' });

/** What an auditor may ask. */
export const Audit = z.object({
  case: CaseCode.optional(),
  actor: z.string().min(1).max(200).optional().meta({ description: 'Subject of whoever acted' }),
  event: z.string().min(1).max(100).optional(),
  since: z.iso.date().optional().meta({ description: 'Local day; a week ago without it' }),
  until: z.iso.date().optional().meta({ description: 'Local day, included; today without it' }),
});
const Found = z.object({
  items: z.array(
    z.object({
      case: CaseCode,
      number: z.int(),
      at: Instant,
      event: z.string(),
      actor: z.object({
        sub: z.string(),
        name: z.string().optional(),
        roles: z.array(z.string()),
        agency: z.string().optional(),
      }),
    }),
  ),
});

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/operations/stuck': {
    get: {
      summary: 'Work that does not flow, since when and why; admins only',
      responses: { 200: json('What is stuck', Stuck), default: refused },
    },
  },
  '/api/v1/audit': {
    get: {
      summary: 'Who did what, over the records of all cases; admins only',
      requestParams: { query: Audit },
      responses: { 200: json('At most 200 entries, the latest first', Found), default: refused },
    },
  },
};

/** What those who run an installation look at. */
export function operations(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/operations/stuck', may('read', 'administration'), async (req, res) => {
    res.json(Stuck.parse(await stuckWork(deps.db, deps.clock.now())));
  });

  router.get('/api/v1/audit', may('read', 'audit'), async (req, res) => {
    res.json(Found.parse({ items: await auditFor(deps, checkAddress(req, Audit, req.query)) }));
  });

  return router;
}

const day = 86_400_000;

/** Searches the record over local days; the last week unless told. */
export function auditFor({ db, clock }: Pick<Deps, 'db' | 'clock'>, asked: z.infer<typeof Audit>) {
  const startOf = (local: string) => new Date(`${local}T00:00:00+07:00`);
  const now = clock.now();
  const since = asked.since ? startOf(asked.since) : new Date(now.getTime() - 7 * day);
  const until = asked.until ? new Date(startOf(asked.until).getTime() + day - 1) : now;
  return searchRecord(db, { ...asked, since, until, limit: 200 });
}
