import { Router } from 'express';
import { everybody } from '../api/abilities.ts';
import { sendPage } from './page.ts';

/** How things go here, in plain words. */
export function help(): Router {
  const router = Router();
  router.get('/help', everybody, (req, res) =>
    sendPage(req, res, 'help', { title: { vi: 'Trợ giúp', en: 'Help' } }),
  );
  return router;
}
