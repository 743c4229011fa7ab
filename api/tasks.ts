import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { assignTask } from '../records/assignment.ts';
import { suggestOfficers } from '../records/suggestions.ts';
import { claimTask, completeTask, releaseTask, undoTask } from '../records/task-acts.ts';
import { findTask, noteView } from '../records/tasks.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { languageOf } from './language.ts';
import { summaryFields } from './inbox.ts';
import { formSchema } from './procedures.ts';
import {
  actHeader,
  CaseCode,
  Instant,
  json,
  Person,
  Reason,
  refused,
  StepUp,
  Text,
  titled,
} from './schemas.ts';
import { expectProof, maySign, signs } from './step-up.ts';
import { PaperReference } from '../workflows/engine/index.ts';
import { cleanGivenPhotos } from './task-photos.ts';
import { rulesIn } from './task-rules.ts';

const TaskView = z
  .object({
    ...summaryFields,
    number: z.int().meta({ description: 'Which time this task was opened in its case' }),
    context: z.record(z.string(), z.unknown()).meta({ description: 'What the performer is shown' }),
    form: z.record(z.string(), z.unknown()).meta({ description: 'JSON Schema of the answer' }),
    may: z
      .object({
        complete: z.boolean(),
        stepUp: StepUp,
        why: z.object({ type: z.string(), detail: z.string() }).optional(),
      })
      .meta({ description: 'Whether you may complete it now, and if not, why' }),
  })
  .meta({ id: 'Task' });

const Completion = z.strictObject({ answer: z.unknown() }).meta({ id: 'Completion' });
const Completed = z
  .object({
    case: CaseCode,
    task: z.string(),
    undoUntil: Instant.optional().meta({
      description:
        'Until when you can undo it, at the latest: once the case goes on for another reason, no more',
    }),
  })
  .meta({ id: 'Completed' });
const Undone = z.object({ case: CaseCode, task: z.string() }).meta({ id: 'Undone' });
const Claimed = z.object({ id: z.uuid(), claimedBy: z.string() }).meta({ id: 'Claimed' });
export const Assignment = z
  .strictObject({
    to: z
      .string()
      .min(1)
      .max(200)
      .meta({
        ...titled('Giao cho', 'Give it to'),
        widget: 'officer',
        description: 'Subject of the officer',
      }),
    reason: Reason.meta({ ...titled('Lý do', 'Reason'), description: 'Required of admins' }),
    suggested: z.boolean().default(false).meta({
      description:
        'The officer was taken from the suggestions: what speaks for them now is kept in the record',
    }),
  })
  .meta({ id: 'Assignment' });

const Suggestions = z.object({
  items: z.array(
    z
      .object({
        officer: Person.extend({ title: z.string().nullable() }),
        load: z
          .object({ open: z.int(), overdue: z.int(), soon: z.int() })
          .meta({ description: 'Open tasks that they have claimed; soon: within two days' }),
        experience: z.int().meta({ description: 'Tasks of this procedure done in the last 90 days' }),
        knowsCase: z.boolean().meta({ description: 'Has done a task of this case' }),
        reason: Text,
      })
      .meta({ id: 'Suggestion' }),
  ),
});

const Path = z.object({ id: z.uuid() });
const acting = { path: Path, header: actHeader };

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/tasks/{id}': {
    get: {
      summary: 'A task: its form, what it is about, whether you may do it and why not',
      requestParams: { path: Path },
      responses: { 200: json('The task', TaskView), default: refused },
    },
  },
  '/api/v1/tasks/{id}/claim': {
    put: {
      summary: 'Take a task, so that your colleagues leave it',
      requestParams: acting,
      responses: { 200: json('Claimed', Claimed), default: refused },
    },
    delete: {
      summary: 'Give a task back',
      requestParams: acting,
      responses: { 204: { description: 'Nobody has claimed it now' }, default: refused },
    },
  },
  '/api/v1/tasks/{id}/assignee': {
    put: {
      summary: 'Give a task to a named officer of its agency, as the head, or as an admin with a reason',
      requestParams: acting,
      requestBody: { content: { 'application/json': { schema: Assignment } } },
      responses: { 200: json('Theirs', Claimed), default: refused },
    },
  },
  '/api/v1/tasks/{id}/suggestions': {
    get: {
      summary: 'To whom you could give a task, the best first, each with the reason',
      requestParams: { path: Path },
      responses: { 200: json('Officers', Suggestions), default: refused },
    },
  },
  '/api/v1/tasks/{id}/undo': {
    post: {
      summary: 'Open a task again that you have just completed, while its time of grace lasts',
      requestParams: acting,
      responses: { 200: json('Open again', Undone), default: refused },
    },
  },
  '/api/v1/tasks/{id}/complete': {
    post: {
      summary: 'Decide or supply what the task asks for; the first answer counts',
      requestParams: acting,
      requestBody: { content: { 'application/json': { schema: Completion } } },
      responses: { 200: json('Done', Completed), default: refused },
    },
  },
};

