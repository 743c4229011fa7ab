import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { act, type Act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { caseFor } from '../api/cases.ts';
import { dueOfTransfer, GivenConsultation, GivenTransfer } from '../api/case-acts.ts';
import { checkAddress, checkForm } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { GivenDocumentAct } from '../api/document-acts.ts';
import { languageOf } from '../api/language.ts';
import { officersFor } from '../api/people.ts';
import { GivenLink } from '../api/links.ts';
import { GivenCorrection, GivenReopening, refilingOf } from '../api/reopenings.ts';
import { GivenRating } from '../api/ratings.ts';
import { CounterPayment } from '../api/payments.ts';
import { CaseCode } from '../api/schemas.ts';
import { keepSession } from '../api/session.ts';
import { expectProof, StepUpNeeded, stepUpFor } from '../api/step-up.ts';
import { Assignment } from '../api/tasks.ts';
import { assignTask } from '../records/assignment.ts';
import { endRepresentation } from '../records/authorisations.ts';
import { consultAgency, transferCase } from '../records/case-acts.ts';
import { listAgencies } from '../records/city.ts';
import { askDocumentAct } from '../records/document-acts.ts';
import { linkCases } from '../records/links.ts';
import { takePayment } from '../records/payments.ts';
import { rateCase } from '../records/ratings.ts';
import { Refusal, refusalOr } from '../records/refusal.ts';
import { reopenCase, requestCorrection } from '../records/reopenings.ts';
import { suggestOfficers } from '../records/suggestions.ts';
import { findTask } from '../records/tasks.ts';
import type { Text } from '../workflows/engine/index.ts';
import { tellNext } from './flash.ts';
import { answersIn, filledFrom, readFilled } from './form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from './form/errors.ts';
import { fieldsOf, type Named } from './form/fields.ts';
import { renderFields } from './form/render.ts';
import { sendPage } from './page.ts';
import { fieldsOf as bodyOf, formPost } from './posts.ts';

type NamedThings = Partial<Record<Named, Readonly<Record<string, Text>>>>;

/** An act with a form of its own: what is asked, what is known by name there, and what is done. */
interface FormAct<Given extends z.ZodType> {
  title: Text;
  done: Text;
  form: Given;
  named?: (req: Request) => Promise<NamedThings>;
  perform: (by: Act, req: Request, given: z.output<Given>) => Promise<unknown>;
  /** Where one goes back to and on to. */
  back: (req: Request) => Promise<string>;
}

/** Acts on cases, tasks and documents that need a few words; each has a page with a form. */
export function caseActs(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();
  const code = (req: Request) => checkAddress(req, z.object({ code: CaseCode }), req.params).code;
  const id = (req: Request) => checkAddress(req, z.object({ id: z.uuid() }), req.params).id;
  const toCase = (req: Request) => Promise.resolve(`/cases/${code(req)}`);
  const agencies = async () => ({
    agency: Object.fromEntries((await listAgencies(db)).map(({ code, name }) => [code, name])),
  });

  const suggestionsFor = async (req: Request) => {
    const found = await refusalOr(suggestOfficers(db, actorIn(req), id(req), clock.now()));
    return found instanceof Refusal ? [] : found;
  };

  const on = <Given extends z.ZodType>(path: string, offered: FormAct<Given>) => {
    const fields = fieldsOf(offered.form, '');
    const show = async (
      req: Request,
      res: Response,
      filled = filledFrom(fields, {}),
      errors: FormErrors = noErrors,
    ) => {
      const state = {
        filled,
        errors: errors.byPointer,
        language: languageOf(req),
        named: await offered.named?.(req),
      };
      const { named, ...rest } = state;
      sendPage(req, res, 'act', {
        title: offered.title,
        action: req.path,
        form: renderFields(fields, named ? { ...rest, named } : rest),
        errors: errors.summary.length > 0 ? errors.summary : undefined,
        back: await offered.back(req),
      });
    };
    router.get(path, signedIn, async (req, res) => {
      // What was filled in before a step-up is shown again, once.
      const { beforeStepUp: kept } = req.session;
      delete req.session.beforeStepUp;
      await show(req, res, kept?.page === req.path ? kept.filled : undefined);
    });
    router.post(path, signedIn, formPost, async (req, res) => {
      const filled = readFilled(fields, bodyOf(req));
      try {
        await act(deps, req, async (by) => {
          await offered.perform(by, req, checkForm(req, offered.form, answersIn(fields, filled)));
          return { status: 204, body: null };
        });
      } catch (error) {
        if (error instanceof StepUpNeeded) {
          req.session.beforeStepUp = { page: req.path, filled };
          await keepSession(req);
          res.redirect(303, stepUpFor(req.path));
          return;
        }
        await show(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
        return;
      }
      await tellNext(req, offered.done);
      res.redirect(303, await offered.back(req));
    });
  };

  on('/cases/:code/transfer', {
    title: { vi: 'Chuyển hồ sơ đến cơ quan có thẩm quyền', en: 'Transfer to the competent agency' },
    done: { vi: 'Đã chuyển hồ sơ.', en: 'The case is transferred.' },
    form: GivenTransfer,
    named: agencies,
    perform: (by, req, { agency, reason }) =>
      transferCase(by.trx, by, { code: code(req), to: agency, reason }, dueOfTransfer),
    back: toCase,
  });
  on('/cases/:code/consult', {
    title: { vi: 'Lấy ý kiến một cơ quan', en: 'Ask an agency' },
    done: { vi: 'Đã gửi câu hỏi.', en: 'The question is sent.' },
    form: GivenConsultation,
    named: agencies,
    perform: (by, req, given) => consultAgency(by.trx, by, { code: code(req), ...given }),
    back: toCase,
  });
  on('/cases/:code/counter-payment', {
    title: { vi: 'Thu phí tại quầy', en: 'Take the fee at the counter' },
    done: { vi: 'Đã thu phí; hồ sơ được xử lý tiếp.', en: 'The fee is taken; the case goes on.' },
    form: CounterPayment,
    perform: (by, req, given) => takePayment(by.trx, by, { code: code(req), ...given }),
    back: toCase,
  });
  on('/cases/:code/correct', {
    title: { vi: 'Đề nghị đính chính kết quả', en: 'Ask for the correction of a result' },
    done: { vi: 'Đã gửi đề nghị đính chính.', en: 'The correction is asked for.' },
    form: GivenCorrection,
    named: async (req) => {
      const { documents } = await caseFor(deps, actorIn(req), code(req));
      return { document: Object.fromEntries(documents.map((each) => [each.id, each.title])) };
    },
    perform: (by, req, given) =>
      requestCorrection(by.trx, by, { code: code(req), ...given }, refilingOf(deps)),
    back: toCase,
  });
  on('/cases/:code/reopen', {
    title: { vi: 'Mở lại hồ sơ theo quyết định khiếu nại', en: 'Reopen after an appeal' },
    done: { vi: 'Đã mở lại thành hồ sơ mới.', en: 'It is filed anew.' },
    form: GivenReopening,
    perform: (by, req, given) => reopenCase(by.trx, by, { code: code(req), ...given }, refilingOf(deps)),
    back: toCase,
  });
  on('/cases/:code/link', {
    title: { vi: 'Liên kết với hồ sơ khác', en: 'Link to another case' },
    done: { vi: 'Đã liên kết.', en: 'The cases are linked.' },
    form: GivenLink,
    perform: (by, req, { case: other, kind }) => linkCases(by.trx, by, { code: code(req), other, kind }),
    back: toCase,
  });
  on('/cases/:code/end-representation', {
    title: { vi: 'Kết thúc ủy quyền', en: 'End the representation' },
    done: { vi: 'Người được ủy quyền không còn quyền trong hồ sơ.', en: 'The representative acts no more.' },
    form: z.strictObject({}),
    perform: (by, req) => endRepresentation(by.trx, { ...by, code: code(req) }),
    back: toCase,
  });
  on('/cases/:code/rate', {
    title: { vi: 'Đánh giá dịch vụ', en: 'Rate the service' },
    done: { vi: 'Cảm ơn bạn đã đánh giá.', en: 'Thank you for telling us.' },
    form: GivenRating,
    perform: (by, req, { score, comment }) =>
      rateCase(by.trx, by, { code: code(req), score: Number(score), comment }),
    back: toCase,
  });
  on('/tasks/:id/assign', {
    title: { vi: 'Giao việc', en: 'Assign the task' },
    done: { vi: 'Đã giao việc.', en: 'The task is assigned.' },
    form: Assignment.omit({ suggested: true }),
    named: async (req) => {
      const actor = actorIn(req);
      const task = await findTask(db, actor, id(req), clock.now());
      const officers = await officersFor(db, actor, task.agency ?? undefined);
      const suggested = (await suggestionsFor(req)).map(
        ({ officer, reason }) =>
          [
            officer.sub,
            { vi: `${officer.name}: ${reason.vi}`, en: `${officer.name}: ${reason.en}` },
          ] as const,
      );
      const named = officers.map(({ sub, name, title }) => {
        const text = title ? `${name}, ${title}` : name;
        return [sub, { vi: text, en: text }] as const;
      });
      // A name that comes again keeps its first place: who is suggested comes first.
      return { officer: Object.fromEntries([...suggested, ...named, ...suggested]) };
    },
    perform: async (by, req, given) => {
      const suggested = (await suggestionsFor(req)).some(({ officer }) => officer.sub === given.to);
      return assignTask(by.trx, { ...by, id: id(req), ...given, suggested });
    },
    back: async (req) => `/cases/${(await findTask(db, actorIn(req), id(req), clock.now())).case}`,
  });
  on('/documents/:id/act', {
    title: { vi: 'Thu hồi, cấp bản sao hoặc cấp lại', en: 'Revoke, certify a copy or issue again' },
    done: {
      vi: 'Đã ghi nhận; văn bản sẽ có sau ít phút.',
      en: 'Taken down; the document comes in a few minutes.',
    },
    form: GivenDocumentAct,
    perform: (by, req, given) => askDocumentAct(by.trx, by, id(req), given, () => expectProof(req, deps)),
    back: (req) => Promise.resolve(`/verify/${id(req)}`),
  });

  return router;
}
