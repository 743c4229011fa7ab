import { Router } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { checkAddress } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { ownSessions } from '../api/me.ts';
import { unsubscribeBrowser } from '../records/push-subscriptions.ts';
import { endSessions } from '../records/sessions.ts';
import { tellNext } from './flash.ts';
import { sendPage } from './page.ts';
import { formPost } from './posts.ts';

const Path = z.object({ id: z.uuid() });

/** The browsers in which somebody is signed in, and the way out of each or of all. */
export function sessions(deps: Deps): Router {
  const router = Router();

  router.get('/account/sessions', signedIn, async (req, res) => {
    const items = await ownSessions(deps, req);
    sendPage(req, res, 'sessions', {
      title: { vi: 'Các phiên đăng nhập', en: 'Where you are signed in' },
      items,
      none: items.length === 0,
    });
  });

  router.post('/account/sessions/end', signedIn, formPost, async (req, res) => {
    await act(deps, req, async ({ trx, actor: { sub }, at }) => {
      await endSessions(trx, { sub }, at);
      await unsubscribeBrowser(trx, sub);
      return { status: 204, body: null };
    });
    // This session is over too: the page that comes next says so.
    res.redirect(303, '/account/sessions');
  });

  router.post('/account/sessions/:id/end', signedIn, formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const { sub } = actorIn(req);
    await act(deps, req, async ({ trx, at }) => {
      // One that has ended meanwhile has ended.
      await endSessions(trx, { sub, id }, at);
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Phiên đã kết thúc.', en: 'The session has ended.' });
    res.redirect(303, '/account/sessions');
  });

  return router;
}
