import { Router, type Request } from 'express';
import { z } from 'zod';
import { signedIn } from '../../api/abilities.ts';
import { act, type Act } from '../../api/act.ts';
import { completionOf } from '../../api/application-form.ts';
import { actorIn } from '../../api/auth.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { coSign, refuseToSign, takeBack } from '../../records/prepared-applications.ts';
import { findPrepared, type PreparedView } from '../../records/prepared-views.ts';
import { Refusal } from '../../records/refusal.ts';
import { Applicant } from '../../workflows/engine/index.ts';
import { tellNext } from '../flash.ts';
import { fieldsOf } from '../form/fields.ts';
import { sayAnswers } from '../form/summary.ts';
import { sendPage } from '../page.ts';
import { fieldOf, formPost } from '../posts.ts';

const Path = z.object({ id: z.uuid() });
const applicant = fieldsOf(Applicant, '');

/** Applications that wait for their co-applicants: each reads what is to be signed, and signs or refuses. */
export function coSigning(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/applications/:id', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const found = await findPrepared(db, actorIn(req), id, clock.now());
    sendPage(req, res, 'citizen/co-sign', {
      title: { vi: 'Đơn chờ người cùng đứng đơn ký', en: 'Waiting for co-applicants' },
      ...shown(req, found),
      back: '/cases',
    });
  });

  const on = (
    verb: string,
    told: { vi: string; en: string },
    perform: (by: Act, req: Request) => Promise<unknown>,
  ) =>
    router.post(`/applications/:id/${verb}`, signedIn, formPost, async (req, res) => {
      const { body } = await act(deps, req, async (by) => ({ status: 200, body: await perform(by, req) }));
      await tellNext(req, told);
      const code = (body as { code?: string } | null | undefined)?.code;
      res.redirect(303, code ? `/cases/${code}` : `/applications/${idOf(req)}`);
    });
  on('sign', { vi: 'Bạn đã ký.', en: 'You have signed.' }, (by, req) =>
    coSign(by.trx, by, idOf(req), (handedIn) => completionOf(deps, handedIn)),
  );
  on('take-back', { vi: 'Đơn đã được rút về.', en: 'The application is taken back.' }, async (by, req) => {
    await takeBack(by.trx, by, idOf(req));
    return null;
  });
  on(
    'refuse',
    { vi: 'Bạn đã từ chối ký; đơn kết thúc.', en: 'You have refused; the application has ended.' },
    async (by, req) => {
      const reason = fieldOf(req, 'reason').trim().slice(0, 2_000);
      if (!reason)
        throw new Refusal('invalid-form', 'Hãy nêu lý do · Say why', [
          { pointer: '/reason', detail: 'Bắt buộc · Required' },
        ]);
      await refuseToSign(by.trx, by, { id: idOf(req), reason });
      return null;
    },
  );

  function shown(req: Request, { id, state, expiresAt, coApplicants, content, ...found }: PreparedView) {
    const language = languageOf(req);
    const procedure = content ? deps.procedures.get(content.procedure) : undefined;
    const application = procedure ? fieldsOf(procedure.application, '') : [];
    return {
      id,
      open: state === 'open',
      expiresAt,
      case: found.case,
      procedure: procedure?.title[language],
      coApplicants,
      file: content
        ? [
            {
              title: language === 'vi' ? 'Người nộp' : 'The applicant',
              lines: sayAnswers(applicant, content.applicant, language),
            },
            {
              title: language === 'vi' ? 'Nội dung' : 'What is applied for',
              lines: sayAnswers(application, content.answers, language),
            },
          ]
        : [],
      papers: (content?.papers ?? []).map(({ kind }, index) => ({
        title: procedure?.names[kind]?.[language] ?? kind,
        href: `/api/v1/applications/${id}/papers/${index + 1}`,
      })),
    };
  }

  return router;
}

const idOf = (req: Request) => checkAddress(req, Path, req.params).id;
