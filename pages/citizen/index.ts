import { Router } from 'express';
import type { Deps } from '../../api/deps.ts';
import { amend } from './amend.ts';
import { coSigning } from './co-sign.ts';
import { catalogue } from './catalogue.ts';
import { drafts } from './drafts.ts';

/** What citizens do in a browser: find a procedure and apply. */
export function citizen(deps: Deps): Router {
  const router = Router();
  router.use(catalogue(deps), drafts(deps), amend(deps), coSigning(deps));
  return router;
}
