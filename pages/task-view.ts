import type { Request, Response } from 'express';
import { actorIn } from '../api/auth.ts';
import { caseFor } from '../api/cases.ts';
import type { Deps } from '../api/deps.ts';
import { draftsAt } from '../api/previews.ts';
import { languageOf } from '../api/language.ts';
import { maySign, signs, stepUpFor } from '../api/step-up.ts';
import { caseContent } from '../records/case-content.ts';
import { draftFiles, findTaskDraft } from '../records/drafts.ts';
import { atAGlance } from '../records/glance.ts';
import type { GivenPaper } from '../records/papers.ts';
import { Refusal } from '../records/refusal.ts';
import { findTask, noteView, type TaskView } from '../records/tasks.ts';
import type { Procedure, Text } from '../workflows/engine/index.ts';
import { assetAddress } from './assets.ts';
import { fileOf, papersOf } from './case-view.ts';
import { tellContext } from './context.ts';
import { answersIn, filledFrom, type Filled } from './form/answers.ts';
import type { FormErrors } from './form/errors.ts';
import { fieldsOf, type Field } from './form/fields.ts';
import { renderFields } from './form/render.ts';
import { detailsOf, namedFor, namesOf } from './named.ts';
import { sendPage } from './page.ts';
import { inLanguage } from './problems.ts';
import { performer } from './words.ts';

/**
 * Lists the questions of a task; papers are uploaded beside them.
 *
 * @throws Refusal `not-found` when the procedure has no such task any more
 */
export function taskFields(
  procedures: Deps['procedures'],
  task: Pick<TaskView, 'procedure' | 'task'>,
): Field[] {
  const facts = procedures.get(task.procedure)?.tasks[task.task];
  if (!facts) throw new Refusal('not-found', 'Thủ tục không có việc này · The procedure has no such task');
  return fieldsOf(facts.form, '/answer').filter((field) => !takesPapers(field));
}

/** A list of uploads by their kinds: it is not typed but uploaded. */
const takesPapers = ({ input }: Field) =>
  input.kind === 'list' && input.fields.some(({ pointer }) => pointer.endsWith('/upload'));

/** Puts an answer together from what was filled in and the files that were uploaded. */
export function answerOf(
  fields: readonly Field[],
  filled: Filled,
  papers: readonly GivenPaper[],
): Record<string, unknown> {
  const answers = answersIn(fields, filled);
  return papers.length === 0
    ? answers
    : { ...answers, papers: papers.map(({ kind, upload }) => ({ kind, upload })) };
}

/** Shows a task with everything that its performer needs: what it is about, the file of the case, and the form. */
export async function showTask(
  deps: Deps,
  req: Request,
  res: Response,
  { id, filled, errors }: { id: string; filled: Filled | undefined; errors: FormErrors },
): Promise<void> {
  const { db, clock, procedures } = deps;
  const actor = atAGlance(actorIn(req));
  const at = clock.now();
  const language = languageOf(req);
  const task = await findTask(db, actor, id, at);
  await noteView(db, actor, task, at);
  const procedure = procedures.get(task.procedure);
  const facts = procedure?.tasks[task.task];
  if (!procedure || !facts) throw new Refusal('not-found', 'Không có việc này · There is no such task');
  const [found, content, draft, codes] = await Promise.all([
    caseFor(deps, actor, task.case),
    caseContent(db, actor, task.case, at),
    findTaskDraft(db, actor, id, at),
    namesOf(db, procedure),
  ]);
  const details = await detailsOf(db, procedure, content.answers, language);
  const fields = taskFields(procedures, task);
  const takes = fieldsOf(facts.form, '/answer').some(takesPapers);
  const state = {
    filled: filled ?? filledFrom(fields, {}),
    errors: errors.byPointer,
    language,
    named: {
      part: procedure.names,
      entry: entriesTold(task.context),
      ...(await namedFor(deps, fields, task)),
    },
  };
  const marks = fields.some(
    ({ input }) => input.kind === 'list' && input.fields.some((each) => each.input.kind === 'named'),
  );
  sendPage(req, res, 'task', {
    title: facts.title,
    wide: true,
    id,
    code: task.case,
    procedure: procedure.title[language],
    stateName: found.state.name[language],
    open: task.state === 'open',
    officer: task.role !== 'citizen',
    who: performer(task.role)[language],
    deadline: task.deadline,
    overdue: task.overdue,
    dueAt: found.dueAt,
    claimed: task.claimedBy?.sub === actor.sub,
    claimedBy: task.claimedBy?.name,
    mayClaim: task.may.complete && task.role !== 'citizen' && !task.claimedBy,
    principal: task.for?.name,
    may: task.may.complete && task.state === 'open',
    stepUp:
      task.may.complete && signs(procedure, task.task) && !maySign(req, deps) && stepUpFor(`/tasks/${id}`),
    signMany:
      task.may.complete && task.role !== 'citizen' && signs(procedure, task.task)
        ? `/inbox/sign/${encodeURIComponent(task.procedure)}/${encodeURIComponent(task.task)}`
        : '',
    drafts:
      task.may.complete && task.state === 'open'
        ? draftsAt(procedure, task.task).map(({ document, title }) => ({ document, name: title[language] }))
        : [],
    why: task.may.why && inLanguage(task.may.why.detail, language),
    about: tellContext(task.context, { ...procedure, names: { ...procedure.names, ...codes } }, language),
    file: task.role === 'citizen' ? [] : fileOf(content, procedure, language, { names: codes, details }),
    papers: task.role === 'citizen' ? [] : papersOf(found, language, procedure),
    marks,
    form: renderFields(fields, state),
    errors: errors.summary.length > 0 ? errors.summary : undefined,
    uploads: takes ? await uploadsOf(deps, draft?.papers ?? [], task, procedure, language) : undefined,
    scripts: takes ? [assetAddress('uploads.js')] : [],
    styles: [],
    back: task.role === 'citizen' ? `/cases/${task.case}` : '/inbox',
  });
}

/** What is asked for, and the files that have arrived for it. */
async function uploadsOf(
  { db }: Pick<Deps, 'db'>,
  given: GivenPaper[],
  { context, role }: TaskView,
  { names, papers }: Procedure,
  language: 'vi' | 'en',
) {
  const files = await draftFiles(db, given);
  const missing = Array.isArray(context['missing']) ? (context['missing'] as { what: string }[]) : [];
  const asked = missing.map(({ what }) => what).filter((what) => Object.hasOwn(papers, what));
  // What only officers bring is not asked of applicants.
  const offered = Object.keys(papers).filter((kind) => role !== 'citizen' || papers[kind]?.by !== 'officer');
  const kinds = [...new Set([...asked, ...offered])];
  return {
    kinds: kinds.map((kind) => ({
      kind,
      title: names[kind]?.[language] ?? kind,
      asked: asked.includes(kind),
    })),
    files: given.flatMap(({ kind, upload }) => {
      const file = files.get(upload);
      return file ? [{ ...file, upload, title: names[kind]?.[language] ?? kind }] : [];
    }),
  };
}

/** The entries that a task was told of, by their ids. */
const entriesTold = ({ entries }: Readonly<Record<string, unknown>>): Record<string, Text> =>
  Object.fromEntries(
    (Array.isArray(entries) ? (entries as { id: string; title: Text }[]) : []).map(({ id, title }) => [
      id,
      title,
    ]),
  );