/** Tasks: what people and agencies decide or supply. */
export function tasks(deps: Pick<Deps, 'db' | 'clock' | 'config' | 'objects' | 'procedures'>): Router {
  const { db, procedures, clock } = deps;
  const router = Router();
  const factsOf = (procedure: string, task: string) => procedures.get(procedure)?.tasks[task];

  router.get('/api/v1/tasks/:id', signedIn, async (req, res) => {
    const actor = actorIn(req);
    const task = await findTask(db, actor, idOf(req), clock.now());
    await noteView(db, actor, task, clock.now());
    const facts = factsOf(task.procedure, task.task);
    const asks = task.may.complete && signs(procedures.get(task.procedure), task.task) && !maySign(req, deps);
    const may = { ...task.may, ...(asks ? { stepUp: true } : {}) };
    res.json(
      TaskView.parse({ ...task, may, title: facts?.title, form: facts ? formSchema(facts.form) : {} }),
    );
  });

  router.put('/api/v1/tasks/:id/claim', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const id = idOf(req);
      await claimTask(by.trx, { ...by, id });
      return { status: 200, body: { id, claimedBy: by.actor.name } };
    });
    res.status(status).json(Claimed.parse(body));
  });

  router.delete('/api/v1/tasks/:id/claim', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      await releaseTask(by.trx, { ...by, id: idOf(req) });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.put('/api/v1/tasks/:id/assignee', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const id = idOf(req);
      const { name } = await assignTask(by.trx, { ...by, id, ...checkForm(req, Assignment, req.body) });
      return { status: 200, body: { id, claimedBy: name } };
    });
    res.status(status).json(Claimed.parse(body));
  });

  router.get('/api/v1/tasks/:id/suggestions', signedIn, async (req, res) => {
    const actor = actorIn(req);
    res.json(Suggestions.parse({ items: await suggestOfficers(db, actor, idOf(req), clock.now()) }));
  });

  router.post('/api/v1/tasks/:id/complete', signedIn, async (req, res) => {
    await cleanPhotosOf(req);
    const { status, body } = await act(deps, req, async ({ trx, actor, at }) => {
      const id = idOf(req);
      const { answer } = checkForm(req, Completion, req.body);
      const rulesOf = rulesIn(procedures, languageOf(req), () => expectProof(req, deps));
      return { status: 200, body: await completeTask(trx, { actor, at, id, answer, rulesOf }) };
    });
    res.status(status).json(Completed.parse(body));
  });

  router.post('/api/v1/tasks/:id/undo', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await undoTask(by.trx, { ...by, id: idOf(req) }),
    }));
    res.status(status).json(Undone.parse(body));
  });

  return router;

  /** Photos are drawn anew before they belong to a case, which takes too long for the transaction of the act. */
  async function cleanPhotosOf(req: Request): Promise<void> {
    const given = WithPapers.safeParse(req.body);
    if (!given.success || given.data.answer.papers.length === 0) return;
    const actor = actorIn(req);
    const { procedure } = await findTask(db, actor, idOf(req), clock.now());
    await cleanGivenPhotos(deps, actor, procedures.get(procedure), given.data.answer.papers);
  }
}

const WithPapers = z.object({ answer: z.object({ papers: z.array(PaperReference) }) });

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;
