import { Router, type Request, type Response } from 'express';
import { everybody } from '../api/abilities.ts';
import { checkForm } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { limited } from '../api/limits.ts';
import { CaseCode } from '../api/schemas.ts';
import { AskForCode, openTracking, sendPhoneCode, trackedCase, TypedIn } from '../api/tracking.ts';
import { Refusal } from '../records/refusal.ts';
import { standOf } from './case-view.ts';
import { sendPage } from './page.ts';
import { fieldOf, formPost } from './posts.ts';
import { inLanguage } from './problems.ts';

declare module 'express-session' {
  interface SessionData {
    /** Opens the case that is followed without signing in. */
    trackingToken: string;
  }
}

/** Following a case without signing in: its code, then the code from the phone, then where it stands. */
export function track(deps: Deps): Router {
  const router = Router();

  router.get('/track', everybody, (req, res) => {
    askForCase(req, res, typeof req.query['case'] === 'string' ? req.query['case'] : '');
  });

  router.post('/track', everybody, limited(deps, 'phone-code'), formPost, async (req, res) => {
    const given = fieldOf(req, 'case');
    await orOnForm(
      async () => {
        const { case: code } = checkForm(req, AskForCode, { case: given });
        await sendPhoneCode(deps, code);
        res.redirect(303, `/track/code?case=${code}`);
      },
      (problem) => {
        askForCase(req, res.status(422), given, problem);
      },
    );
  });

  router.get('/track/code', everybody, (req, res) => {
    const code = CaseCode.safeParse(req.query['case']);
    if (code.success) askForDigits(req, res, code.data);
    else res.redirect(303, '/track');
  });

  router.post('/track/code', everybody, limited(deps, 'tracking'), formPost, async (req, res) => {
    const code = fieldOf(req, 'case');
    await orOnForm(
      async () => {
        const typed = checkForm(req, TypedIn, { case: code, code: fieldOf(req, 'code') });
        req.session.trackingToken = (await openTracking(deps, typed)).token;
        res.redirect(303, `/track/${typed.case}`);
      },
      (problem) => {
        askForDigits(req, res.status(422), code, problem);
      },
    );
  });

  router.post('/track/end', everybody, formPost, (req, res) => {
    delete req.session.trackingToken;
    res.redirect(303, '/track');
  });

  router.get('/track/:code', everybody, async (req, res) => {
    const code = CaseCode.safeParse(req.params['code']);
    if (!code.success) {
      res.redirect(303, '/track');
      return;
    }
    const language = languageOf(req);
    const found = await trackedCase(deps, code.data, req.session.trackingToken).catch((error: unknown) => {
      if (error instanceof Refusal) return undefined;
      throw error;
    });
    if (!found) {
      res.redirect(303, `/track?case=${code.data}`);
      return;
    }
    const { timeline, ...stand } = found;
    sendPage(req, res, 'tracked-case', {
      title: { vi: `Hồ sơ ${found.code}`, en: `Case ${found.code}` },
      ...standOf(stand, deps.procedures.get(stand.procedure.id), language),
      parties: [],
      timeline: timeline
        .map(({ at, text, milestone }) => ({ at, text: text[language], milestone, who: '' }))
        .reverse(),
      mine: `/signin?return=${encodeURIComponent(`/cases/${found.code}`)}`,
    });
  });

  return router;

  function askForCase(req: Request, res: Response, code: string, problem?: Refusal) {
    const language = languageOf(req);
    const text =
      problem &&
      fieldProblem(problem, language, {
        vi: 'Nhập mã hồ sơ như trên giấy tiếp nhận, ví dụ H29.16-261122-0001',
        en: 'Type in the case code as on the receipt, for example H29.16-261122-0001',
      });
    sendPage(req, res, 'track', {
      title: { vi: 'Theo dõi hồ sơ', en: 'Follow a case' },
      offered: deps.sms !== undefined,
      errors: text && [{ text, href: '#case' }],
      field: {
        id: 'case',
        name: 'case',
        value: code,
        label: { text: language === 'vi' ? 'Mã hồ sơ' : 'Case code' },
        hint: {
          text:
            language === 'vi'
              ? 'Ghi trên giấy tiếp nhận, ví dụ H29.16-261122-0001'
              : 'On the receipt, for example H29.16-261122-0001',
        },
        classes: 'govuk-input--width-20',
        spellcheck: false,
        autocomplete: 'off',
        ...(text ? { errorMessage: { text } } : {}),
      },
    });
  }

  function askForDigits(req: Request, res: Response, code: string, problem?: Refusal) {
    const language = languageOf(req);
    const text =
      problem &&
      fieldProblem(problem, language, {
        vi: 'Nhập 6 chữ số trong tin nhắn',
        en: 'Type in the six digits of the message',
      });
    sendPage(req, res, 'track-code', {
      title: { vi: 'Nhập mã từ điện thoại', en: 'The code from the phone' },
      code,
      mailbox: deps.config.DEV_MAILBOX_URL ? '/dev-mailbox' : '',
      errors: text && [{ text, href: '#code' }],
      field: {
        id: 'code',
        name: 'code',
        label: { text: language === 'vi' ? 'Mã 6 chữ số' : 'Six digits' },
        classes: 'govuk-input--width-5',
        inputmode: 'numeric',
        autocomplete: 'one-time-code',
        ...(text ? { errorMessage: { text } } : {}),
      },
      back: `/track?case=${code}`,
    });
  }
}

/** Does an act of a form; what is wrong with the form is told beside its field. */
async function orOnForm(work: () => Promise<void>, tell: (problem: Refusal) => void): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!(error instanceof Refusal) || !['invalid-form', 'wrong-code'].includes(error.type)) throw error;
    tell(error);
  }
}

const fieldProblem = (
  { type, message }: Refusal,
  language: 'vi' | 'en',
  badly: { vi: string; en: string },
): string => (type === 'invalid-form' ? badly[language] : inLanguage(message, language));
