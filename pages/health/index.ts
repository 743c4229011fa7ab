import { Router } from 'express';
import type { Deps } from '../../api/deps.ts';
import { ownHealth } from './own.ts';
import { patients } from './patients.ts';

/** Health records in a browser: one's own for citizens, and for health workers those that consents or an emergency open. */
export function health(deps: Deps): Router {
  const router = Router();
  router.use(ownHealth(deps), patients(deps));
  return router;
}
