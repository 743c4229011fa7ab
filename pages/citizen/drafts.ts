import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may, signedIn } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkApplication, completionOf } from '../../api/application-form.ts';
import { amend } from '../../api/amendments.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import type { Actor } from '../../records/actor.ts';
import { handIn } from '../../records/applications.ts';
import { beginDraft, endDraft, keepDraft, latestApplicant, listDrafts } from '../../records/drafts.ts';
import { mayPrepare } from '../../records/filing-state.ts';
import { Refusal, refusalOr, refusals, type RefusalType } from '../../records/refusal.ts';
import { listWindows } from '../../records/windows.ts';
import { filerOf, isTakenInRounds } from '../../workflows/catalogue.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { assetAddress } from '../assets.ts';
import { readFilled, type Filled } from '../form/answers.ts';
import { applicationOf } from '../form/application.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import type { Field } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { offersFor } from '../named.ts';
import { draftNote, filingNotes } from '../filing-notes.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf as bodyOf, formPost } from '../posts.ts';
import { tellNext } from '../flash.ts';
import { mayFile, procedureByCode } from './catalogue.ts';
import { draftPapers } from './draft-papers.ts';
import { checkedPage, openDraft, pageOf, problemsOf, type OpenDraft } from './open-draft.ts';
import { firstAnswers, prefill } from './prefill.ts';

const Start = z.object({ code: z.string().regex(/^\d\.\d{6}$/) });
const Path = z.object({ id: z.uuid() });
const PagePath = Path.extend({ page: z.string().max(40) });

