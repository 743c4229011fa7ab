import { Router } from 'express';
import { z } from 'zod';
import { everybody } from '../api/abilities.ts';
import { checkAddress } from '../api/check.ts';
import { Asked, dueDateOf, type DueDate } from '../api/clock.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { limited } from '../api/limits.ts';
import { listAgencies } from '../records/city.ts';
import { Refusal } from '../records/refusal.ts';
import { localIso } from '../workflows/engine/legal-clock.ts';
import { sendPage, type PageData } from './page.ts';

/** The legal clock for people. */
export function clock(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/clock', everybody, limited(deps, 'clock-page'), async (req, res) => {
    const { from = '', count = '', unit = '', agency = '' } = Filled.parse(req.query);
    const agencies = await listAgencies(db);
    const shown: { due?: DueDate; errors: Record<string, string> } = { errors: {} };
    if (from || count)
      try {
        const asked = { from, limit: count + unit, ...(agency ? { agency } : {}) };
        shown.due = await dueDateOf(db, checkAddress(req, Asked, asked), agencies);
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        const { errors } = error;
        shown.errors = Object.fromEntries(errors.map(({ pointer, detail }) => [pointer.slice(1), detail]));
        res.status(400);
      }
    res.set('Cache-Control', 'private, no-store');
    sendPage(req, res, 'clock', {
      ...pageOf(shown, languageOf(req)),
      from: from || localIso(clock.now()).slice(0, 16),
      count: count || '3',
      units: options(units, unit || 'wd'),
      agencies: options(
        agencies.map(({ code, name }) => [code, name.vi, name.en] as const),
        agency,
      ),
    });
  });

  return router;
}

/** What a browser sends: texts, or nothing usable. */
const text = z.string().max(40).optional().catch(undefined);
const Filled = z.object({ from: text, count: text, unit: text, agency: text });

const units = [
  ['wd', 'ngày làm việc', 'working days'],
  ['wh', 'giờ làm việc', 'working hours'],
  ['d', 'ngày', 'days'],
  ['m', 'tháng', 'months'],
  ['h', 'giờ liên tục', 'hours, day and night'],
  ['min', 'phút liên tục', 'minutes, day and night'],
] as const;

const options = (all: readonly (readonly [string, string, string])[], chosen: string) =>
  all.map(([value, vi, en]) => ({ value, vi, en, chosen: value === chosen }));

/** What the page shows of an answer, or of the mistakes, in the reader's language. */
function pageOf(
  { due, errors }: { due?: DueDate; errors: Record<string, string> },
  language: 'vi' | 'en',
): PageData {
  const inLanguage = (both: string) => both.split(' · ')[language === 'vi' ? 0 : 1] ?? both;
  const told = Object.entries(errors).map(([field, detail]) => ({ field, detail: inLanguage(detail) }));
  const format = new Intl.DateTimeFormat(language === 'vi' ? 'vi-VN' : 'en-GB', {
    dateStyle: 'full',
    timeStyle: 'short',
    timeZone: 'Asia/Ho_Chi_Minh',
  });
  return {
    title: { vi: 'Tính ngày trả kết quả', en: 'When is a result due?' },
    due: due && {
      at: due.due,
      said: format.format(new Date(due.due)),
      why: due.derivation.text[language].split('; '),
      query: new URLSearchParams({
        from: due.from,
        limit: due.limit,
        ...(due.agency ? { agency: due.agency } : {}),
      }).toString(),
    },
    errors: told.length > 0 && told,
    wrong: Object.fromEntries(['from', 'limit', 'agency'].map((field) => [field, field in errors])),
  };
}
