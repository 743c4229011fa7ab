import type { Request } from 'express';

export type Language = 'vi' | 'en';

/** The language to answer in: `?lang=`, else what the browser asks for, else Vietnamese. */
export function languageOf(req: Request): Language {
  const asked = req.query['lang'];
  if (asked === 'vi' || asked === 'en') return asked;
  return req.acceptsLanguages('vi', 'en') === 'en' ? 'en' : 'vi';
}
