import { Router } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { beginDraft, listDrafts } from '../../records/drafts.ts';
import { filerOf } from '../../workflows/catalogue.ts';
import { procedureByCode, proceduresInForce } from '../citizen/catalogue.ts';
import { sendPage } from '../page.ts';
import { fieldOf, formPost } from '../posts.ts';

const Path = z.object({ code: z.string().regex(/^\d\.\d{6}$/) });
const Channel = z.enum(['counter', 'postal']);

/** Applications that the reception takes in, at its counter or from the public post; they are filled in as citizens do. */
export function counter(deps: Pick<Deps, 'db' | 'clock' | 'procedures'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/counter', may('change', 'counter'), async (req, res) => {
    const actor = actorIn(req);
    const language = languageOf(req);
    const offered = proceduresInForce(deps).filter((procedure) => !filerOf(procedure));
    const titles = new Map(offered.map(({ code, title }) => [code as string, title[language]]));
    const begun = (await listDrafts(db, actor, clock.now())).filter(({ channel }) => channel !== 'online');
    sendPage(req, res, 'officer/counter', {
      title: { vi: 'Tiếp nhận tại quầy', en: 'Counter' },
      drafts: begun.map(({ id, about, updatedAt, filled }) => ({
        id,
        title: titles.get(about) ?? about,
        applicant: filled['/applicant/fullName'],
        updatedAt: updatedAt.toISOString(),
      })),
      procedures: offered
        .map(({ code, title }) => ({ code, title: title[language] }))
        .sort((a, b) => a.title.localeCompare(b.title, language)),
    });
  });

  router.get('/counter/:code', may('change', 'counter'), (req, res) => {
    const { title, code, incident } = procedureByCode(deps, checkAddress(req, Path, req.params).code);
    if (incident) res.redirect(303, '/reports/new?channel=counter');
    else sendPage(req, res, 'officer/take-in', { title, code, back: '/counter' });
  });

  router.post('/counter/:code', may('change', 'counter'), formPost, async (req, res) => {
    const actor = actorIn(req);
    const { code } = procedureByCode(deps, checkAddress(req, Path, req.params).code);
    const channel = Channel.parse(fieldOf(req, 'channel'));
    const filled = { '/agency': actor.agency ?? '' };
    const { id } = await beginDraft(db, actor, { at: clock.now(), about: code, channel, filled });
    res.redirect(303, `/drafts/${id}`);
  });

  return router;
}
