import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf, type Language } from '../../api/language.ts';
import { incidentProcedure } from '../../api/report-filing.ts';
import { titled } from '../../api/schemas.ts';
import { WhyChanged } from '../../api/windows.ts';
import { agencyCode } from '../../records/calendar-rows.ts';
import { listAgencies } from '../../records/city.ts';
import { Refusal } from '../../records/refusal.ts';
import {
  CityService,
  findService,
  listServices,
  ServiceFacts,
  setService,
  type Service,
} from '../../records/services.ts';
import { listChanges } from '../../records/setting-changes.ts';
import { undoSetting } from '../../records/undo-setting.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldOf, fieldsOf as bodyOf, formPost } from '../posts.ts';
import { sayLimit } from '../words.ts';
import { tellChange } from './setting-history.ts';

const text = (vi: string, en: string) =>
  z.object({
    vi: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .meta(titled(`${vi} (tiếng Việt)`, `${en} (Vietnamese)`)),
    en: z
      .string()
      .trim()
      .min(1)
      .max(500)
      .meta(titled(`${vi} (tiếng Anh)`, `${en} (English)`)),
  });
const limit = (vi: string, en: string, shape: z.ZodType) =>
  shape.meta({ ...titled(vi, en) }) as z.ZodType<string>;
const { shape } = ServiceFacts;

/** What the page asks; who leads in single wards, what a service asks beside and who supports stay as the file of the city says. */
const Form = z.strictObject({
  name: text('Tên', 'Name').meta(titled('Tên', 'Name')),
  group: text('Nhóm', 'Group').meta(titled('Nhóm', 'Group')),
  description: text('Mô tả', 'Description').meta(titled('Mô tả', 'Description')),
  keywords: z
    .string()
    .max(500)
    .default('')
    .meta(titled('Từ khóa, cách nhau bằng dấu phẩy', 'Keywords, with commas between')),
  severity: shape.severity.meta(titled('Mức độ (1–5)', 'Severity (1–5)')),
  lead: agencyCode
    .or(z.literal(''))
    .default('')
    .meta({ ...titled('Cơ quan chủ trì', 'Lead agency'), widget: 'agency' }),
  byWard: z.boolean().default(false).meta(titled('Phường nơi xảy ra chủ trì', 'The ward of the place leads')),
  verify: limit(
    'Xác minh trong (ví dụ 2wh, 30min)',
    'Verified within (for example 2wh, 30min)',
    shape.verify.unwrap(),
  ),
  forward: limit('Chuyển trong', 'Forwarded within', shape.forward.unwrap()),
  acknowledge: limit('Nhận xử lý trong', 'Acknowledged within', shape.acknowledge.unwrap()),
  resolve: limit('Xử lý trong', 'Dealt with within', shape.resolve),
  nearMetres: shape.nearMetres.unwrap().meta(titled('Trùng trong bán kính (m)', 'The same within (m)')),
  nearHours: shape.nearHours.unwrap().meta(titled('Trùng trong khoảng (giờ)', 'The same within (hours)')),
  offered: z.boolean().default(true).meta(titled('Người dân phản ánh được', 'People can report it')),
  published: z.boolean().default(true).meta(titled('Hiện công khai', 'Shown in public')),
  reason: WhyChanged,
});
const fields = fieldsOf(Form, '');
const Path = z.object({ code: CityService.shape.code });
const ChangePath = z.object({ id: z.coerce.number().int().min(1) });
const titles = Object.fromEntries(
  fields
    .filter(({ pointer }) => pointer !== '/reason')
    .map(({ pointer, title }) => [pointer.slice(1), title]),
);

