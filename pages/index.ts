import { Router, type RequestHandler } from 'express';
import type { Deps } from '../api/deps.ts';
import { languageCookie } from '../api/language.ts';
import { account } from './account.ts';
import { admin } from './admin/index.ts';
import { serveAssets } from './assets.ts';
import { caseActs } from './case-acts.ts';
import { campaignPages } from './campaigns/index.ts';
import { cases } from './cases.ts';
import { citizen } from './citizen/index.ts';
import { clock } from './clock.ts';
import { developers } from './developers.ts';
import { field } from './field.ts';
import { health } from './health/index.ts';
import { help } from './help.ts';
import { home } from './home.ts';
import { notices } from './notices.ts';
import { officer } from './officer/index.ts';
import { push } from './push.ts';
import { reports } from './reports/index.ts';
import { sessions } from './sessions.ts';
import { tasks } from './tasks.ts';
import { track } from './track.ts';
import { verify } from './verify.ts';

/** Everything that people meet in a browser. */
export function pages(deps: Deps): Router {
  const router = Router();
  router.use(serveAssets(), keepLanguage);
  router.use(
    home(deps),
    help(),
    developers(deps),
    account(deps),
    notices(deps),
    push(deps),
    sessions(deps),
    admin(deps),
    clock(deps),
    verify(deps),
    track(deps),
    reports(deps),
    campaignPages(deps),
    field(deps),
    citizen(deps),
    health(deps),
    cases(deps),
    caseActs(deps),
    tasks(deps),
    officer(deps),
  );
  return router;
}

/** Who has chosen a language keeps it from page to page; what a service worker fetches is nobody's choice. */
const keepLanguage: RequestHandler = (req, res, next) => {
  const { lang } = req.query;
  const chosen = (req.get('sec-fetch-mode') ?? 'navigate') === 'navigate';
  if (chosen && (lang === 'vi' || lang === 'en'))
    res.cookie(languageCookie, lang, { path: '/', sameSite: 'lax', httpOnly: true, maxAge: 31_536_000_000 });
  next();
};
