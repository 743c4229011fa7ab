import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { caseFor } from '../api/cases.ts';
import { checkAddress } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { expectProof, StepUpNeeded, stepUpFor } from '../api/step-up.ts';
import { sendDraft } from '../api/previews.ts';
import { cleanGivenPhotos } from '../api/task-photos.ts';
import { rulesIn } from '../api/task-rules.ts';
import type { Actor } from '../records/actor.ts';
import { beginDraft, endDraft, findTaskDraft, keepDraft } from '../records/drafts.ts';
import { claimTask, completeTask, releaseTask, undoTask } from '../records/task-acts.ts';
import { findTask } from '../records/tasks.ts';
import { tellNext } from './flash.ts';
import { countOf, readFilled, rowsOf, type Filled } from './form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from './form/errors.ts';
import type { Field } from './form/fields.ts';
import { fieldOf, fieldsOf as bodyOf, formPost } from './posts.ts';
import { answerOf, showTask, taskFields } from './task-view.ts';
import { taskPapers } from './task-papers.ts';

const Path = z.object({ id: z.uuid() });

/** What people decide or supply, one task a page; what is half filled in is kept. */
export function tasks(deps: Deps): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.get('/tasks/:id', signedIn, async (req, res) => {
    const draft = await findTaskDraft(db, actorIn(req), idOf(req), clock.now());
    await show(req, res, draft?.filled, noErrors);
  });

  router.post('/tasks/:id', signedIn, formPost, async (req, res) => {
    const actor = actorIn(req);
    const id = idOf(req);
    const task = await findTask(db, actor, id, clock.now());
    const fields = taskFields(procedures, task);
    const body = bodyOf(req);
    const filled = marked(readFilled(fields, body), fields, body['_mark']);
    if (body['_add'] || body['_remove'] || body['_mark'] || body['_keep']) {
      await keep(actor, id, filled, fields);
      if (body['_keep']) await tellNext(req, { vi: 'Đã lưu, chưa gửi.', en: 'Kept, not sent yet.' });
      res.redirect(303, `/tasks/${id}#form`);
      return;
    }
    const draft = await findTaskDraft(db, actor, id, clock.now());
    const answer = answerOf(fields, filled, draft?.papers ?? []);
    try {
      await cleanGivenPhotos(deps, actor, procedures.get(task.procedure), draft?.papers);
      const { body: done } = await act(deps, req, async ({ trx, at }) => {
        const rulesOf = rulesIn(procedures, languageOf(req), () => expectProof(req, deps));
        const completed = await completeTask(trx, { actor, at, id, answer, rulesOf });
        if (draft) await endDraft(trx, actor, draft.id);
        return { status: 200, body: completed };
      });
      await tellDone(req, id, done as { undoUntil?: string });
      res.redirect(303, await placeAfter(actor, task));
    } catch (error) {
      if (error instanceof StepUpNeeded) {
        await keep(actor, id, filled, fields);
        res.redirect(303, stepUpFor(`/tasks/${id}`));
        return;
      }
      const errors = errorsOf(error, fields, filled, languageOf(req));
      await show(req, res.status(422), filled, errors);
    }
  });

  router.post('/tasks/:id/preview', signedIn, formPost, async (req, res) => {
    const actor = actorIn(req);
    const id = idOf(req);
    const fields = taskFields(procedures, await findTask(db, actor, id, clock.now()));
    const filled = readFilled(fields, bodyOf(req));
    await keep(actor, id, filled, fields);
    const draft = await findTaskDraft(db, actor, id, clock.now());
    const answer = answerOf(fields, filled, draft?.papers ?? []);
    try {
      await sendDraft(deps, req, res, { id, document: fieldOf(req, 'document'), answer });
    } catch (error) {
      await show(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
    }
  });

  for (const [name, perform, vi, en] of [
    ['claim', claimTask, 'Đã nhận việc.', 'The task is yours.'],
    ['release', releaseTask, 'Đã trả việc.', 'The task is given back.'],
    ['undo', undoTask, 'Đã hoàn tác, việc mở lại.', 'Undone: the task is open again.'],
  ] as const)
    router.post(`/tasks/:id/${name}`, signedIn, formPost, async (req, res) => {
      const id = idOf(req);
      await act(deps, req, async (by) => {
        await perform(by.trx, { ...by, id });
        return { status: 204, body: null };
      });
      await tellNext(req, { vi, en });
      res.redirect(303, name === 'release' ? '/inbox' : `/tasks/${id}`);
    });

  router.use(taskPapers(deps));

  /** Whoever stands at the counter is handed their receipt; other officers go on with their inbox. */
  async function placeAfter(actor: Actor, task: { case: string; role: string }): Promise<string> {
    if (actor.roles.includes('citizen')) return `/cases/${task.case}`;
    if (task.role !== 'reception') return '/inbox';
    const { channel } = await caseFor(deps, actor, task.case);
    return channel === 'counter' ? `/cases/${task.case}/filed` : '/inbox';
  }

  async function keep(actor: Actor, id: string, filled: Filled, fields: readonly Field[]): Promise<void> {
    const at = clock.now();
    const draft = await findTaskDraft(db, actor, id, at);
    if (!draft) {
      await beginDraft(db, actor, { at, about: id, channel: 'online', filled });
      return;
    }
    const ofForm = (pointer: string) => fields.some((field) => pointer.startsWith(field.pointer));
    await keepDraft(db, actor, draft.id, { at, filled, without: ofForm });
  }

  async function show(req: Request, res: Response, filled: Filled | undefined, errors: FormErrors) {
    await showTask(deps, req, res, { id: idOf(req), filled, errors });
  }

  return router;
}

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;

/** Marks a paper or a field as missing: a new row of the list of what is missing names it. */
function marked(filled: Filled, fields: readonly Field[], what: string | string[] | undefined): Filled {
  if (typeof what !== 'string' || what === '') return filled;
  const list = fields.find(
    ({ input }) => input.kind === 'list' && input.fields.some((each) => each.input.kind === 'named'),
  );
  if (list?.input.kind !== 'list') return filled;
  const part = list.input.fields.find(({ input }) => input.kind === 'named')!;
  const row = rowsOf(filled, list.pointer);
  const isMarked = Array.from(
    { length: row },
    (_, at) => filled[part.pointer.replace('*', `${at}`)],
  ).includes(what);
  if (isMarked || row >= list.input.most) return filled;
  return { ...filled, [countOf(list.pointer)]: `${row + 1}`, [part.pointer.replace('*', `${row}`)]: what };
}

/** Tells that it is done, and until when it can be undone. */
async function tellDone(req: Request, id: string, { undoUntil }: { undoUntil?: string }): Promise<void> {
  const until =
    undoUntil && new Date(undoUntil).toLocaleTimeString('vi-VN', { timeZone: 'Asia/Ho_Chi_Minh' });
  await tellNext(req, {
    vi: until ? `Đã xong. Có thể hoàn tác đến ${until}.` : 'Đã xong.',
    en: until ? `Done. It can be undone until ${until}.` : 'Done.',
    undo: until ? `/tasks/${id}/undo` : undefined,
  });
}
