import { Router } from 'express';
import { everybody } from '../api/abilities.ts';
import { sendPage } from './page.ts';

/** The front page: what this is and where to go. */
export function home(): Router {
  const router = Router();
  router.get('/', everybody, (req, res) => {
    const roles = req.actor?.roles ?? [];
    sendPage(req, res, 'home', {
      title: { vi: 'Trang chủ', en: 'Start' },
      admin: roles.includes('admin'),
      citizen: roles.length === 0 || roles.includes('citizen'),
      officer: roles.some((role) => role !== 'citizen' && role !== 'admin'),
    });
  });
  return router;
}
