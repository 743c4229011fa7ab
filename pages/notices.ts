import { Router } from 'express';
import { z } from 'zod';
import { signedIn } from '../api/abilities.ts';
import { act } from '../api/act.ts';
import { actorIn } from '../api/auth.ts';
import { checkAddress, checkForm } from '../api/check.ts';
import type { Deps } from '../api/deps.ts';
import { languageOf } from '../api/language.ts';
import { caseNoticesFor, Choices, Until } from '../api/notices.ts';
import { pushedBrowsers } from '../api/push-subscriptions.ts';
import { CaseCode } from '../api/schemas.ts';
import { chooseChannels, contactOf } from '../records/contacts.ts';
import { listNotices, markRead } from '../records/own-notices.ts';
import { assetAddress } from './assets.ts';
import { tellNext } from './flash.ts';
import { sendPage } from './page.ts';
import { fieldOf, formPost } from './posts.ts';

const Path = z.object({ code: CaseCode });

/** What people are told, how it reaches them, and for each case how far its messages are. */
export function notices(deps: Deps): Router {
  const { db, clock } = deps;
  const router = Router();

  router.get('/notices', signedIn, async (req, res) => {
    const language = languageOf(req);
    const told = await listNotices(db, actorIn(req), clock.now());
    sendPage(req, res, 'notices', {
      title: { vi: 'Thông báo', en: 'Notices' },
      items: told.map(({ case: code, subject, body, at, read }) => ({
        code,
        subject: subject[language],
        body: body[language],
        at: at.toISOString(),
        read,
      })),
      unread: told.filter(({ read }) => !read).length,
      until: told[0]?.at.toISOString(),
    });
  });

  router.post('/notices/read', signedIn, formPost, async (req, res) => {
    await act(deps, req, async ({ trx, actor, at }) => {
      const { until } = checkForm(req, Until, { until: fieldOf(req, 'until') });
      await markRead(trx, { actor, at, until: new Date(until) });
      return { status: 204, body: null };
    });
    res.redirect(303, '/notices');
  });

  router.get('/account/contact', signedIn, async (req, res) => {
    const { byEmail, bySms, language, email, phone } = await contactOf(db, actorIn(req).sub);
    const { key, items } = await pushedBrowsers(deps, req);
    const browsers = items.map((each) => ({ ...each, browser: each.browser[languageOf(req)] }));
    sendPage(req, res, 'contact', {
      title: { vi: 'Cách nhận thông báo', en: 'How notices reach you' },
      push: key === null ? undefined : { key, items: browsers },
      scripts: key === null ? [] : [assetAddress('push.js')],
      email,
      phone,
      form: formFor({ byEmail, bySms, language }, languageOf(req)),
      back: '/account',
    });
  });

  router.post('/account/contact', signedIn, formPost, async (req, res) => {
    const choice = (name: string) => ({ yes: true, no: false })[fieldOf(req, name)] ?? null;
    await act(deps, req, async ({ trx, actor }) => {
      const given = {
        byEmail: choice('byEmail'),
        bySms: choice('bySms'),
        language: fieldOf(req, 'language') || null,
      };
      await chooseChannels(trx, actor, checkForm(req, Choices, given));
      return { status: 204, body: null };
    });
    await tellNext(req, { vi: 'Đã ghi lựa chọn của bạn.', en: 'Your choice is kept.' });
    res.redirect(303, '/account/contact');
  });

  router.get('/cases/:code/notices', signedIn, async (req, res) => {
    const { code } = checkAddress(req, Path, req.params);
    const language = languageOf(req);
    const told = await caseNoticesFor(deps, req, code);
    sendPage(req, res, 'case-notices', {
      title: { vi: 'Thông báo đã gửi', en: 'Notices sent' },
      code,
      items: told.map(({ subject, at, to, deliveries }) => ({
        subject: subject[language],
        at,
        to: readers[to][language],
        deliveries: deliveries.map((each) => ({
          ...each,
          how: ways[each.channel][language],
          stands: standing(each)[language],
        })),
      })),
      back: `/cases/${code}`,
    });
  });

  return router;
}

const ways = {
  email: { vi: 'Thư điện tử', en: 'E-mail' },
  sms: { vi: 'SMS', en: 'SMS' },
  push: { vi: 'Trình duyệt', en: 'Browser' },
};

/** The value of leaving the language to us. */
const both = 'both';

const readers = {
  applicant: { vi: 'bên nộp hồ sơ', en: 'the applicant’s side' },
  officer: { vi: 'một cán bộ', en: 'an officer' },
  queue: { vi: 'hàng đợi của cơ quan, đọc trên trang', en: 'a queue of the agency, read on the pages' },
};

function standing({ state, attempts }: { state: 'queued' | 'sent' | 'failed'; attempts: number }) {
  if (state === 'sent') return { vi: 'đã gửi', en: 'sent' };
  if (state === 'failed') return { vi: 'không gửi được', en: 'could not be delivered' };
  if (attempts === 0) return { vi: 'đang chờ gửi', en: 'waiting to be sent' };
  return { vi: `đã thử ${attempts} lần, sẽ thử lại`, en: `tried ${attempts} times, will be tried again` };
}

/** The choices as radios of the design system. */
function formFor(chosen: z.infer<typeof Choices>, language: 'vi' | 'en') {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const radios = (name: string, legend: string, value: string, items: [string, string][]) => ({
    name,
    idPrefix: name,
    value,
    fieldset: { legend: { text: legend, classes: 'govuk-fieldset__legend--s' } },
    items: items.map(([each, text]) => ({ value: each, text })),
  });
  const decided = (value: boolean | null) => (value === null ? 'auto' : value ? 'yes' : 'no');
  const yesOrNo: [string, string][] = [
    ['yes', say('Có', 'Yes')],
    ['no', say('Không', 'No')],
  ];
  return [
    radios('byEmail', say('Thư điện tử', 'E-mail'), decided(chosen.byEmail), [
      ['auto', say('Khi có địa chỉ', 'Where there is an address')],
      ...yesOrNo,
    ]),
    radios('bySms', say('Tin nhắn SMS', 'SMS'), decided(chosen.bySms), [
      ['auto', say('Khi không có thư điện tử', 'Where there is no e-mail address')],
      ...yesOrNo,
    ]),
    radios('language', say('Ngôn ngữ', 'Language'), chosen.language ?? both, [
      [both, say('Cả hai; SMS bằng tiếng Việt không dấu', 'Both; SMS in Vietnamese')],
      ['vi', 'Tiếng Việt'],
      ['en', 'English'],
    ]),
  ];
}
