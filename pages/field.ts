import express, { Router, type Request } from 'express';
import { z } from 'zod';
import { everybody, may, signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { caseFor } from '../api/cases.ts';
import { checkAddress, checkForm } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf, type Language } from '../api/language.ts';
import { expectProof } from '../api/step-up.ts';
import { cleanGivenPhotos } from '../api/task-photos.ts';
import { rulesIn } from '../api/task-rules.ts';
import { caseContent } from '../records/case-content.ts';
import { listTasks } from '../records/inbox.ts';
import { progressOf } from '../records/progress.ts';
import { completeTask } from '../records/task-acts.ts';
import { findTask, type TaskSummary } from '../records/tasks.ts';
import { assetAddress } from './assets.ts';
import { fileOf, papersOf } from './case-view.ts';
import { noErrors } from './form/errors.ts';
import { filledFrom } from './form/answers.ts';
import { renderFields } from './form/render.ts';
import { detailsOf, namedFor, namesOf } from './named.ts';
import { script, sendPage } from './page.ts';
import { answerOf, taskFields } from './task-view.ts';

/** Orders that one page holds: what a team can do in a day. */
const most = 20;
const Path = z.object({ id: z.uuid() });
/** What was filled in without a network, by the names of the fields, and the photos that have arrived since. */
const Sent = z.strictObject({
  filled: z.record(
    z.string().max(300),
    z.union([z.string().max(20_000), z.array(z.string().max(2_000)).max(50)]),
  ),
  papers: z
    .array(z.strictObject({ kind: z.string().max(60), upload: z.uuid() }))
    .max(10)
    .default([]),
});

/**
 * The page of a team in the field: its orders with everything that they need, also where there is no network. What is done there
 * waits on the phone and is sent once, by the acts that everybody uses.
 */
export function field(deps: Deps): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.get('/field', may('read', 'inbox'), async (req, res) => {
    const actor = actorIn(req);
    const at = clock.now();
    const { items } = await listTasks(db, actor, { at, limit: most, role: 'field' });
    sendPage(req, res, 'field', {
      title: { vi: 'Lệnh công việc', en: 'Work orders' },
      orders: await Promise.all(items.map((item) => orderOf(req, item))),
      none: items.length === 0,
      who: actor.sub,
      madeAt: at.toISOString(),
      scripts: [assetAddress('field.js')],
    });
  });

  const worker = script('field-worker.js').replace(
    '[]',
    JSON.stringify([
      assetAddress('field.js'),
      assetAddress('motcua.css'),
      assetAddress('motcua.js'),
      assetAddress('govuk-frontend.js'),
    ]),
  );
  router.get('/field/worker.js', everybody, (_req, res) => {
    res.set({ 'Cache-Control': 'no-cache', 'Service-Worker-Allowed': '/field' }).type('js').send(worker);
  });

  router.post('/field/:id', signedIn, express.json({ limit: '256kb' }), async (req, res) => {
    const actor = actorIn(req);
    const { id } = checkAddress(req, Path, req.params);
    const { filled, papers } = checkForm(req, Sent, req.body);
    const task = await findTask(db, actor, id, clock.now());
    const answer = answerOf(taskFields(procedures, task), filled, papers);
    await cleanGivenPhotos(deps, actor, procedures.get(task.procedure), papers);
    const { body } = await act(deps, req, async ({ trx, at }) => {
      const rulesOf = rulesIn(procedures, languageOf(req), () => {
        expectProof(req, deps);
      });
      return { status: 200, body: await completeTask(trx, { actor, at, id, answer, rulesOf }) };
    });
    res.json(body);
  });

  return router;

  /** Everything that a team must know of an order when there is no network. */
  async function orderOf(req: Request, summary: TaskSummary) {
    const actor = actorIn(req);
    const language = languageOf(req);
    const at = clock.now();
    const [task, found, content, told] = await Promise.all([
      findTask(db, actor, summary.id, at),
      caseFor(deps, actor, summary.case),
      caseContent(db, actor, summary.case, at),
      progressOf(db, summary.id),
    ]);
    const procedure = procedures.get(summary.procedure);
    const facts = procedure?.tasks[summary.task];
    const fields = taskFields(procedures, summary);
    const named = await namedFor(deps, fields, task);
    const service = (task.context['service'] as { name?: { vi: string; en: string } } | undefined)?.name;
    return {
      id: summary.id,
      code: summary.case,
      title: facts?.title[language] ?? summary.task,
      about: service?.[language] ?? procedure?.title[language] ?? '',
      deadline: summary.deadline,
      overdue: summary.overdue,
      lines: fileOf(content, procedure, language, {
        names: await namesOf(db, procedure),
        details: await detailsOf(db, procedure, content.answers, language),
      }).flatMap(({ lines }) => lines),
      place: placeOf(content.answers, procedure?.incident?.place),
      photos: papersOf(found, language).filter(({ isImage }) => isImage),
      statuses: statusesOf(facts?.progress, language),
      told: told.map(({ status, happenedAt, note }) => ({
        text: facts?.progress?.[status]?.[language] ?? status,
        at: happenedAt.toISOString(),
        note,
      })),
      form: renderFields(fields, {
        filled: filledFrom(fields, {}),
        errors: noErrors.byPointer,
        language,
        named,
      }).replaceAll(/(id|for|aria-describedby|href)="(#?)answer/g, `$1="$2o-${summary.id}-answer`),
      takesPhotos: facts !== undefined && 'papers' in facts.form.shape,
      kind: Object.entries(procedure?.papers ?? {}).find(([, { by }]) => by === 'officer')?.[0] ?? '',
    };
  }
}

const statusesOf = (
  progress: Readonly<Record<string, { vi: string; en: string }>> = {},
  language: Language,
) => Object.entries(progress).map(([status, name]) => ({ status, name: name[language] }));

function placeOf(answers: Readonly<Record<string, unknown>>, name: string | undefined) {
  const place = name ? (answers[name] as { lat?: number; lng?: number } | undefined) : undefined;
  return place?.lat !== undefined && place.lng !== undefined ? `geo:${place.lat},${place.lng}` : '';
}
