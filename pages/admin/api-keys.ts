import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { NewKey } from '../../api/report-settings.ts';
import { listApiKeys, makeApiKey, revokeApiKey } from '../../records/api-keys.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';

const fields = fieldsOf(NewKey, '');
const Path = z.object({ id: z.uuid() });

/** The keys by which programs of others report: made once, seen once, revoked for good. */
export function adminApiKeys(deps: Deps): Router {
  const { db } = deps;
  const router = Router();

  router.get('/admin/api-keys', may('read', 'administration'), async (req, res) => {
    await show(req, res, { filled: filledFrom(fields, {}), errors: noErrors });
  });

  router.post('/admin/api-keys', may('change', 'administration'), formPost, async (req, res) => {
    const filled = readFilled(fields, bodyOf(req));
    try {
      const wanted = checkForm(req, NewKey, answersIn(fields, filled));
      let made = '';
      await act(deps, req, async (by) => {
        const { id, key } = await makeApiKey(by.trx, by, wanted);
        made = key;
        return { status: 201, body: { id } };
      });
      // It is on no page again, so it is shown at once instead of after a redirect.
      await show(req, res.status(201), { filled: filledFrom(fields, {}), errors: noErrors, made });
    } catch (error) {
      const errors = errorsOf(error, fields, filled, languageOf(req));
      await show(req, res.status(422), { filled, errors });
    }
  });

  router.post('/admin/api-keys/:id/revoke', may('change', 'administration'), formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    await act(deps, req, async (by) => {
      await revokeApiKey(by.trx, by, id);
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Đã thu hồi khóa.', en: 'The key is revoked.' });
    res.redirect(303, '/admin/api-keys');
  });

  return router;

  async function show(
    req: Request,
    res: Response,
    { filled, errors, made }: { filled: Filled; errors: FormErrors; made?: string },
  ): Promise<void> {
    const iso = (at: Date | null) => at?.toISOString();
    sendPage(req, res, 'admin/api-keys', {
      title: { vi: 'Khóa Open311', en: 'Open311 keys' },
      wide: true,
      made,
      keys: (await listApiKeys(db)).map((key) => ({
        ...key,
        madeAt: iso(key.madeAt),
        usedAt: iso(key.usedAt),
        revokedAt: iso(key.revokedAt),
      })),
      form: renderFields(fields, { filled, errors: errors.byPointer, language: languageOf(req) }),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin',
    });
  }
}
