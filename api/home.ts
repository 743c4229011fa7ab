import { Router } from 'express';
import { sendPage, styleSheet } from './pages.ts';

/** The front page: what this is and where to go. */
export function home(): Router {
  const router = Router();

  router.get('/', (req, res) => {
    const admin = req.actor?.roles.includes('admin') ?? false;
    res.set('Cache-Control', 'private, no-store');
    sendPage(req, res, 'home', { title: 'Motcua', name: req.actor?.name, admin });
  });

  router.get('/motcua.css', (_req, res) => {
    res.set('Cache-Control', 'public, max-age=3600').type('css').send(styleSheet);
  });

  return router;
}
