import { Router } from 'express';
import { sendPage } from './page.ts';

/** How things go here, in plain words. */
export function help(): Router {
  const router = Router();
  router.get('/help', (req, res) => sendPage(req, res, 'help', { title: { vi: 'Trợ giúp', en: 'Help' } }));
  return router;
}
