import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { roles } from '../records/actor.ts';
import { bulkReport, kindsOfTasks, shareOfQueue, submitBulk } from '../records/bulk.ts';
import type { Transaction } from '../records/db.ts';
import { may, signedIn } from './abilities.ts';
import { act, type Act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, Reason, refused } from './schemas.ts';
import { expectProof, signs } from './step-up.ts';

const tasks = z.array(z.uuid()).min(1).max(500);
/** One act for many tasks. */
export const GivenBulk = z
  .discriminatedUnion('act', [
    z.strictObject({ act: z.literal('claim'), tasks }),
    z.strictObject({ act: z.literal('complete'), tasks, answer: z.unknown() }),
    z.strictObject({ act: z.literal('assign'), tasks, to: z.string().min(1).max(200), reason: Reason }),
    z.strictObject({
      act: z.literal('distribute'),
      tasks: tasks
        .or(
          z.strictObject({
            agency: z.string().min(1).max(40).optional(),
            role: z.enum(roles),
            procedure: z.string().min(1).max(100).optional(),
            count: z.int().min(1).max(500),
          }),
        )
        .meta({
          description: 'These, or so many of the most urgent ones of a queue that nobody has claimed',
        }),
      reason: Reason,
    }),
  ])
  .meta({ id: 'BulkAct' });
const Submitted = z.object({ id: z.uuid() }).meta({ id: 'Submitted' });
const Report = z
  .object({
    id: z.uuid(),
    act: z.enum(['claim', 'complete', 'assign', 'distribute']),
    createdAt: Instant,
    counts: z.object({ waiting: z.int(), done: z.int(), refused: z.int() }),
    items: z.array(
      z.object({
        task: z.uuid(),
        state: z.enum(['waiting', 'done', 'refused']),
        at: Instant.nullable(),
        why: z
          .object({
            type: z.string(),
            detail: z.string(),
            errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
          })
          .optional(),
      }),
    ),
  })
  .meta({ id: 'BulkReport' });
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/bulk': {
    post: {
      summary: 'Do one act to many tasks, each with the guards of a single act; 202 means that it is kept',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenBulk } } },
      responses: { 202: json('Kept', Submitted), default: refused },
    },
  },
  '/api/v1/bulk/{id}': {
    get: {
      summary: 'How far a bulk act is, and what was refused and why',
      requestParams: { path: Path },
      responses: { 200: json('The report', Report), default: refused },
    },
  },
};

/**
 * Finds the tasks of a bulk act: those that are named, or the most urgent of a queue.
 *
 * @throws Refusal as {@link shareOfQueue}
 */
export const tasksOfBulk = async (by: Act, asked: z.output<typeof GivenBulk>['tasks']): Promise<string[]> =>
  Array.isArray(asked) ? asked : shareOfQueue(by.trx, by, asked);

/** One act for many tasks. */
export function bulk(deps: Pick<Deps, 'db' | 'clock' | 'config' | 'procedures'>): Router {
  const router = Router();
  const anySigns = async (trx: Transaction, ids: string[]) =>
    (await kindsOfTasks(trx, ids)).some(({ procedure, name }) => signs(deps.procedures.get(procedure), name));

  router.post('/api/v1/bulk', may('change', 'bulk'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { tasks: asked, ...given } = checkForm(req, GivenBulk, req.body);
      const chosen = await tasksOfBulk(by, asked);
      if (given.act === 'complete' && (await anySigns(by.trx, chosen))) expectProof(req, deps);
      return { status: 202, body: await submitBulk(by.trx, by, { ...given, tasks: chosen }) };
    });
    const submitted = Submitted.parse(body);
    res.status(status).location(`/api/v1/bulk/${submitted.id}`).json(submitted);
  });

  router.get('/api/v1/bulk/:id', signedIn, async (req, res) => {
    const actor = actorIn(req);
    res.json(Report.parse(await bulkReport(deps.db, actor, checkAddress(req, Path, req.params).id)));
  });

  return router;
}
