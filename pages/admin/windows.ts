import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { checkWindow, NewWindow, WhyChanged } from '../../api/windows.ts';
import { listReceivingAgencies, type NamedAgency } from '../../records/city.ts';
import type { FilingWindow } from '../../records/filing-state.ts';
import { Refusal } from '../../records/refusal.ts';
import { listChanges } from '../../records/setting-changes.ts';
import { undoSetting } from '../../records/undo-setting.ts';
import { addWindow, changeWindow, findWindow, listWindows, withdrawWindow } from '../../records/windows.ts';
import { proceduresInForce } from '../citizen/catalogue.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf as bodyOf, formPost } from '../posts.ts';
import { tellChange } from './setting-history.ts';
import { filledFromWindow, formOf, givenIn, tellFact, windowTitles, type FormKind } from './window-form.ts';

const Kind = z.object({ kind: z.enum(['opening', 'closing']) });
const Path = z.object({ id: z.uuid() });
const ChangePath = z.object({ id: z.coerce.number().int().min(1) });
type Kind = z.infer<typeof Kind>['kind'];

/** When applications are taken: openings with their caps, closings, and the history of both. */
export function adminWindows(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/admin/windows', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const names = await namesFor(language);
    const changes = await listChanges(db, { area: 'windows', limit: 50 });
    sendPage(req, res, 'admin/windows', {
      title: { vi: 'Thời gian nhận hồ sơ', en: 'When applications are taken' },
      wide: true,
      windows: (await listWindows(db)).map((window) => ({
        ...window,
        kind: kinds[window.kind][language],
        what: names.procedure(window.procedureCode),
        where: names.agency(window.agency),
        taken: window.cap === null ? String(window.taken) : `${window.taken}/${window.cap}`,
        state: stateNow(window, clock.now())[language],
      })),
      history: changes.map((change) => {
        const facts = (change.after ?? change.before) as unknown as FilingWindow;
        const title = `${kinds[facts.kind][language]}: ${names.procedure(facts.procedureCode)}, ${names.agency(facts.agency)}`;
        const telling = { titles: windowTitles, value: tellFact(language) };
        return tellChange(change, telling, {
          title,
          undo: `/admin/windows/changes/${change.id}/undo`,
          language,
        });
      }),
      back: '/admin',
    });
  });

  router.get('/admin/windows/new/:kind', may('read', 'administration'), async (req, res) => {
    const { kind } = checkAddress(req, Kind, req.params);
    await showForm(req, res, `new-${kind}`, filledFrom(formOf(`new-${kind}`).fields, {}), noErrors);
  });

  router.post('/admin/windows/new/:kind', may('change', 'administration'), formPost, async (req, res) => {
    const { kind } = checkAddress(req, Kind, req.params);
    await save(req, res, `new-${kind}`, (given) =>
      act(deps, req, async (by) => {
        const { reason, ...facts } = checkForm(req, NewWindow, { ...given, kind });
        await checkWindow(deps, by.trx, facts);
        return { status: 201, body: await addWindow(by.trx, { ...by, reason }, facts) };
      }),
    );
  });

  router.get('/admin/windows/:id', may('read', 'administration'), async (req, res) => {
    const window = await windowIn(req);
    await showForm(req, res, window.kind, filledFromWindow(window), noErrors, window);
  });

  router.post('/admin/windows/:id', may('change', 'administration'), formPost, async (req, res) => {
    const window = await windowIn(req);
    const { id, kind, procedureCode, agency } = window;
    await save(
      req,
      res,
      kind,
      (given) =>
        act(deps, req, async (by) => {
          const { reason, ...facts } = checkForm(req, NewWindow, { ...given, kind, procedureCode, agency });
          await checkWindow(deps, by.trx, facts);
          return { status: 200, body: await changeWindow(by.trx, { ...by, reason }, id, facts) };
        }),
      window,
    );
  });

  router.post('/admin/windows/:id/withdraw', may('change', 'administration'), formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const { reason } = checkForm(req, z.object({ reason: WhyChanged }), { reason: fieldOf(req, 'reason') });
    const { body } = await act(deps, req, async (by) => ({
      status: 200,
      body: await withdrawWindow(by.trx, { ...by, reason }, id),
    }));
    await told(req, res, body);
  });

  router.post(
    '/admin/windows/changes/:id/undo',
    may('change', 'administration'),
    formPost,
    async (req, res) => {
      const { id } = checkAddress(req, ChangePath, req.params);
      const { body } = await act(deps, req, async (by) => ({
        status: 200,
        body: await undoSetting(by.trx, by, id),
      }));
      await told(req, res, body);
    },
  );

  async function save(
    req: Request,
    res: Response,
    kind: FormKind,
    perform: (given: Record<string, unknown>) => Promise<{ body: unknown }>,
    window?: FilingWindow,
  ): Promise<void> {
    const { fields, schema } = formOf(kind);
    const filled = readFilled(fields, bodyOf(req));
    try {
      const { body } = await perform(givenIn(checkForm(req, schema, answersIn(fields, filled))));
      await told(req, res, body);
    } catch (error) {
      const errors = errorsOf(error, fields, filled, languageOf(req));
      await showForm(req, res.status(422), kind, filled, errors, window);
    }
  }

  async function told(req: Request, res: Response, made: unknown): Promise<void> {
    const { change } = made as { change: number | null };
    await tellNext(req, {
      vi: 'Đã lưu thời gian nhận hồ sơ.',
      en: 'It is kept when applications are taken.',
      undo: change === null ? undefined : `/admin/windows/changes/${change}/undo`,
    });
    res.redirect(303, '/admin/windows');
  }

  async function showForm(
    req: Request,
    res: Response,
    kind: FormKind,
    filled: Filled,
    errors: FormErrors,
    window?: FilingWindow,
  ): Promise<void> {
    const language = languageOf(req);
    const names = await namesFor(language);
    const state = { filled, errors: errors.byPointer, language, named: names.choices };
    const of: Kind = kind.endsWith('opening') ? 'opening' : 'closing';
    sendPage(req, res, 'admin/window', {
      title: kinds[of],
      intro: window
        ? `${names.procedure(window.procedureCode)}, ${names.agency(window.agency)}`
        : intros[of][language],
      action: window ? `/admin/windows/${window.id}` : `/admin/windows/new/${of}`,
      form: renderFields(formOf(kind).fields, state),
      withdraw: window !== undefined,
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin/windows',
    });
  }

  async function windowIn(req: Request): Promise<FilingWindow> {
    const window = await findWindow(db, checkAddress(req, Path, req.params).id);
    if (!window) throw new Refusal('not-found', 'Không có đợt này · There is no such window');
    return window;
  }

  async function namesFor(language: Language) {
    const agencies = await listReceivingAgencies(db);
    const titles = Object.fromEntries(proceduresInForce(deps).map(({ code, title }) => [code, title]));
    return {
      procedure: (code: string | null) =>
        code === null
          ? say(language, 'Mọi thủ tục', 'Every procedure')
          : `${code} ${titles[code]?.[language] ?? ''}`,
      agency: (code: string | null) =>
        code === null
          ? say(language, 'mọi cơ quan', 'every agency')
          : (nameIn(agencies, code)?.[language] ?? code),
      choices: {
        procedure: titles,
        agency: Object.fromEntries(agencies.map(({ code, name }) => [code, name])),
      },
    };
  }

  return router;
}

