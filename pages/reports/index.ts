import { Router } from 'express';
import type { Deps } from '../../api/deps.ts';
import { reportList } from './list.ts';
import { newReport } from './new.ts';
import { photoReviews } from './photos.ts';
import { oneReport } from './report.ts';

/** What people report in the streets: the list and map, reporting, one report, its photos. */
export function reports(deps: Deps): Router {
  const router = Router();
  router.use(reportList(deps), newReport(deps), photoReviews(deps), oneReport(deps));
  return router;
}
