import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { everybody } from '../../api/abilities.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { limited } from '../../api/limits.ts';
import { keepPhoto } from '../../api/photos.ts';
import { dropReceived } from '../../api/pictures.ts';
import { fileReport, incidentProcedure, NewReport, toldOf } from '../../api/report-filing.ts';
import { nearTo } from '../../api/reports.ts';
import { sayStage } from '../../api/report-words.ts';
import { CaseCode } from '../../api/schemas.ts';
import { strangerOfSession } from '../../api/strangers.ts';
import { receiveFiles } from '../../api/uploads.ts';
import { Refusal } from '../../records/refusal.ts';
import { listServices, type Service } from '../../records/services.ts';
import { assetAddress } from '../assets.ts';
import { readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf as bodyOf, takeMarks } from '../posts.ts';
import { inLanguage } from '../problems.ts';
import { folded, sayLimit } from '../words.ts';
import { groupsOf, newReportFields, reportFrom } from './new-form.ts';

const Query = z.object({
  service: z.string().max(40).optional(),
  q: z.string().trim().max(100).default(''),
  channel: z.enum(['online', 'counter']).default('online').catch('online'),
});
const mostPhotos = 5;

declare module 'express-session' {
  interface SessionData {
    /** What somebody is told once, who has just reported: the code and the word that brings them back. */
    reported: { code: string; word?: string | undefined };
  }
}

/** Reporting something: what it is about, then one page, with or without a script, signed in or not. */
export function newReport(deps: Deps): Router {
  const { db, objects } = deps;
  const router = Router();

  router.get('/reports/new', everybody, async (req, res) => {
    const { service, q, channel } = checkAddress(req, Query, req.query);
    const services = await offeredTo(req);
    const chosen = services.find(({ code }) => code === service);
    if (chosen) {
      showForm(req, res, chosen, { filled: {}, errors: noErrors, photos: [], near: [], channel });
      return;
    }
    const language = languageOf(req);
    const wanted = folded(q);
    sendPage(req, res, 'reports/choose', {
      title: { vi: 'Bạn muốn phản ánh điều gì?', en: 'What do you want to report?' },
      q,
      channel,
      groups: groupsOf(services, (text) => folded(text).includes(wanted), language),
      back: '/reports',
    });
  });

  router.post(
    '/reports/new',
    everybody,
    limited(deps, 'report'),
    receiveFiles(objects, mostPhotos, 100),
    async (req, res) => {
      const received = (req.files ?? []) as Express.Multer.File[];
      try {
        takeMarks(req);
        await report(req, res, received);
      } finally {
        for (const { path } of received) await dropReceived(path);
      }
    },
  );

  router.get('/reports/filed', everybody, (req, res) => {
    const { reported } = req.session;
    if (!reported) {
      res.redirect(303, '/reports');
      return;
    }
    sendPage(req, res, 'reports/filed', {
      title: { vi: 'Đã nhận phản ánh', en: 'We have your report' },
      ...reported,
      back: '/reports',
    });
  });

  return router;

  async function report(req: Request, res: Response, received: Express.Multer.File[]): Promise<void> {
    // A field that no person sees: whoever fills it in is a machine, and is led away.
    if (fieldOf(req, 'website') !== '') {
      res.redirect(303, '/reports');
      return;
    }
    const service = (await offeredTo(req)).find(({ code }) => code === fieldOf(req, 'service'));
    if (!service) {
      res.redirect(303, '/reports/new');
      return;
    }
    const channel =
      req.actor?.roles.includes('reception') && fieldOf(req, 'channel') === 'counter' ? 'counter' : 'online';
    const reporter = strangerOfSession(req);
    const fields = newReportFields(service);
    const filled = readFilled(fields, bodyOf(req));
    const kept = z
      .array(z.uuid())
      .max(mostPhotos)
      .catch([])
      .parse([bodyOf(req)['photo'] ?? []].flat());
    try {
      for (const { path, originalname: name } of received)
        kept.push((await keepPhoto(deps, reporter, { path, name })).id);
      const photos = kept.slice(0, mostPhotos);
      const given = checkForm(req, NewReport, reportFrom(service, filled, photos));
      const near = fieldOf(req, 'confirmed') === 'true' ? [] : await nearTo(deps, given);
      if (near.length > 0) {
        showForm(req, res, service, { filled, errors: noErrors, photos, near, channel });
        return;
      }
      const code = await fileReport(deps, req, reporter, given, channel);
      req.session.reported = toldOf(deps, reporter, CaseCode.parse(code));
      res.redirect(303, '/reports/filed');
    } catch (error) {
      const told = error instanceof Refusal && error.type === 'wrong-file-type';
      const errors = told
        ? { byPointer: {}, summary: [{ text: inLanguage(error.message, languageOf(req)), href: '#photos' }] }
        : errorsOf(asAsked(error), fields, filled, languageOf(req));
      showForm(req, res.status(422), service, { filled, errors, photos: kept, near: [], channel });
    }
  }

  async function offeredTo(req: Request): Promise<Service[]> {
    const all = await listServices(db, incidentProcedure(deps).code);
    const operator = req.actor?.roles.includes('reception') ?? false;
    return all.filter(({ offered }) => offered || operator);
  }

  function showForm(
    req: Request,
    res: Response,
    service: Service,
    state: {
      filled: Filled;
      errors: FormErrors;
      photos: string[];
      near: Awaited<ReturnType<typeof nearTo>>;
      channel: 'online' | 'counter';
    },
  ): void {
    const language = languageOf(req);
    const { filled, errors, photos, near, channel } = state;
    const form = renderFields(newReportFields(service), { filled, errors: errors.byPointer, language });
    sendPage(req, res, 'reports/new', {
      title: service.name,
      service: service.code,
      description: service.description[language],
      resolve: sayLimit(service.resolve)[language],
      published: service.published,
      form,
      photos,
      channel,
      near: near.map((each) => ({ ...each, stage: sayStage(each.stage)[language] })),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      signedIn: req.actor !== undefined,
      map: { tiles: deps.config.MAP_TILES ?? '', credit: deps.config.MAP_CREDIT ?? '' },
      scripts: [assetAddress('map.js')],
      styles: [assetAddress('map.css')],
      back: '/reports/new',
    });
  }
}

/** What the procedure says of an answer, under the name that the page has for it. */
function asAsked(error: unknown): unknown {
  if (!(error instanceof Refusal)) return error;
  const errors = error.errors.map(({ pointer, detail }) => ({
    detail,
    pointer: pointer.replace(/^\/answers/, '').replace(/^\/applicant/, '/reporter'),
  }));
  return new Refusal(error.type, error.message, errors);
}