const say = (language: Language, vi: string, en: string) => (language === 'vi' ? vi : en);
const nameIn = (agencies: NamedAgency[], code: string) => agencies.find((each) => each.code === code)?.name;

const kinds = {
  opening: { vi: 'Đợt nhận hồ sơ', en: 'Opening' },
  closing: { vi: 'Tạm ngừng nhận hồ sơ', en: 'Closing' },
};
const intros = {
  opening: {
    vi: 'Khi một thủ tục có đợt nhận hồ sơ, chỉ trong các đợt đó mới nộp được. Cơ quan có đợt riêng thì theo đợt riêng.',
    en: 'Once a procedure has an opening, it is filed only while one lasts. An agency that has openings of its own goes by those.',
  },
  closing: {
    vi: 'Trong thời gian này không ai nộp được hồ sơ trực tuyến; người dân đọc lời nhắn bên dưới. Để trống thủ tục: toàn trang.',
    en: 'Nobody files online meanwhile; people read the text below. Without a procedure: the whole site.',
  },
};

function stateNow({ from, to, cap, taken }: FilingWindow, at: Date): { vi: string; en: string } {
  if (Date.parse(from) > at.getTime()) return { vi: 'Sắp tới', en: 'To come' };
  if (to !== null && Date.parse(to) <= at.getTime()) return { vi: 'Đã qua', en: 'Over' };
  return cap !== null && taken >= cap ? { vi: 'Đã đủ', en: 'Full' } : { vi: 'Đang áp dụng', en: 'Now' };
}
