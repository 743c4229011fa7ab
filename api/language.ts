import type { Request } from 'express';

export type Language = 'vi' | 'en';

/** The cookie that keeps which language somebody has chosen on the pages. */
export const languageCookie = 'lang';

/** The language to answer in: `?lang=`, else the one chosen before, else what the browser asks for, else Vietnamese. */
export function languageOf(req: Request): Language {
  const kept = new RegExp(`(?:^|; *)${languageCookie}=(vi|en)(?:;|$)`).exec(req.get('cookie') ?? '')?.[1];
  for (const asked of [req.query['lang'], kept]) if (asked === 'vi' || asked === 'en') return asked;
  return req.acceptsLanguages('vi', 'en') === 'en' ? 'en' : 'vi';
}
