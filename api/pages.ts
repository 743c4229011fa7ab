import { readFileSync } from 'node:fs';
import type { Request, Response } from 'express';
import Handlebars from 'handlebars';
import { languageOf } from './language.ts';

const folder = new URL('../templates/pages/', import.meta.url);
const handlebars = Handlebars.create();
handlebars.registerHelper('day', (instant: string) =>
  new Intl.DateTimeFormat('vi-VN', {
    day: '2-digit',
    month: '2-digit',
    year: 'numeric',
    timeZone: 'Asia/Ho_Chi_Minh',
  }).format(new Date(instant)),
);
handlebars.registerHelper('moment', (instant: string) =>
  new Intl.DateTimeFormat('vi-VN', {
    ...{ day: '2-digit', month: '2-digit', year: 'numeric' },
    ...{ hour: '2-digit', minute: '2-digit', second: '2-digit' },
    timeZone: 'Asia/Ho_Chi_Minh',
  }).format(new Date(instant)),
);
handlebars.registerHelper('is', (value: unknown, ...others: unknown[]) =>
  others.slice(0, -1).includes(value),
);
handlebars.registerHelper('say', (vi: string, en: string, { data }: Handlebars.HelperOptions) =>
  (data as { root: { vi: boolean } }).root.vi ? vi : en,
);
const compile = (name: string) =>
  handlebars.compile(readFileSync(new URL(`${name}.hbs`, folder), 'utf8'), { strict: true });
handlebars.registerPartial('in-force', readFileSync(new URL('in-force.hbs', folder), 'utf8'));
const layout = compile('layout');
const pages = {
  clock: compile('clock'),
  home: compile('home'),
  offline: compile('offline'),
  verify: compile('verify'),
  'verify-file': compile('verify-file'),
};

/** A script of templates/pages. */
export const script = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** The one style sheet of these pages. */
export const styleSheet = readFileSync(new URL('motcua.css', folder), 'utf8');

/** Sends a page of templates/pages inside the layout, in the reader's language. */
export function sendPage(
  req: Request,
  res: Response,
  page: keyof typeof pages,
  data: Record<string, unknown>,
): void {
  const language = languageOf(req);
  const other = language === 'vi' ? 'en' : 'vi';
  const inside = { ...data, vi: language === 'vi', language };
  const body = pages[page](inside);
  res.set({ 'Content-Language': language, Vary: 'Accept-Language' }).type('html');
  res.send(layout({ ...inside, body, other, path: req.path }));
}
