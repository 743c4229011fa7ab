import { Router } from 'express';
import { everybody, isAble } from '../api/abilities.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { listWindows } from '../records/windows.ts';
import { lifeEvents, proceduresInForce } from './citizen/catalogue.ts';
import { generalNote } from './filing-notes.ts';
import { sendPage } from './page.ts';

/** The front page: what this is and where to go. */
export function home(deps: Pick<Deps, 'db' | 'procedures' | 'clock'>): Router {
  const router = Router();
  router.get('/', everybody, async (req, res) => {
    const { actor } = req;
    const language = languageOf(req);
    const note = generalNote(await listWindows(deps.db), undefined, deps.clock.now(), language);
    sendPage(req, res, 'home', {
      title: { vi: 'Trang chủ', en: 'Start' },
      admin: actor !== undefined && isAble(actor, 'read', 'administration'),
      citizen: !actor || actor.roles.includes('citizen'),
      events: lifeEvents(proceduresInForce(deps), language),
      notes: note ? [note] : [],
      officer: actor !== undefined && isAble(actor, 'read', 'inbox'),
    });
  });
  return router;
}
