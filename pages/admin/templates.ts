import { Router } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { sendPrintout } from '../../api/printouts.ts';
import { sampleMessage } from '../../messaging/messages.ts';
import { listAgencies } from '../../records/city.ts';
import { Refusal } from '../../records/refusal.ts';
import { countedTo, listTemplates, versionsOf } from '../../records/templates.ts';
import { sendPage } from '../page.ts';

const Path = z.object({
  name: z
    .array(z.string().regex(/^[a-z0-9-]+$/i))
    .min(2)
    .max(3)
    .transform((parts) => parts.join('/')),
});

const kinds = [
  { kind: 'documents', title: { vi: 'Kết quả', en: 'Results' } },
  { kind: 'letters', title: { vi: 'Văn bản mẫu', en: 'Letters' } },
  { kind: 'messages', title: { vi: 'Thông báo', en: 'Notices' } },
] as const;

/** The texts of everything that is issued and sent: which version is in use, what was made of each, and how it looks. */
export function adminTemplates({ db, clock }: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/admin/templates', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const templates = await listTemplates(db);
    sendPage(req, res, 'admin/templates', {
      title: { vi: 'Mẫu văn bản, thông báo', en: 'Templates' },
      wide: true,
      kinds: kinds.map(({ kind, title }) => ({
        title: title[language],
        items: templates
          .filter(({ name }) => name.startsWith(`${kind}/`))
          .map((each) => ({ ...each, title: each.title[language] }))
          .sort((a, b) => a.title.localeCompare(b.title, language)),
      })),
      back: '/admin',
    });
  });

  router.get('/admin/templates/{*name}', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const { name } = checkAddress(req, Path, req.params);
    const template = (await listTemplates(db)).find((each) => each.name === name);
    if (!template) throw noTemplate();
    const versions = await versionsOf(db, name);
    const notice = /^messages\/(.+)$/.exec(name)?.[1];
    sendPage(req, res, 'admin/template', {
      title: template.title,
      name,
      file: `templates/${name}${notice === undefined ? '' : '.vi'}.hbs`,
      versions: versions.map((each) => ({ ...each, many: each.used >= countedTo })),
      message: notice === undefined ? undefined : both(sampleMessage(notice)),
      sample: notice === undefined ? `/admin/template-samples/${name}` : undefined,
      back: `/admin/templates`,
      language,
    });
  });

  router.get('/admin/template-samples/{*name}', may('read', 'administration'), async (req, res) => {
    const { name } = checkAddress(req, Path, req.params);
    const known = (await listTemplates(db)).some((each) => each.name === name);
    const [agency] = await listAgencies(db);
    if (!known || !agency) throw noTemplate();
    const sample = { form: 'sample' as const, agency: agency.code, content: { template: name } };
    await sendPrintout(res, db, { ...sample, at: clock.now() }, `${name} (sample).pdf`, 'inline');
  });

  return router;
}

const noTemplate = () => new Refusal('not-found', 'Không có mẫu này · There is no such template');

const both = ({ subject, body }: ReturnType<typeof sampleMessage>) =>
  (['vi', 'en'] as const).map((lang) => ({ lang, subject: subject[lang], body: body[lang] }));
