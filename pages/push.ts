import { Router } from 'express';
import { everybody, signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import type { Deps } from '../api/deps.ts';
import { subscribe, unsubscribe } from '../api/push-subscriptions.ts';
import { tellNext } from './flash.ts';
import { script } from './page.ts';
import { fieldOf, formPost } from './posts.ts';

/** Notices in the browser: subscribing, ending it, and the worker that shows them. */
export function push(deps: Deps): Router {
  const router = Router();
  const worker = script('push-worker.js');

  router.get('/account/push-worker.js', everybody, (_req, res) => {
    res.set('Cache-Control', 'no-cache').type('js').send(worker);
  });

  router.post('/account/browsers', signedIn, formPost, async (req, res) => {
    const given = Object.fromEntries(
      ['endpoint', 'p256dh', 'auth'].map((name) => [name, fieldOf(req, name)]),
    );
    await act(deps, req, (by) => subscribe(deps, req, by, given));
    await tellNext(req, {
      vi: 'Thông báo sẽ hiện cả trên trình duyệt này.',
      en: 'Notices appear in this browser too.',
    });
    res.redirect(303, '/account/contact');
  });

  router.post('/account/browsers/:id/end', signedIn, formPost, async (req, res) => {
    await act(deps, req, (by) => unsubscribe(req, by));
    await tellNext(req, {
      vi: 'Trình duyệt đó không nhận thông báo nữa.',
      en: 'Nothing is pushed to that browser any more.',
    });
    res.redirect(303, '/account/contact');
  });

  return router;
}
