import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { CallPath, steppingIn, WhySteppedIn } from '../../api/interventions.ts';
import { languageOf } from '../../api/language.ts';
import { augmentNow } from '../../records/augmentation.ts';
import { findRetrying } from '../../records/retrying.ts';
import { tellNext } from '../flash.ts';
import { filledFrom, readFilled, answersIn, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';
import { sayCall } from './stuck-words.ts';

const fields = fieldsOf(WhySteppedIn, '');
const How = CallPath.extend({ how: z.enum(['retry', 'skip']) });
const DocumentPath = z.object({ id: z.uuid() });

/** One call that is tried again and again: try it now, or let the case go on without it. */
export function adminCalls(deps: Deps): Router {
  const { db } = deps;
  const router = Router();

  router.get('/admin/calls/:case/:activity/:number', may('read', 'administration'), async (req, res) => {
    await showCall(req, res, filledFrom(fields, {}), noErrors);
  });

  router.post(
    '/admin/calls/:case/:activity/:number/:how',
    may('change', 'administration'),
    formPost,
    async (req, res) => {
      const { how, ...key } = checkAddress(req, How, req.params);
      const filled = readFilled(fields, bodyOf(req));
      try {
        await act(deps, req, async ({ trx, ...by }) => {
          const { reason } = checkForm(req, WhySteppedIn, answersIn(fields, filled));
          await steppingIn[how](trx, { ...by, reason }, key);
          return { status: 202, body: null };
        });
      } catch (error) {
        await showCall(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
        return;
      }
      await tellNext(req, done[how]);
      res.redirect(303, '/admin#retrying');
    },
  );

  router.post('/admin/documents/:id/augment', may('change', 'administration'), formPost, async (req, res) => {
    const { id } = checkAddress(req, DocumentPath, req.params);
    await act(deps, req, async ({ trx, at }) => {
      await augmentNow(trx, id, at);
      return { status: 202, body: null };
    });
    await tellNext(req, {
      vi: 'Đã yêu cầu bổ sung lại; kết quả hiện trong danh sách.',
      en: 'It is tried again; the list shows what becomes of it.',
    });
    res.redirect(303, '/admin#unfinished');
  });

  async function showCall(req: Request, res: Response, filled: Filled, errors: FormErrors): Promise<void> {
    const language = languageOf(req);
    const key = checkAddress(req, CallPath, req.params);
    const call = await findRetrying(db, key);
    sendPage(req, res, 'admin/call', {
      title: { vi: 'Việc đang thử lại', en: 'What is tried again' },
      ...sayCall(call, language),
      form: renderFields(fields, { filled, errors: errors.byPointer, language }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin#retrying',
    });
  }

  return router;
}

/** What is told when the act is kept; whether it helped, the list shows. */
const done = {
  retry: {
    vi: 'Đã yêu cầu thử lại ngay. Nếu còn trong danh sách thì lần thử đó cũng không thành công.',
    en: 'It is being tried now. If it is still in the list, that try failed too.',
  },
  skip: {
    vi: 'Hồ sơ đi tiếp không chờ trả lời; cán bộ kiểm tra trên giấy tờ.',
    en: 'The case goes on without an answer; officers look at the papers.',
  },
};
