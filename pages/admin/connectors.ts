import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import { ConnectorPath } from '../../api/connectors.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { WhyChanged } from '../../api/windows.ts';
import { listConnectors, switchConnector } from '../../records/connectors.ts';
import { Refusal } from '../../records/refusal.ts';
import { listChanges } from '../../records/setting-changes.ts';
import { undoSetting } from '../../records/undo-setting.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';
import { tellChange } from './setting-history.ts';
import { instantOf, MaybeTo } from './window-form.ts';

const Off = z.strictObject({ reason: WhyChanged, until: MaybeTo });
const fields = fieldsOf(Off, '');
const ChangePath = z.object({ id: z.coerce.number().int().min(1) });

/** How the systems of other agencies answer, and the switches by which they are left alone for a time. */
export function adminConnectors(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/admin/connectors', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const found = await listConnectors(db, clock.now());
    const names = new Map(found.map(({ code, name }) => [code, name[language]]));
    const changes = await listChanges(db, { area: 'connectors', limit: 50 });
    sendPage(req, res, 'admin/connectors', {
      title: { vi: 'Kết nối với cơ quan khác', en: 'Connectors' },
      wide: true,
      connectors: found.map(({ name, lastFailure, ...rest }) => ({
        ...rest,
        name: name[language],
        failure: lastFailure?.[language] ?? '',
        failing: rest.failed > 0 && (rest.lastAnswerAt ?? '') < (rest.lastFailureAt ?? ''),
      })),
      history: changes.map((change) =>
        tellChange(change, telling(language), {
          title: names.get(change.subject) ?? change.subject,
          undo: `/admin/connectors/changes/${change.id}/undo`,
          language,
        }),
      ),
      back: '/admin',
    });
  });

  router.get('/admin/connectors/:code', may('read', 'administration'), async (req, res) => {
    await showForm(req, res, filledFrom(fields, {}), noErrors);
  });

  router.post('/admin/connectors/:code', may('change', 'administration'), formPost, async (req, res) => {
    const { code } = checkAddress(req, ConnectorPath, req.params);
    const filled = readFilled(fields, bodyOf(req));
    try {
      const { reason, until } = checkForm(req, Off, answersIn(fields, filled));
      const end = instantOf(until);
      const off = { reason, until: end && new Date(end).toISOString() };
      const { body } = await act(deps, req, async ({ trx, ...by }) => ({
        status: 200,
        body: await switchConnector(trx, { ...by, reason }, code, off),
      }));
      await told(req, res, body, { vi: 'Đã tạm ngừng kết nối.', en: 'The connector is switched off.' });
    } catch (error) {
      await showForm(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
    }
  });

  router.post('/admin/connectors/:code/on', may('change', 'administration'), formPost, async (req, res) => {
    const { code } = checkAddress(req, ConnectorPath, req.params);
    const { body } = await act(deps, req, async ({ trx, ...by }) => ({
      status: 200,
      body: await switchConnector(trx, { ...by, reason: 'Bật lại · Switched on again' }, code, null),
    }));
    await told(req, res, body, {
      vi: 'Đã bật lại kết nối; hồ sơ đang chờ được hỏi lại ngay.',
      en: 'The connector is on again; what waits is asked at once.',
    });
  });

  router.post(
    '/admin/connectors/changes/:id/undo',
    may('change', 'administration'),
    formPost,
    async (req, res) => {
      const { id } = checkAddress(req, ChangePath, req.params);
      const { body } = await act(deps, req, async (by) => ({
        status: 200,
        body: await undoSetting(by.trx, by, id),
      }));
      await told(req, res, body, { vi: 'Đã hoàn tác.', en: 'It is undone.' });
    },
  );

  async function told(req: Request, res: Response, made: unknown, text: { vi: string; en: string }) {
    const { change } = made as { change: number | null };
    const undo = change === null ? undefined : `/admin/connectors/changes/${change}/undo`;
    await tellNext(req, { ...text, undo });
    res.redirect(303, '/admin/connectors');
  }

  async function showForm(req: Request, res: Response, filled: Filled, errors: FormErrors): Promise<void> {
    const { code } = checkAddress(req, ConnectorPath, req.params);
    const language = languageOf(req);
    const found = (await listConnectors(db, clock.now())).find((each) => each.code === code);
    if (!found) throw new Refusal('not-found', 'Không có kết nối này · There is no such connector');
    sendPage(req, res, 'admin/connector', {
      title: { vi: 'Tạm ngừng kết nối', en: 'Switch a connector off' },
      name: found.name[language],
      action: `/admin/connectors/${code}`,
      form: renderFields(fields, { filled, errors: errors.byPointer, language }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin/connectors',
    });
  }

  return router;
}

const moments = {
  vi: new Intl.DateTimeFormat('vi-VN', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  }),
  en: new Intl.DateTimeFormat('en-GB', {
    dateStyle: 'short',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  }),
};

const telling = (language: Language) => ({
  titles: { reason: { vi: 'Tạm ngừng vì', en: 'Off because' }, until: { vi: 'Đến', en: 'Until' } },
  value: (name: string, value: unknown) => {
    if (typeof value !== 'string') return '';
    return name === 'until' ? moments[language].format(new Date(value)) : value;
  },
});
