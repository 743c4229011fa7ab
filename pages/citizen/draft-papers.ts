import { rm } from 'node:fs/promises';
import { Router, type RequestHandler } from 'express';
import { z } from 'zod';
import { signedIn } from '../../api/abilities.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { fileOf, keepFile, receiveFile, withinDailyLimit } from '../../api/uploads.ts';
import { addDraftPaper, draftFiles, dropDraftPaper } from '../../records/drafts.ts';
import { Refusal } from '../../records/refusal.ts';
import { findUpload } from '../../records/uploads.ts';
import { assetAddress } from '../assets.ts';
import { paperKinds } from '../form/application.ts';
import { sendPage } from '../page.ts';
import { fieldOf, formPost, takeMarks } from '../posts.ts';
import { inLanguage } from '../problems.ts';
import { openDraft } from './open-draft.ts';

const Path = z.object({ id: z.uuid() });
const Brought = z.enum(['original', 'certified', 'copy']).optional().catch(undefined);

/**
 * The papers of a draft: each file is kept as soon as it has arrived, with what its receipt says (name, size, SHA-256).
 * Without a script files come one by one with the form; with one they come in pieces and go on after the line was lost (tus).
 */
export function draftPapers(deps: Deps): Router {
  const { db, clock, objects } = deps;
  const router = Router();

  router.get('/drafts/:id/papers', signedIn, show(undefined));

  router.post(
    '/drafts/:id/papers',
    signedIn,
    withinDailyLimit(deps),
    receiveFile(objects, 6),
    async (req, res, next) => {
      const { id } = checkAddress(req, Path, req.params);
      const actor = actorIn(req);
      try {
        takeMarks(req);
        const { path, originalname } = fileOf(req);
        const upload = await keepFile(deps, actor, { path, name: originalname }, clock.now());
        await addPaper(req, upload.id);
        res.redirect(303, `/drafts/${id}/papers`);
      } catch (error) {
        if (!(error instanceof Refusal) || !['wrong-file-type', 'invalid-request'].includes(error.type))
          throw error;
        await show(error)(req, res.status(422), next);
      } finally {
        if (req.file) await rm(req.file.path, { force: true });
      }
    },
  );

  // A file that came in pieces is an upload of its owner already; here it becomes a paper of the draft.
  router.post('/drafts/:id/papers/uploaded', signedIn, formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const upload = await findUpload(db, actorIn(req), z.uuid().parse(fieldOf(req, 'upload')));
    await addPaper(req, upload.id);
    res.redirect(303, `/drafts/${id}/papers`);
  });

  router.post('/drafts/:id/papers/remove', signedIn, formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const upload = fieldOf(req, 'upload');
    await dropDraftPaper(db, actorIn(req), id, { at: clock.now(), upload });
    res.redirect(303, `/drafts/${id}/papers`);
  });

  async function addPaper(req: Parameters<RequestHandler>[0], upload: string): Promise<void> {
    const actor = actorIn(req);
    const open = await openDraft(deps, db, actor, String(req.params['id']));
    const kind = fieldOf(req, 'kind');
    if (!paperKinds(open.procedure, open.draft.filled).some((known) => known.kind === kind))
      throw new Refusal('invalid-request', 'Không có loại giấy tờ này · There is no such kind of paper');
    const brought =
      open.draft.channel === 'online' ? undefined : Brought.parse(fieldOf(req, 'brought') || undefined);
    const paper = { kind, upload, ...(brought ? { brought } : {}) };
    await addDraftPaper(db, actor, open.draft.id, { at: clock.now(), paper });
  }

  function show(problem: Refusal | undefined): RequestHandler {
    return async (req, res) => {
      const actor = actorIn(req);
      const language = languageOf(req);
      const { id } = checkAddress(req, Path, req.params);
      const open = await openDraft(deps, db, actor, id);
      const files = await draftFiles(db, open.draft.papers);
      const kinds = paperKinds(open.procedure, open.draft.filled).map(({ kind, title, required }) => ({
        kind,
        title: title[language],
        required,
        files: open.draft.papers
          .filter((paper) => paper.kind === kind)
          .flatMap(({ upload, brought }) => {
            const file = files.get(upload);
            return file
              ? [{ ...file, upload, brought, kilobytes: Math.max(1, Math.round(file.size / 1024)) }]
              : [];
          }),
      }));
      sendPage(req, res, 'citizen/papers', {
        title: { vi: 'Giấy tờ kèm theo', en: 'Papers' },
        procedure: open.procedure.title[language],
        id,
        kinds,
        chosen: fieldOf(req, 'kind'),
        problem: problem && inLanguage(problem.message, language),
        counter: open.draft.channel !== 'online',
        back: open.before('papers'),
        scripts: [assetAddress('uploads.js')],
      });
    };
  }

  return router;
}
