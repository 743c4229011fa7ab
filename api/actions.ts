import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { actionsOn, type Action } from '../records/actions.ts';
import type { Actor } from '../records/actor.ts';
import { signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { CaseCode, json, Person, refused, StepUp, Text } from './schemas.ts';
import { maySign, signs } from './step-up.ts';

const Actions = z.object({
  items: z.array(
    z
      .object({
        act: z.string().meta({
          description: 'What is done; an act that the law names has its own word',
          example: 'withdraw',
        }),
        title: Text.optional(),
        task: z.object({ id: z.uuid(), name: z.string(), number: z.int() }).optional(),
        method: z.enum(['POST', 'PUT', 'DELETE']),
        href: z.string().meta({ description: 'Where to do it' }),
        allowed: z.boolean(),
        stepUp: StepUp,
        as: z.string().optional().meta({ description: 'What you are in the case, if not its applicant' }),
        for: Person.optional().meta({ description: 'In whose place you would do it' }),
        why: z.object({ type: z.string(), detail: z.string() }).optional(),
        legalBasis: Text.optional(),
      })
      .meta({ id: 'Action' }),
  ),
});
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/actions': {
    get: {
      summary: 'What you can do to a case now, and what not and why',
      requestParams: { path: Path },
      responses: { 200: json('Every act', Actions), default: refused },
    },
  },
};

/** Tasks of the engine whose completion has its own word, and other acts, with their place in Decree 118/2025. */
const inLaw: Readonly<Record<string, string>> = {
  withdraw: '21',
  approveWithdrawal: '21',
  supply: '19.5',
  extend: '19.6',
  pay: '24',
  supplementAgain: '16.3',
  transfer: '18.2',
  consult: '19.4',
  correct: '23.1',
};

const articleText = (article: string) => ({
  vi: `Nghị định 118/2025/NĐ-CP, Điều ${article}`,
  en: `Decree 118/2025/NĐ-CP, Article ${article}`,
});

/** Where each act is done. */
const addresses: Record<Action['act'], (code: string, task: string) => { method: string; href: string }> = {
  complete: (_code, task) => ({ method: 'POST', href: `/api/v1/tasks/${task}/complete` }),
  undo: (_code, task) => ({ method: 'POST', href: `/api/v1/tasks/${task}/undo` }),
  claim: (_code, task) => ({ method: 'PUT', href: `/api/v1/tasks/${task}/claim` }),
  release: (_code, task) => ({ method: 'DELETE', href: `/api/v1/tasks/${task}/claim` }),
  assign: (_code, task) => ({ method: 'PUT', href: `/api/v1/tasks/${task}/assignee` }),
  comment: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/comments` }),
  link: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/links` }),
  transfer: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/transfer` }),
  consult: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/consultations` }),
  correct: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/correction` }),
  reopen: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/reopening` }),
  amend: (code) => ({ method: 'POST', href: `/api/v1/cases/${code}/amendment` }),
  'end-representation': (code) => ({ method: 'DELETE', href: `/api/v1/cases/${code}/representative` }),
  delegate: () => ({ method: 'POST', href: '/api/v1/delegations' }),
};

type Reading = Pick<Deps, 'db' | 'clock' | 'config' | 'procedures'>;

/** What somebody can do, and why not. */
export function actions(deps: Reading): Router {
  const router = Router();

  router.get('/api/v1/cases/:code/actions', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    res.json({ items: await actionsFor(deps, req, actorIn(req), code) });
  });

  return router;
}

/** An act as the API tells it. */
export type ActionView = z.infer<typeof Actions>['items'][number];

/**
 * Tells the actor of a request what they can do to a case now, and what not and why, in the words of its procedure.
 *
 * @throws Refusal `not-found`, `not-yours` or `wrong-agency`
 */
export async function actionsFor(
  deps: Reading,
  req: Request,
  actor: Actor,
  code: string,
): Promise<ActionView[]> {
  const { db, clock, procedures } = deps;
  const isSignature = ({ act, allowed, task }: Omit<Action, 'why'>) =>
    act === 'complete' && allowed && task && signs(procedures.get(task.procedure), task.name);
  const found = await actionsOn(db, actor, code, clock.now());
  const items = found.map(({ why, ...action }) => ({
    ...action,
    ...wordsOf(action),
    ...addresses[action.act](code, action.task?.id ?? ''),
    title: action.task && procedures.get(action.task.procedure)?.tasks[action.task.name]?.title,
    ...(isSignature(action) && !maySign(req, deps) ? { stepUp: true } : {}),
    ...(why ? { why: { type: why.type, detail: why.message } } : {}),
  }));
  return Actions.parse({ items }).items;
}

function wordsOf({ act, task }: Omit<Action, 'why'>) {
  const word = act === 'complete' && task && inLaw[task.name] ? task.name : act;
  const article = inLaw[word];
  return { act: word, ...(article ? { legalBasis: articleText(article) } : {}) };
}
