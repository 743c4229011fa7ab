import { Router } from 'express';
import { z } from 'zod';
import { everybody, isAble } from '../../api/abilities.ts';
import { actAs } from '../../api/act.ts';
import { checkAddress } from '../../api/check.ts';
import type { Deps } from '../../api/deps.ts';
import { languageOf } from '../../api/language.ts';
import { limited } from '../../api/limits.ts';
import { CaseCode } from '../../api/schemas.ts';
import { isWordOf, strangerIn, strangerOfSession } from '../../api/strangers.ts';
import { listAgencies } from '../../records/city.ts';
import { recordOf } from '../../records/case-timeline.ts';
import { caseStand } from '../../records/case-views.ts';
import { leaveAddress } from '../../records/contacts.ts';
import {
  followIncident,
  follows,
  listFollowed,
  listReported,
  noReport,
  rateAsFollower,
  unfollowIncident,
  unnamedReporter,
} from '../../records/followers.ts';
import { standingIn } from '../../records/parties.ts';
import { publicPhotos } from '../../records/photos.ts';
import { findReport, postsOf, type Stage } from '../../records/public-reports.ts';
import { serviceNames } from '../../records/services.ts';
import { sayEntry } from '../../api/timeline-words.ts';
import { sayStage } from '../../api/report-words.ts';
import { tellNext } from '../flash.ts';
import { sendPage } from '../page.ts';
import { fieldOf, formPost } from '../posts.ts';
import { tellReport } from './words.ts';

const Path = z.object({ code: CaseCode });
/** What of the record everybody may read: nothing of a person, and no text that somebody wrote. */
const told = new Set(['filed', 'state', 'clock', 'hand', 'transferred', 'merged', 'finish']);

/** One report in public: how it stands, what was told, photos before and after, following and rating. */
export function oneReport(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/reports/mine', everybody, async (req, res) => {
    const language = languageOf(req);
    const reporter = await strangerIn(deps, req);
    const [names, own, followed] = await Promise.all([
      serviceNames(db),
      reporter ? listReported(db, reporter.sub) : [],
      reporter ? listFollowed(db, reporter.sub) : [],
    ]);
    const tell = (each: { code: string; service: string; stage: Stage }) => ({
      code: each.code,
      service: names.get(each.service)?.[language] ?? each.service,
      stage: sayStage(each.stage)[language],
    });
    sendPage(req, res, 'reports/mine', {
      title: { vi: 'Phản ánh của tôi', en: 'My reports' },
      own: own.map(tell),
      followed: followed.map(tell),
      none: own.length + followed.length === 0,
      wrong: req.query['wrong'] === '1',
      code: typeof req.query['code'] === 'string' ? req.query['code'].slice(0, 40) : '',
      back: '/reports',
    });
  });

  router.post('/reports/open', everybody, limited(deps, 'open-report'), formPost, async (req, res) => {
    const code = CaseCode.safeParse(fieldOf(req, 'code').trim().toUpperCase());
    const owner =
      code.success && isWordOf(deps, code.data, fieldOf(req, 'word'))
        ? await unnamedReporter(db, code.data)
        : undefined;
    if (!owner || !code.success) {
      const query = new URLSearchParams({ wrong: '1', code: fieldOf(req, 'code').slice(0, 40) });
      res.redirect(303, `/reports/mine?${query.toString()}`);
      return;
    }
    req.session.stranger = owner;
    res.redirect(303, `/reports/${code.data}`);
  });

  router.get('/reports/:code', everybody, limited(deps, 'reports-page'), async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const reader = await strangerIn(deps, req);
    const at = clock.now();
    const own = reader ? (await standingIn(db, reader, code, at)) !== undefined : false;
    const report = await findReport(db, code);
    if (report && 'mergedInto' in report) {
      res.redirect(303, `/reports/${report.mergedInto}`);
      return;
    }
    if (!report) {
      if (!own) throw noReport();
      // What is not shown in public is still its reporter's: they read it where cases are read.
      res.redirect(303, `/cases/${code}`);
      return;
    }
    const language = languageOf(req);
    const [services, agencies, posts, photos, stand, record] = await Promise.all([
      serviceNames(db),
      listAgencies(db),
      postsOf(db, code),
      publicPhotos(db, code),
      caseStand(db, code, at),
      recordOf(db, code, true),
    ]);
    const procedure = deps.procedures.get(stand.procedure);
    const asked = own ? stand.next.filter(({ role }) => role === 'citizen') : [];
    sendPage(req, res, 'reports/report', {
      ...tellReport(report, { services, agencies }, language),
      title: services.get(report.service) ?? { vi: code, en: code },
      next: stand.next
        .filter(({ role }) => role !== 'citizen')
        .map(({ task }) => procedure?.tasks[task]?.title[language] ?? task),
      posts: posts.map((post) => ({
        ...post,
        agency: post.agency.name[language],
        at: post.at.toISOString(),
      })),
      answer: posts.some(({ document }) => document !== null),
      before: photos.filter(({ kind }) => kind === procedure?.incident?.photos),
      after: photos.filter(({ kind }) => kind !== procedure?.incident?.photos),
      timeline: record
        .filter(({ event }) => told.has(event))
        // What an officer wrote beside it stays among those of the case.
        .map(({ details: { reason: _reason, ...details }, ...entry }) => ({ ...entry, details }))
        .map((entry) => ({
          at: entry.at,
          text: sayEntry(entry, procedure)[language],
          milestone: entry.event === 'state',
          who: '',
        }))
        .reverse(),
      own,
      asked: asked.map(({ id, task }) => ({ id, title: procedure?.tasks[task]?.title[language] ?? task })),
      follows: reader && !own ? await follows(db, code, reader.sub) : false,
      officer: req.actor !== undefined && isAble(req.actor, 'read', 'inbox'),
      back: '/reports',
    });
  });

  router.post('/reports/:code/follow', everybody, limited(deps, 'follow'), formPost, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const ending = fieldOf(req, 'end') === 'true';
    await actAs(deps, req, strangerOfSession(req), async ({ trx, actor, at }) => {
      if (ending) await unfollowIncident(trx, code, actor.sub);
      else {
        await followIncident(trx, code, actor.sub, at);
        const email = z.email().safeParse(fieldOf(req, 'email').trim());
        // Whoever does not sign in may leave an address to be told at.
        if (email.success && actor.sub.startsWith('anybody:')) await leaveAddress(trx, actor.sub, email.data);
      }
      return { status: 204, body: null };
    });
    await tellNext(
      req,
      ending
        ? { vi: 'Đã thôi theo dõi.', en: 'You no longer follow it.' }
        : { vi: 'Bạn đang theo dõi phản ánh này.', en: 'You follow this report.' },
    );
    res.redirect(303, `/reports/${code}`);
  });

  router.post('/reports/:code/rate', everybody, limited(deps, 'follow'), formPost, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const score = z.coerce.number().int().min(1).max(5).parse(fieldOf(req, 'score'));
    await actAs(deps, req, strangerOfSession(req), async ({ trx, actor, at }) => {
      await rateAsFollower(trx, { code, sub: actor.sub, score, at });
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Cảm ơn bạn đã đánh giá.', en: 'Thank you for your rating.' });
    res.redirect(303, `/reports/${code}`);
  });

  return router;
}
