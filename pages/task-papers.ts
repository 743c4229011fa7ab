import { rm } from 'node:fs/promises';
import { Router, type Request } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { actorIn } from '../api/auth.ts';
import { checkAddress } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { fileOf, keepFile, receiveFile, withinDailyLimit } from '../api/uploads.ts';
import { addDraftPaper, beginDraft, dropDraftPaper, findTaskDraft } from '../records/drafts.ts';
import { Refusal } from '../records/refusal.ts';
import { findTask } from '../records/tasks.ts';
import { findUpload } from '../records/uploads.ts';
import { fieldOf, formPost, takeMarks } from './posts.ts';

const Path = z.object({ id: z.uuid() });

/** Files that answer a task: each is kept as soon as it has arrived, and goes to the case when the task is completed. */
export function taskPapers(deps: Deps): Router {
  const { db, clock, objects, procedures } = deps;
  const router = Router();

  router.post(
    '/tasks/:id/papers',
    signedIn,
    withinDailyLimit(deps),
    receiveFile(objects, 6),
    async (req, res) => {
      try {
        takeMarks(req);
        const { path, originalname } = fileOf(req);
        const upload = await keepFile(deps, actorIn(req), { path, name: originalname }, clock.now());
        await addPaper(req, upload.id);
      } finally {
        if (req.file) await rm(req.file.path, { force: true });
      }
      res.redirect(303, `/tasks/${idOf(req)}#papers`);
    },
  );

  router.post('/tasks/:id/papers/uploaded', signedIn, formPost, async (req, res) => {
    const upload = await findUpload(db, actorIn(req), z.uuid().parse(fieldOf(req, 'upload')));
    await addPaper(req, upload.id);
    res.redirect(303, `/tasks/${idOf(req)}#papers`);
  });

  router.post('/tasks/:id/papers/remove', signedIn, formPost, async (req, res) => {
    const draft = await findTaskDraft(db, actorIn(req), idOf(req), clock.now());
    const at = clock.now();
    if (draft) await dropDraftPaper(db, actorIn(req), draft.id, { at, upload: fieldOf(req, 'upload') });
    res.redirect(303, `/tasks/${idOf(req)}#papers`);
  });

  async function addPaper(req: Request, upload: string): Promise<void> {
    const actor = actorIn(req);
    const at = clock.now();
    const id = idOf(req);
    const task = await findTask(db, actor, id, at);
    const kind = fieldOf(req, 'kind');
    if (!task.may.complete || !Object.hasOwn(procedures.get(task.procedure)?.names ?? {}, kind))
      throw new Refusal('invalid-request', 'Không có loại giấy tờ này · There is no such kind of paper');
    const draft =
      (await findTaskDraft(db, actor, id, at)) ??
      (await beginDraft(db, actor, { at, about: id, channel: 'online', filled: {} }));
    await addDraftPaper(db, actor, draft.id, { at, paper: { kind, upload } });
  }

  return router;
}

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;
