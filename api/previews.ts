import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { noteRead } from '../records/case-content.ts';
import type { Printout } from '../records/printouts.ts';
import { Refusal } from '../records/refusal.ts';
import { findTask } from '../records/tasks.ts';
import type { Procedure, Text } from '../workflows/engine/index.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { caseFor } from './cases.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { sendPrintout } from './printouts.ts';
import { file, refused } from './schemas.ts';
import { rulesIn } from './task-rules.ts';

const Path = z.object({ id: z.uuid() });
const Asked = z.strictObject({
  document: z.string().min(1).max(100).meta({ description: 'Name of the result in its procedure' }),
  answer: z.unknown().meta({ description: 'The answer to the task as it would be given' }),
});

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/tasks/{id}/preview': {
    post: {
      summary: 'A result as it would be issued if the task were answered so: marked as a draft, kept nowhere',
      requestParams: { path: Path },
      requestBody: { content: { 'application/json': { schema: Asked } } },
      responses: { 200: file('The draft', 'application/pdf'), default: refused },
    },
  },
};

/** Drafts of results, for whoever writes or signs them. */
export function previews(deps: Deps): Router {
  const router = Router();

  router.post('/api/v1/tasks/:id/preview', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const { document, answer } = checkForm(req, Asked, req.body);
    await sendDraft(deps, req, res, { id, document, answer });
  });

  return router;
}

/** The results whose drafts can be looked at on the page of a task, with their titles. */
export const draftsAt = ({ documents }: Procedure, task: string): { document: string; title: Text }[] =>
  Object.entries(documents)
    .filter(([, { signedBy, draftAt = [] }]) => signedBy === task || draftAt.includes(task))
    .map(([document, { title }]) => ({ document, title }));

/**
 * Sends the draft of a result, made of what the task was told and of an answer to it; it counts as reading the case.
 *
 * @throws Refusal as completing the task would, and `not-found` for a result that is not drafted there
 */
export async function sendDraft(
  deps: Deps,
  req: Request,
  res: Response,
  { id, document, answer }: { id: string; document: string; answer: unknown },
): Promise<void> {
  const { db, clock, procedures } = deps;
  const actor = actorIn(req);
  const at = clock.now();
  const task = await findTask(db, actor, id, at);
  const { why } = task.may;
  if (why) throw new Refusal(why.type, why.detail);
  if (task.state !== 'open') throw new Refusal('task-closed', 'Việc này đã kết thúc · This task is closed');
  const procedure = procedures.get(task.procedure);
  const drafted = procedure && draftsAt(procedure, task.task).find((each) => each.document === document);
  if (!drafted)
    throw new Refusal('not-found', 'Việc này không có dự thảo đó · There is no such draft at this task');
  const rules = rulesIn(
    procedures,
    languageOf(req),
    () => undefined,
  )({ procedure: task.procedure, name: task.task });
  const answered = rules.check(answer);
  await noteRead(db, actor, task.case, at);
  const signs = procedure.documents[document]?.signedBy === task.task;
  const printout: Printout = {
    form: 'draft',
    agency: (await caseFor(deps, actor, task.case)).agency.code,
    content: {
      case: task.case,
      document,
      data: { ...task.context, [task.task]: answered },
      signatory: signs ? { name: actor.name, title: actor.title ?? '' } : null,
    },
    at,
  };
  await sendPrintout(res, db, printout, `${task.case} ${document} (draft).pdf`, 'inline');
}
