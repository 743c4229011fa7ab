import type { Request } from 'express';
import { isAble } from '../api/abilities.ts';
import type { Actor } from '../records/actor.ts';
import type { Language } from '../api/language.ts';

interface Place {
  href: string;
  vi: string;
  en: string;
  /** Who sees it; everybody unless told. */
  for?: (actor: Actor | undefined) => boolean;
}

const able =
  (...[action, area]: [Parameters<typeof isAble>[1], Parameters<typeof isAble>[2]]) =>
  (actor: Actor | undefined) =>
    actor !== undefined && isAble(actor, action, area);
const officers = able('read', 'inbox');

/** The areas of the pages, in the order of the menu. */
const places: Place[] = [
  { href: '/procedures', vi: 'Thủ tục', en: 'Procedures' },
  {
    href: '/cases',
    vi: 'Hồ sơ của tôi',
    en: 'My cases',
    for: (actor) => actor?.roles.includes('citizen') ?? false,
  },
  { href: '/reports', vi: 'Phản ánh', en: 'Reports' },
  {
    href: '/health',
    vi: 'Sức khỏe',
    en: 'Health',
    for: (actor) => actor?.roles.includes('citizen') ?? false,
  },
  {
    href: '/health/patients',
    vi: 'Hồ sơ người bệnh',
    en: 'Patients',
    for: (actor) => actor?.roles.some((role) => role === 'clinician' || role === 'recipient') ?? false,
  },
  {
    href: '/campaigns',
    vi: 'Đợt xét',
    en: 'Campaigns',
    for: able('read', 'campaigns'),
  },
  { href: '/track', vi: 'Theo dõi hồ sơ', en: 'Follow a case', for: (actor) => actor === undefined },
  { href: '/notices', vi: 'Thông báo', en: 'Notices', for: (actor) => actor !== undefined },
  { href: '/inbox', vi: 'Việc cần làm', en: 'Inbox', for: officers },
  {
    href: '/field',
    vi: 'Lệnh công việc',
    en: 'Work orders',
    for: (actor) => actor?.roles.includes('field') ?? false,
  },
  { href: '/counter', vi: 'Tiếp nhận tại quầy', en: 'Counter', for: able('change', 'counter') },
  { href: '/admin', vi: 'Quản trị', en: 'Administration', for: able('read', 'administration') },
  { href: '/verify', vi: 'Xác thực văn bản', en: 'Verify', for: (actor) => !officers(actor) },
];

/** The menu, the other language and the way in or out, as the layout shows them. */
export function navigationFor(req: Request, language: Language) {
  const say = (vi: string, en: string) => (language === 'vi' ? vi : en);
  const navigation = places
    .filter((place) => place.for?.(req.actor) ?? true)
    .map(({ href, vi, en }) => ({ href, text: say(vi, en), current: isAt(req.path, href) }));
  return {
    menu: {
      navigation,
      menuButtonText: say('Trình đơn', 'Menu'),
      navigationLabel: say('Các mục', 'Sections'),
      ariaLabel: say('Dịch vụ', 'Service'),
    },
    languages: {
      ariaLabel: say('Ngôn ngữ', 'Language'),
      items: [
        { text: 'Tiếng Việt', lang: 'vi', ...(language === 'en' ? { href: inLanguage(req, 'vi') } : {}) },
        { text: 'English', lang: 'en', ...(language === 'vi' ? { href: inLanguage(req, 'en') } : {}) },
      ],
    },
    signIn: `/signin?return=${encodeURIComponent(req.method === 'GET' ? req.originalUrl : '/')}`,
  };
}

const isAt = (path: string, place: string) => path === place || path.startsWith(`${place}/`);

/** The same page in another language; the page of a form that was sent is the one that it came from. */
function inLanguage(req: Request, language: Language): string {
  const [path = '/', query = ''] = req.originalUrl.split('?');
  const params = new URLSearchParams(query);
  params.set('lang', language);
  return `${path}?${params.toString()}`;
}
