import { Router } from 'express';
import { everybody, isAble } from '../api/abilities.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { lifeEvents, proceduresInForce } from './citizen/catalogue.ts';
import { sendPage } from './page.ts';

/** The front page: what this is and where to go. */
export function home(deps: Pick<Deps, 'procedures' | 'clock'>): Router {
  const router = Router();
  router.get('/', everybody, (req, res) => {
    const { actor } = req;
    sendPage(req, res, 'home', {
      title: { vi: 'Trang chủ', en: 'Start' },
      admin: actor !== undefined && isAble(actor, 'read', 'administration'),
      citizen: !actor || actor.roles.includes('citizen'),
      events: lifeEvents(proceduresInForce(deps), languageOf(req)),
      officer: actor !== undefined && isAble(actor, 'read', 'inbox'),
    });
  });
  return router;
}
