import { Router } from 'express';
import { z } from 'zod';
import { may } from '../../api/abilities.ts';
import { act } from '../../api/act.ts';
import { actorIn } from '../../api/auth.ts';
import { Audit, periodOf } from '../../api/audit.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { listAgencyTree } from '../../records/city.ts';
import { listDelegations, revoke } from '../../records/delegations.ts';
import { searchRecord } from '../../records/audit.ts';
import { figures } from '../../records/figures.ts';
import { lastFindings } from '../../records/health.ts';
import { stuckWork } from '../../records/operations.ts';
import { listOfficers } from '../../records/people.ts';
import { listRecounts } from '../../records/recounts.ts';
import { keyWords } from '../context-words.ts';
import { tellNext } from '../flash.ts';
import { sendPage } from '../page.ts';
import { formPost } from '../posts.ts';
import { performer } from '../words.ts';
import { adminApiKeys } from './api-keys.ts';
import { adminCalendars } from './calendars.ts';
import { adminCalls } from './calls.ts';
import { adminConnectors } from './connectors.ts';
import { adminFees } from './fees.ts';
import { adminServices } from './services.ts';
import { sayCall } from './stuck-words.ts';
import { adminTemplates } from './templates.ts';
import { adminWindows } from './windows.ts';

const DelegationPath = z.object({ id: z.uuid() });

/** What admins look at and change: the work that is stuck, the organisation, its calendars and fees, who did what. */
export function admin(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/admin', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const at = clock.now();
    const [counts, found, stuck] = await Promise.all([figures(db, at), lastFindings(db), stuckWork(db, at)]);
    sendPage(req, res, 'admin/overview', {
      title: { vi: 'Quản trị', en: 'Administration' },
      wide: true,
      counts,
      foundAt: found?.at.toISOString(),
      findings: Object.entries(found?.findings ?? {})
        .filter(([, count]) => count > 0)
        .map(([name, count]) => ({ name, count })),
      ...stuck,
      retrying: stuck.retrying.map((call) => sayCall(call, language)),
      waiting: stuck.waiting.map(({ question, agency, ...rest }) => ({
        ...rest,
        question: keyWords[question]?.[language] ?? question,
        agency: agency[language],
      })),
      unfinished: stuck.unfinished.map(({ title, ...rest }) => ({ ...rest, title: title[language] })),
      overdue: stuck.overdue.map(({ role, ...rest }) => ({ ...rest, role: performer(role)[language] })),
    });
  });

  router.get('/admin/agencies', may('read', 'administration'), async (req, res) => {
    const language = languageOf(req);
    const agencies = await listAgencyTree(db);
    const withPeople = await Promise.all(
      agencies.map(async ({ code, name, depth, kind }) => ({
        code,
        name: name[language],
        depth,
        kind,
        people: (await listOfficers(db, code)).map(({ sub, name, title, roles }) => ({
          sub,
          name,
          job: title,
          roles: roles.map((role) => performer(role)[language]).join(', '),
        })),
      })),
    );
    sendPage(req, res, 'admin/agencies', {
      title: { vi: 'Cơ quan, con người', en: 'Agencies and people' },
      agencies: withPeople,
      back: '/admin',
    });
  });

  router.get('/admin/delegations', may('read', 'administration'), async (req, res) => {
    const actor = actorIn(req);
    sendPage(req, res, 'admin/delegations', {
      title: { vi: 'Ủy quyền xử lý', en: 'Delegations' },
      items: (await listDelegations(db, actor)).map((each) => ({
        ...each,
        going: each.revokedAt === null && Date.parse(each.to) > clock.now().getTime(),
      })),
      back: '/admin',
    });
  });

  router.post('/admin/delegations/:id/end', may('change', 'administration'), formPost, async (req, res) => {
    const { id } = checkAddress(req, DelegationPath, req.params);
    await act(deps, req, async (by) => {
      await revoke(by.trx, { ...by, id });
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Đã kết thúc việc làm thay.', en: 'The delegation has ended.' });
    res.redirect(303, '/admin/delegations');
  });

  router.get('/admin/recounts', may('read', 'recounts'), async (req, res) => {
    sendPage(req, res, 'admin/recounts', {
      title: { vi: 'Tính lại hạn theo lịch mới', en: 'Recounts over new calendars' },
      items: (await listRecounts(db, 50)).map(({ id, done }) => ({ id, done })),
      back: '/admin',
    });
  });

  router.get('/admin/audit', may('read', 'audit'), async (req, res) => {
    const { cursor, ...given } = Object.fromEntries(
      Object.entries(req.query).filter(([name, value]) => name !== 'lang' && value !== ''),
    );
    const asked = checkAddress(req, Audit, given);
    const from = typeof cursor === 'string' ? cursor : undefined;
    const { items, next } = await searchRecord(db, { ...periodOf(deps, asked), limit: 100, cursor: from });
    const query = new URLSearchParams(asked).toString();
    sendPage(req, res, 'admin/audit', {
      title: { vi: 'Ai đã làm gì', en: 'Who did what' },
      wide: true,
      asked: { case: '', actor: '', event: '', since: '', until: '', ...asked },
      items: items.map(({ actor, ...rest }) => ({
        ...rest,
        sub: actor.sub,
        who: actor.name ?? actor.sub,
        agency: actor.agency ?? '',
      })),
      csv: `/api/v1/audit/csv?${query}`,
      next: next && `/admin/audit?${query}&cursor=${next}`,
      back: '/admin',
    });
  });

  router.use(
    adminCalendars(deps),
    adminCalls(deps),
    adminConnectors(deps),
    adminFees(deps),
    adminTemplates(deps),
    adminWindows(deps),
    adminServices(deps),
    adminApiKeys(deps),
  );
  return router;
}
