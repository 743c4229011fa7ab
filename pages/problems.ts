import type { ErrorRequestHandler, Request } from 'express';
import { problemWords, toldOf } from '../api/errors.ts';
import { languageOf, type Language } from '../api/language.ts';
import { stepUpFor } from '../api/step-up.ts';
import type { Logger } from '../log.ts';
import { sendPage } from './page.ts';

/**
 * Tells a problem on a page to whoever came with a browser; who is not signed in is led to sign in. Programs are answered by
 * api/errors.ts.
 */
export function answerOnPage(log: Logger): ErrorRequestHandler {
  return (error: unknown, req, res, next) => {
    if (res.headersSent || !fromBrowser(req)) {
      next(error);
      return;
    }
    const told = toldOf(log, req, error);
    if (told.kind === 'not-signed-in' && req.method === 'GET' && !req.path.startsWith('/signin')) {
      res.redirect(303, `/signin?return=${encodeURIComponent(req.originalUrl)}`);
      return;
    }
    const { status, title } = problemWords(told.kind);
    if (status === 503) res.set('Retry-After', '5');
    res.status(status);
    const inside = told.detail ? inLanguage(told.detail, languageOf(req)) : '';
    sendPage(req, res, 'problem', { title, detail: inside, kind: told.kind, ...waysOn(req) });
  };
}

/** Where somebody goes on who has to sign in anew, or more strongly: back to where they are, or to what they sent from. */
function waysOn(req: Request): { signIn: string; stepUp: string } {
  const page = req.method === 'GET' ? req.originalUrl : pageBefore(req);
  const back = page.startsWith('/signin') ? '/' : page;
  return { signIn: `/signin?return=${encodeURIComponent(back)}`, stepUp: stepUpFor(back) };
}

function pageBefore(req: Request): string {
  const address = req.get('referer') ?? '';
  if (!URL.canParse(address)) return '/';
  const { host, pathname, search } = new URL(address);
  return host === req.get('host') ? pathname + search : '/';
}

/** The half of a text in both languages (`vi · en`) that the reader reads. */
export function inLanguage(both: string, language: Language): string {
  const [vi = both, en = vi] = both.split(' · ');
  return language === 'vi' ? vi : en;
}

const fromBrowser = (req: Request) =>
  !/^\/(api|fhir|dev-idp|assets)\//.test(req.path) && req.accepts(['json', 'html']) === 'html';
