import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { keepSession } from '../../api/session.ts';
import { expectProof, maySign, signs, StepUpNeeded, stepUpFor } from '../../api/step-up.ts';
import { rulesIn } from '../../api/task-rules.ts';
import { submitBulk } from '../../records/bulk.ts';
import { listTasks } from '../../records/inbox.ts';
import { Refusal } from '../../records/refusal.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';
import { taskFields } from '../task-view.ts';

const mostAtOnce = 200;
const Path = z.object({ procedure: z.string().min(1).max(100), task: z.string().min(1).max(100) });
const Chosen = z.array(z.uuid()).min(1).max(mostAtOnce);

/** Signs many documents of one kind by one answer and one proof of who signs; each keeps the guards of a single task. */
export function signMany(deps: Deps): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.get('/inbox/sign/:procedure/:task', may('read', 'inbox'), async (req, res) => {
    // What was chosen and filled in before a step-up is shown again, once.
    const { beforeStepUp: kept } = req.session;
    delete req.session.beforeStepUp;
    await show(req, res, kept?.page === req.path ? kept.filled : undefined);
  });

  router.post('/inbox/sign/:procedure/:task', may('change', 'bulk'), formPost, async (req, res) => {
    const { fields, procedure, task } = kindOf(req);
    const body = bodyOf(req);
    const ticked = [body['task'] ?? []].flat();
    const filled = { ...readFilled(fields, body), task: ticked };
    const chosen = Chosen.safeParse(ticked);
    if (!chosen.success) {
      await show(req, res.status(422), filled, noneChosen(languageOf(req)));
      return;
    }
    try {
      const answer = answersIn(fields, filled);
      const rules = rulesIn(procedures, languageOf(req), () => undefined);
      rules({ procedure, name: task }).check(answer);
      const { body: submitted } = await act(deps, req, async (by) => {
        expectProof(req, deps);
        const bulk = { act: 'complete' as const, answer, tasks: chosen.data };
        return { status: 202, body: await submitBulk(by.trx, by, bulk) };
      });
      res.redirect(303, `/inbox/bulk/${(submitted as { id: string }).id}`);
    } catch (error) {
      if (!(error instanceof StepUpNeeded)) {
        await show(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
        return;
      }
      req.session.beforeStepUp = { page: req.path, filled };
      await keepSession(req);
      res.redirect(303, stepUpFor(req.path));
    }
  });

  /** The task that is to be done to many cases; only one by which a document is signed. */
  function kindOf(req: Request) {
    const kind = checkAddress(req, Path, req.params);
    const procedure = procedures.get(kind.procedure);
    const facts = procedure?.tasks[kind.task];
    if (!procedure || !facts || !signs(procedure, kind.task))
      throw new Refusal(
        'not-found',
        'Không có việc ký này · There is no such task by which a document is signed',
      );
    return { ...kind, title: facts.title, edition: procedure, fields: taskFields(procedures, kind) };
  }

  async function show(
    req: Request,
    res: Response,
    filled: Filled | undefined,
    errors: FormErrors = noErrors,
  ): Promise<void> {
    const { procedure, task, title, edition, fields } = kindOf(req);
    const actor = actorIn(req);
    const language = languageOf(req);
    const asked = { procedure, name: task, at: clock.now(), limit: mostAtOnce };
    const { items } = await listTasks(db, actor, asked);
    const ready = items.filter(({ claimedBy }) => !claimedBy || claimedBy.sub === actor.sub);
    const chosen = [filled?.['task'] ?? []].flat();
    sendPage(req, res, 'officer/sign-many', {
      title,
      procedure: edition.title[language],
      action: req.path,
      items: ready.map((item) => ({
        id: item.id,
        code: item.case,
        area: item.area,
        deadline: item.deadline,
        principal: item.for?.name,
        chosen: chosen.includes(item.id),
      })),
      stepUp: !maySign(req, deps),
      form: renderFields(fields, {
        filled: filled ?? filledFrom(fields, {}),
        errors: errors.byPointer,
        language,
      }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/inbox',
    });
  }

  return router;
}

const noneChosen = (language: Language): FormErrors => ({
  byPointer: {},
  summary: [
    {
      text: language === 'vi' ? 'Chọn ít nhất một hồ sơ để ký' : 'Choose at least one case to sign',
      href: '#tasks',
    },
  ],
});
