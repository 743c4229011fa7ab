import { Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { changeDay, PutDay } from '../../api/calendars.ts';
import { checkAddress, checkForm } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { agencyCode } from '../../records/calendar-rows.ts';
import { explainCalendar } from '../../records/calendar.ts';
import { listAgencies } from '../../records/city.ts';
import { localDay } from '../../records/local-day.ts';
import { tellNext } from '../flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from '../form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from '../form/errors.ts';
import { fieldsOf } from '../form/fields.ts';
import { renderFields } from '../form/render.ts';
import { sendPage } from '../page.ts';
import { fieldsOf as bodyOf, formPost } from '../posts.ts';

const Path = z.object({ agency: agencyCode });
const Year = z.object({ year: z.coerce.number().int().min(1900).max(2200).optional() });
const DayOf = z.object({ day: z.iso.date().meta({ title: 'Ngày', 'title.en': 'Day' }) });
const fields = [...fieldsOf(DayOf, ''), ...fieldsOf(PutDay, '')];

/** Calendars of agencies, and how a day becomes another: open cases are counted again over the new calendar. */
export function adminCalendars(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/admin/calendars', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    sendPage(req, res, 'admin/calendars', {
      title: { vi: 'Lịch làm việc', en: 'Calendars' },
      agencies: (await listAgencies(db)).map(({ code, name }) => ({ code, name: name[language] })),
      back: '/admin',
    });
  });

  router.get('/admin/calendars/:agency', may('read', 'calendars'), async (req, res) => {
    await show(req, res, filledFrom(fields, {}), noErrors);
  });

  router.post('/admin/calendars/:agency', may('change', 'calendars'), formPost, async (req, res) => {
    const { agency } = checkAddress(req, Path, req.params);
    const filled = readFilled(fields, bodyOf(req));
    const given = answersIn(fields, filled);
    try {
      const { day } = checkForm(req, DayOf, { day: given['day'] });
      const { day: _day, ...facts } = given;
      const change = checkForm(req, PutDay, facts);
      await act(deps, req, (by) => changeDay(by, { agency, day }, change));
    } catch (error) {
      await show(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
      return;
    }
    await tellNext(req, {
      vi: 'Đã đổi lịch; hạn của các hồ sơ đang mở được tính lại.',
      en: 'The calendar is changed; open cases are counted again.',
    });
    res.redirect(303, `/admin/calendars/${agency}`);
  });

  async function show(req: Request, res: Response, filled: Filled, errors: FormErrors): Promise<void> {
    const { agency } = checkAddress(req, Path, req.params);
    const year = checkAddress(req, Year, req.query).year ?? Number(localDay(clock.now()).slice(0, 4));
    const { days, hours } = await explainCalendar(db, agency, year);
    const state = { filled, errors: errors.byPointer, language: languageOf(req) };
    sendPage(req, res, 'admin/calendar', {
      title: { vi: `Lịch làm việc ${agency}`, en: `Calendar of ${agency}` },
      agency,
      year,
      before: year - 1,
      after: year + 1,
      days: days.map(({ day, kind, name }) => ({ day: day.split('-').reverse().join('/'), kind, name })),
      hours: hours.map(({ validFrom, work }) => ({
        validFrom: validFrom.split('-').reverse().join('/'),
        week: Object.entries(work).map(([weekday, spans]) => ({ weekday, spans: (spans ?? []).join(', ') })),
      })),
      form: renderFields(fields, state),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/admin/calendars',
    });
  }

  return router;
}
