import { Router } from 'express';
import { z } from 'zod';
import { may, signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { checkAddress, checkForm } from '../api/check.ts';
import { Appointment } from '../api/delegations.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { officersFor } from '../api/people.ts';
import type { Actor } from '../records/actor.ts';
import { delegate, listDelegations, revoke } from '../records/delegations.ts';
import { exportData } from '../records/own-data.ts';
import { tellNext } from './flash.ts';
import { answersIn, filledFrom, readFilled, type Filled } from './form/answers.ts';
import { errorsOf, noErrors, type FormErrors } from './form/errors.ts';
import { fieldsOf } from './form/fields.ts';
import { renderFields } from './form/render.ts';
import { sendPage } from './page.ts';
import { fieldsOf as bodyOf, formPost } from './posts.ts';
import { performer } from './words.ts';

const Path = z.object({ id: z.uuid() });
/** What the page asks of an appointment: whole days, every role and procedure. */
const Period = z.object({
  substitute: Appointment.shape.substitute,
  from: z.iso.date().meta({ title: 'Từ ngày', 'title.en': 'From' }),
  to: z.iso.date().meta({ title: 'Đến hết ngày', 'title.en': 'To the end of' }),
  reason: Appointment.shape.reason,
});
const fields = fieldsOf(Period, '');

/** What concerns oneself: who one is here, one's own data, who stands in for whom. */
export function account(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/account', signedIn, (req, res) => {
    const actor = actorIn(req);
    const language = languageOf(req);
    sendPage(req, res, 'account', {
      title: { vi: 'Tài khoản', en: 'Your account' },
      name: actor.name,
      roles: actor.roles.map((role) => performer(role)[language]),
      agency: actor.agency,
      job: actor.title,
      citizen: actor.roles.includes('citizen'),
      officer: isOfficer(actor),
    });
  });

  router.get('/account/data.json', signedIn, async (req, res) => {
    const actor = actorIn(req);
    res.attachment('motcua-data.json').set('Cache-Control', 'private, no-store');
    res.json(await exportData(db, actor, clock.now()));
  });

  const showDelegations = async (
    req: Parameters<typeof sendPage>[0],
    res: Parameters<typeof sendPage>[1],
    filled: Filled,
    errors: FormErrors,
  ) => {
    const actor = actorIn(req);
    const officers = await officersFor(db, actor);
    const named = officers
      .filter(({ sub }) => sub !== actor.sub)
      .map(({ sub, name }) => [sub, { vi: name, en: name }]);
    const state = {
      filled,
      errors: errors.byPointer,
      language: languageOf(req),
      named: { officer: Object.fromEntries(named) as Record<string, { vi: string; en: string }> },
    };
    sendPage(req, res, 'delegations', {
      title: { vi: 'Người làm thay', en: 'Substitutes' },
      items: (await listDelegations(db, actor)).map((each) => ({
        ...each,
        mine: each.principal.sub === actor.sub,
      })),
      form: renderFields(fields, state),
      errors: errors.summary.length > 0 ? errors.summary : undefined,
      back: '/account',
    });
  };

  router.get('/account/delegations', may('read', 'people'), async (req, res) => {
    await showDelegations(req, res, filledFrom(fields, {}), noErrors);
  });

  router.post('/account/delegations', may('read', 'people'), formPost, async (req, res) => {
    const filled = readFilled(fields, bodyOf(req));
    try {
      await act(deps, req, async (by) => {
        const { from, to, ...given } = checkForm(req, Period, answersIn(fields, filled));
        const period = { from: startOf(from), to: new Date(startOf(to).getTime() + day) };
        return { status: 201, body: await delegate(by.trx, by, { ...given, ...period }) };
      });
    } catch (error) {
      await showDelegations(req, res.status(422), filled, errorsOf(error, fields, filled, languageOf(req)));
      return;
    }
    await tellNext(req, { vi: 'Đã cử người làm thay.', en: 'Your substitute is appointed.' });
    res.redirect(303, '/account/delegations');
  });

  router.post('/account/delegations/:id/end', signedIn, formPost, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    await act(deps, req, async (by) => {
      await revoke(by.trx, { ...by, id });
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Đã kết thúc việc làm thay.', en: 'The delegation has ended.' });
    res.redirect(303, '/account/delegations');
  });

  return router;
}

const day = 86_400_000;
const startOf = (local: string) => new Date(`${local}T00:00:00+07:00`);
const isOfficer = ({ agency, roles }: Actor) => agency !== undefined && !roles.includes('citizen');
