import { Router } from 'express';
import type { Deps } from '../../api/deps.ts';
import { counter } from './counter.ts';
import { hotSpotPage } from './hot-spots.ts';
import { inboxActs } from './inbox-acts.ts';
import { inbox } from './inbox.ts';
import { signMany } from './sign-many.ts';

/** What officers do in a browser: take tasks, take applications in at the counter. */
export function officer(deps: Deps): Router {
  const router = Router();
  router.use(inbox(deps), inboxActs(deps), counter(deps), signMany(deps), hotSpotPage(deps));
  return router;
}
