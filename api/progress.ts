import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { progressOf, tellProgress } from '../records/progress.ts';
import { Refusal } from '../records/refusal.ts';
import { findTask } from '../records/tasks.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, refused } from './schemas.ts';

const Place = z.strictObject({ lat: z.number().min(-90).max(90), lng: z.number().min(-180).max(180) });
export const NewProgress = z
  .strictObject({
    status: z.string().max(40).meta({ description: 'One that the task’s facts name', example: 'arrived' }),
    happenedAt: z.iso
      .datetime({ offset: true })
      .meta({ description: 'When it was, by the clock of the device: it may have had no network' }),
    place: Place.optional(),
    note: z.string().trim().max(500).default(''),
  })
  .meta({ id: 'NewProgress' });
const Progress = z.object({
  status: z.string(),
  happenedAt: Instant,
  toldAt: Instant,
  place: Place.nullable(),
  note: z.string(),
  by: z.string(),
});
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/tasks/{id}/progress': {
    post: {
      summary: 'Tell how far a task is before it is done; whoever may perform it',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: NewProgress } } },
      responses: { 204: { description: 'Kept' }, default: refused },
    },
    get: {
      summary: 'How far a task is, as its performer tells it',
      requestParams: { path: Path },
      responses: {
        200: json('In the order in which it happened', z.object({ items: z.array(Progress) })),
        default: refused,
      },
    },
  },
};

/** What performers tell of their tasks before they are done. */
export function progress(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.post('/api/v1/tasks/:id/progress', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const told = checkForm(req, NewProgress, req.body);
    const task = await findTask(db, actorIn(req), id, clock.now());
    if (!procedures.get(task.procedure)?.tasks[task.task]?.progress?.[told.status])
      throw new Refusal('invalid-form', 'Thông tin chưa đúng · Some of the information is wrong', [
        { pointer: '/status', detail: 'Việc này không có trạng thái đó · The task has no such status' },
      ]);
    await act(deps, req, async (by) => ({
      status: 204,
      body: await tellProgress(by.trx, { ...by, id }, { ...told, happenedAt: new Date(told.happenedAt) }),
    }));
    res.status(204).end();
  });

  router.get('/api/v1/tasks/:id/progress', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    await findTask(db, actorIn(req), id, clock.now());
    const items = JSON.parse(JSON.stringify(await progressOf(db, id))) as unknown;
    res.json({ items: z.array(Progress).parse(items) });
  });

  return router;
}