/** Applications that are being filled in, page by page; every page that is sent is kept at once. */
export function drafts(deps: Deps): Router {
  const { db, clock, procedures } = deps;
  const router = Router();

  router.get('/procedures/:code/apply', may('change', 'applications'), async (req, res) => {
    const actor = actorIn(req);
    const { code } = checkAddress(req, Start, req.params);
    const { title, incident } = mustFile(actor, code);
    if (incident) {
      res.redirect(303, '/reports/new');
      return;
    }
    const begun = (await listDrafts(db, actor, clock.now())).filter((draft) => draft.about === code);
    sendPage(req, res, 'citizen/apply', {
      title,
      code,
      back: `/procedures/${code}`,
      ...(await filingNotes(db, code, clock.now(), languageOf(req), isTakenInRounds(procedures, code))),
      begun: begun.map(({ id, updatedAt }) => ({ id, updatedAt: updatedAt.toISOString() })),
    });
  });

  router.post('/procedures/:code/apply', may('change', 'applications'), formPost, async (req, res) => {
    const actor = actorIn(req);
    const { code } = checkAddress(req, Start, req.params);
    const filer = filerOf(mustFile(actor, code));
    await mustMayBegin(code);
    const filled = filer
      ? { '/agency': actor.agency ?? '' }
      : firstAnswers(actor, await latestApplicant(db, actor));
    const begin = { at: clock.now(), about: code, channel: 'online' as const, filled };
    res.redirect(303, `/drafts/${(await beginDraft(db, actor, begin)).id}`);
  });

  router.get('/drafts/:id', signedIn, async (req, res) => {
    const open = await opened(req);
    const language = languageOf(req);
    const problems = problemsOf(deps, req, open);
    const pages = open.pages.map(({ slug, title }) => {
      const touched = open.touched.has(slug);
      const wrong = problems.filter((problem) => problem.page === slug).length;
      return { slug, title: title[language], done: touched && wrong === 0, begun: touched };
    });
    sendPage(req, res, 'citizen/draft', {
      title: open.procedure.title,
      id: open.draft.id,
      pages,
      missing: pages.filter(({ done }) => !done).length,
      notes: await notesOf(req, open),
      updatedAt: open.draft.updatedAt.toISOString(),
      expiresAt: open.draft.expiresAt.toISOString(),
      counter: open.draft.channel !== 'online',
      amends: open.draft.amends,
      back: open.draft.channel === 'online' ? '/cases' : '/counter',
    });
  });

  router.post('/drafts/:id/delete', signedIn, formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    await endDraft(db, actorIn(req), id);
    await tellNext(req, { vi: 'Đã xóa bản nháp.', en: 'The draft is deleted.' });
    res.redirect(303, '/cases');
  });

  router.get('/drafts/:id/check', signedIn, async (req, res) => {
    const open = await opened(req);
    await showCheck(req, res, open);
  });

  router.post('/drafts/:id/submit', may('change', 'applications'), formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const actor = actorIn(req);
    const done = await act(deps, req, async (by) => {
      const open = await openDraft(deps, by.trx, actor, id);
      if (fieldOf(req, 'declared') !== 'true')
        throw new Refusal('invalid-form', 'Hãy xác nhận lời cam đoan · Confirm the declaration', [
          { pointer: '/declared', detail: 'Bắt buộc · Required' },
        ]);
      const { draft, procedure } = open;
      const application = applicationOf(draft, procedure);
      if (draft.amends) {
        const amended = { code: draft.amends, answers: application.answers, papers: draft.papers };
        await amend(by, req, amended, procedure);
        await endDraft(by.trx, actor, id);
        return { status: 200, body: { amended: draft.amends } };
      }
      const { handedIn, ...named } = checkApplication(deps, req, actor, application);
      const filed = await handIn(by.trx, by, handedIn, named, () => completionOf(deps, handedIn));
      await endDraft(by.trx, actor, id);
      return { status: 201, body: filed };
    }).catch(async (error: unknown) => {
      const refused = await refusalOr(Promise.reject<never>(error as Error));
      if (!toldOnCheck.includes(refused.type)) throw refused;
      return refused;
    });
    if (done instanceof Refusal) {
      const open = await opened(req);
      const undeclared = done.errors.some(({ pointer }) => pointer === '/declared');
      const errors = undeclared ? errorsOf(done, [], {}, languageOf(req)) : undefined;
      await showCheck(req, res.status(refusals[done.type]), open, errors);
      return;
    }
    const filed = done.body as { code?: string; id?: string; amended?: string };
    if (filed.amended) {
      await tellNext(req, {
        vi: 'Đã sửa hồ sơ; hồ sơ được kiểm tra lại.',
        en: 'Changed; it is checked again.',
      });
      res.redirect(303, `/cases/${filed.amended}`);
      return;
    }
    res.redirect(303, filed.code ? `/cases/${filed.code}/filed` : `/applications/${filed.id ?? ''}`);
  });

  router.use(draftPapers(deps));

  router.get('/drafts/:id/:page', signedIn, async (req, res) => {
    await showPage(req, res, await opened(req), noErrors);
  });

  router.post('/drafts/:id/:page', signedIn, formPost, async (req, res) => {
    const open = await opened(req);
    const actor = actorIn(req);
    const page = pageOf(open, checkAddress(req, PagePath, req.params).page);
    const body = bodyOf(req);
    const filled = readFilled(page.fields, body);
    const ofPage = (pointer: string) =>
      page.fields.some((field) => pointer === field.pointer || pointer.startsWith(`${field.pointer}/`));
    const keep = (given: Filled) =>
      keepDraft(db, actor, open.draft.id, { at: clock.now(), filled: given, without: ofPage });
    await keep(filled);
    if (body['_prefill']) {
      const known = await refusalOr(prefill(deps, open, filled));
      if (known instanceof Refusal) {
        const errors = errorsOf(known, page.fields, filled, languageOf(req));
        await showPage(req, res.status(422), await opened(req), errors);
        return;
      }
      await keep(known);
    }
    if (body['_add'] || body['_remove'] || body['_prefill']) {
      res.redirect(303, `/drafts/${open.draft.id}/${page.slug}`);
      return;
    }
    const kept = await opened(req);
    const wrong = problemsOf(deps, req, kept).filter((problem) => problem.page === page.slug);
    if (wrong.length === 0) {
      res.redirect(303, kept.after(page.slug));
      return;
    }
    const refusal = new Refusal('invalid-form', '', wrong);
    const errors = errorsOf(refusal, page.fields, kept.draft.filled, languageOf(req));
    await showPage(req, res.status(422), kept, errors);
  });

  /** What an agency does on its own account is begun by those only who may file it. */
  function mustFile(actor: Actor, code: string): Procedure {
    const procedure = procedureByCode(deps, code);
    if (mayFile(actor, procedure)) return procedure;
    throw new Refusal('wrong-role', 'Vai trò của bạn không được phép · Your role may not do this');
  }

  /** A draft that nobody could hand in would only disappoint. */
  async function mustMayBegin(code: string): Promise<void> {
    if (mayPrepare(await listWindows(db, code), clock.now(), isTakenInRounds(procedures, code))) return;
    throw new Refusal('filing-closed', 'Chưa chuẩn bị hồ sơ được · It cannot be prepared yet');
  }

  async function notesOf(req: Request, { draft }: OpenDraft) {
    const agency = String(draft.filled['/agency'] ?? '');
    const inRounds = isTakenInRounds(procedures, draft.about);
    const wish = { code: draft.about, agency, channel: draft.channel, at: clock.now(), inRounds };
    const note = await draftNote(db, wish, languageOf(req));
    return note ? [note] : [];
  }

  async function showCheck(req: Request, res: Response, open: OpenDraft, errors?: FormErrors): Promise<void> {
    const notes = await notesOf(req, open);
    const closed = notes.some((note) => !note.open);
    sendPage(req, res, 'citizen/check', { ...checkedPage(deps, req, open), errors, notes, closed });
  }

  async function opened(req: Request): Promise<OpenDraft> {
    const { id } = checkAddress(req, Path, { id: req.params['id'] });
    return openDraft(deps, db, actorIn(req), id);
  }

  async function showPage(req: Request, res: Response, open: OpenDraft, errors: FormErrors): Promise<void> {
    const page = pageOf(open, String(req.params['page']));
    const language = languageOf(req);
    const { amends, about, filled } = open.draft;
    const wanted = { amends, of: about, agency: String(filled['/agency'] ?? '') };
    const named = { ...open.named, ...(await offersFor(deps, page.fields, wanted)) };
    const state = { filled, errors: errors.byPointer, language, named };
    const number = open.pages.indexOf(page) + 1;
    sendPage(req, res, 'citizen/page', {
      title: page.title,
      procedure: open.procedure.title[language],
      id: open.draft.id,
      slug: page.slug,
      step: `${number}/${open.pages.length}`,
      form: renderFields(page.fields, state),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      mayPrefill: deps.residents !== undefined && page.slug === 'applicant',
      ...mapOf(page.fields, deps.config),
      back: open.before(page.slug),
    });
  }

  return router;
}

/** What the page on which an application is handed in tells itself; the draft stays as it is. */
const toldOnCheck: RefusalType[] = [
  'invalid-form',
  'missing-papers',
  'filing-closed',
  'no-place-left',
  'not-amendable',
];

/** The map and its tiles, for a page that asks for a place. */
function mapOf(fields: readonly Field[], { MAP_TILES: tiles, MAP_CREDIT: credit }: Deps['config']) {
  if (!fields.some(({ input }) => input.kind === 'point')) return { map: undefined };
  const scripts = [assetAddress('map.js')];
  return { map: { tiles: tiles ?? '', credit: credit ?? '' }, scripts, styles: [assetAddress('map.css')] };
}