/** What can be reported, who leads and how soon: looked at, changed with a reason, undone. */
export function adminServices(deps: Deps): Router {
  const { db } = deps;
  const router = Router();

  router.get('/admin/services', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const agencies = new Map((await listAgencies(db)).map(({ code, name }) => [code, name[language]]));
    const changes = await listChanges(db, { area: 'services', limit: 50 });
    sendPage(req, res, 'admin/services', {
      title: { vi: 'Lĩnh vực phản ánh', en: 'Services' },
      wide: true,
      services: (await listServices(db)).map((service) => ({
        ...service,
        name: service.name[language],
        group: service.group[language],
        lead: leadIn(service, agencies, language),
        acknowledge: sayLimit(service.acknowledge)[language],
        resolve: sayLimit(service.resolve)[language],
      })),
      history: changes.map((change) => {
        const facts = (change.after ?? change.before) as unknown as Service;
        const value = (_name: string, given: unknown) => sayFact(given, language);
        return tellChange(
          change,
          { titles, value },
          {
            title: facts.name[language],
            undo: `/admin/services/changes/${change.id}/undo`,
            language,
          },
        );
      }),
      back: '/admin',
    });
  });

  router.get('/admin/services/:code', may('read', 'administration'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    await show(req, res, code, filledFrom(fields, asForm(await findService(db, code))), noErrors);
  });

  router.post('/admin/services/:code', may('change', 'administration'), formPost, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const filled = readFilled(fields, bodyOf(req));
    try {
      const { body } = await act(deps, req, async (by) => {
        const { reason, lead, byWard, keywords, ...facts } = checkForm(req, Form, answersIn(fields, filled));
        const known = await findService(by.trx, code);
        const service = {
          attributes: [],
          support: [],
          ...known,
          ...facts,
          procedureCode: known?.procedureCode ?? incidentProcedure(deps).code,
          keywords: keywords
            .split(',')
            .map((word) => word.trim())
            .filter(Boolean),
          lead: { byWard: known?.lead.byWard ?? {}, ward: byWard, ...(lead ? { agency: lead } : {}) },
        };
        const { code: _code, ...rest } = { code, ...service };
        return { status: 200, body: await setService(by.trx, { ...by, reason }, code, rest) };
      });
      await told(req, res, body);
    } catch (error) {
      await show(req, res.status(422), code, filled, errorsOf(error, fields, filled, languageOf(req)));
    }
  });

  router.post(
    '/admin/services/:code/withdraw',
    may('change', 'administration'),
    formPost,
    async (req, res) => {
      const { code } = checkAddress(req, Path, req.params);
      const { reason } = checkForm(req, z.object({ reason: WhyChanged }), { reason: fieldOf(req, 'reason') });
      const { body } = await act(deps, req, async (by) => ({
        status: 200,
        body: await setService(by.trx, { ...by, reason }, code, null),
      }));
      await told(req, res, body);
    },
  );

  router.post(
    '/admin/services/changes/:id/undo',
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

  return router;

  async function told(req: Request, res: Response, made: unknown): Promise<void> {
    const { change } = made as { change: number | null };
    await tellNext(req, {
      vi: 'Đã lưu lĩnh vực; áp dụng cho phản ánh mới.',
      en: 'The service is kept; it holds for new reports.',
      undo: change === null ? undefined : `/admin/services/changes/${change}/undo`,
    });
    res.redirect(303, '/admin/services');
  }

  async function show(
    req: Request,
    res: Response,
    code: string,
    filled: Filled,
    errors: FormErrors,
  ): Promise<void> {
    const language = languageOf(req);
    const agency = Object.fromEntries((await listAgencies(db)).map((each) => [each.code, each.name]));
    const known = await findService(db, code);
    if (
      !known &&
      code !== 'new' &&
      req.method === 'GET' &&
      Object.values(filled).every((value) => value === '')
    )
      throw new Refusal('not-found', 'Không có lĩnh vực này · There is no such service');
    sendPage(req, res, 'admin/service', {
      title: known?.name ?? { vi: 'Lĩnh vực mới', en: 'A new service' },
      code,
      known: known !== undefined,
      form: renderFields(fields, { filled, errors: errors.byPointer, language, named: { agency } }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin/services',
    });
  }
}

/** A service as the page asks about it. */
const asForm = (service: Service | undefined): Record<string, unknown> =>
  service
    ? {
        ...service,
        keywords: service.keywords.join(', '),
        lead: service.lead.agency ?? '',
        byWard: service.lead.ward,
      }
    : {
        verify: '2wh',
        forward: '1h',
        acknowledge: '4h',
        nearMetres: 50,
        nearHours: 336,
        offered: true,
        published: true,
      };

function leadIn({ lead }: Service, agencies: ReadonlyMap<string, string>, language: Language): string {
  const wards = Object.values(lead.byWard).map((code) => agencies.get(code) ?? code);
  const named = lead.agency ? [agencies.get(lead.agency) ?? lead.agency] : [];
  const ward = lead.ward ? [language === 'vi' ? 'phường nơi xảy ra' : 'the ward of the place'] : [];
  return [...wards, ...ward, ...named].join(', ');
}

/** A fact of a service in words. */
function sayFact(given: unknown, language: Language): string {
  if (given === undefined || given === null || given === '') return '';
  if (typeof given === 'boolean')
    return given ? (language === 'vi' ? 'có' : 'yes') : language === 'vi' ? 'không' : 'no';
  if (Array.isArray(given)) return given.join(', ');
  if (typeof given === 'number') return String(given);
  if (typeof given === 'string') return given;
  if (typeof given === 'object' && 'vi' in given) return (given as Record<Language, string>)[language];
  return JSON.stringify(given);
}
