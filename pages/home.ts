import { Router } from 'express';
import { everybody, isAble } from '../api/abilities.ts';
import { sendPage } from './page.ts';

/** The front page: what this is and where to go. */
export function home(): Router {
  const router = Router();
  router.get('/', everybody, (req, res) => {
    const { actor } = req;
    sendPage(req, res, 'home', {
      title: { vi: 'Trang chủ', en: 'Start' },
      admin: actor !== undefined && isAble(actor, 'read', 'administration'),
      citizen: !actor || actor.roles.includes('citizen'),
      officer: actor !== undefined && isAble(actor, 'read', 'inbox'),
    });
  });
  return router;
}
