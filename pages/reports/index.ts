import { Router, type RequestHandler } from 'express';
import type { Deps } from '../../api/deps.ts';
import { reportList } from './list.ts';
import { newReport } from './new.ts';
import { photoReviews } from './photos.ts';
import { answersAsStranger, oneReport } from './report.ts';

/** What people report in the streets: the list and map, reporting, one report, its photos. */
export function reports(deps: Deps): Router {
  const router = Router();
  const stranger: RequestHandler = (req, _res, next) => {
    answersAsStranger(req);
    next();
  };
  // The guards of tasks and cases decide what they may do there, as for anybody who is signed in.
  router.use(['/tasks/:id', '/cases/:code', '/uploads/resumable'], stranger);
  router.use(reportList(deps), newReport(deps), photoReviews(deps), oneReport(deps));
  return router;
}
