import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { stuckWork } from '../records/operations.ts';
import { may } from './abilities.ts';
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

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/operations/stuck': {
    get: {
      summary: 'Work that does not flow, since when and why; admins only',
      responses: { 200: json('What is stuck', Stuck), default: refused },
    },
  },
};

/** What those who run an installation look at. */
export function operations(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/operations/stuck', may('read', 'administration'), async (req, res) => {
    res.json(Stuck.parse(await stuckWork(deps.db, deps.clock.now())));
  });

  return router;
}
