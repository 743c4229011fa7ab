import { readdirSync, readFileSync } from 'node:fs';
import type { Request, Response } from 'express';
import Handlebars from 'handlebars';
import { languageOf } from '../api/language.ts';
import { assetAddress } from './assets.ts';
import { component } from './gds.ts';
import { navigationFor } from './navigation.ts';
import { marksFor, type FormMarks } from './posts.ts';
import { sayNumber } from './words.ts';

const folder = new URL('../templates/pages/', import.meta.url);
const handlebars = Handlebars.create();

/** What every page knows beside its own data. */
interface Shared {
  vi: boolean;
  language: 'vi' | 'en';
  formMarks(): FormMarks;
}
const shared = ({ data }: Handlebars.HelperOptions) => (data as { root: Shared }).root;
const zone = 'Asia/Ho_Chi_Minh';
const dated = (options: Intl.DateTimeFormatOptions) => {
  const vi = new Intl.DateTimeFormat('vi-VN', { ...options, timeZone: zone });
  const en = new Intl.DateTimeFormat('en-GB', { ...options, timeZone: zone });
  return (instant: unknown, options: Handlebars.HelperOptions) =>
    typeof instant === 'string' ? (shared(options).vi ? vi : en).format(new Date(instant)) : '';
};
const date = { day: '2-digit', month: '2-digit', year: 'numeric' } as const;

handlebars.registerHelper({
  say: (vi: string, en: string, options: Handlebars.HelperOptions) => (shared(options).vi ? vi : en),
  day: dated(date),
  moment: dated({ ...date, hour: '2-digit', minute: '2-digit' }),
  weekday: dated({ ...date, weekday: 'long', hour: '2-digit', minute: '2-digit' }),
  number: (value: number, options: Handlebars.HelperOptions) => sayNumber(value, shared(options).language),
  is: (value: unknown, ...others: unknown[]) => others.slice(0, -1).includes(value),
  asset: (name: string) => assetAddress(name),
  gds: (name: string, params: unknown, options?: Handlebars.HelperOptions) => {
    // Without params Handlebars gives its options in their place.
    const { hash } = options ?? (params as Handlebars.HelperOptions);
    return new Handlebars.SafeString(component(name, { ...(options ? (params as object) : {}), ...hash }));
  },
  marks: (options: Handlebars.HelperOptions) => {
    const { csrf, key } = shared(options).formMarks();
    return new Handlebars.SafeString(
      `<input type="hidden" name="_csrf" value="${csrf}"><input type="hidden" name="_key" value="${key}">`,
    );
  },
});

const compiled = new Map<string, Handlebars.TemplateDelegate>();
const read = (name: string) => readFileSync(new URL(`${name}.hbs`, folder), 'utf8');
for (const file of readdirSync(new URL('partials/', folder)))
  handlebars.registerPartial(file.replace(/\.hbs$/, ''), read(`partials/${file.replace(/\.hbs$/, '')}`));

function view(name: string): Handlebars.TemplateDelegate {
  let template = compiled.get(name);
  if (!template) compiled.set(name, (template = handlebars.compile(read(name), { strict: true })));
  return template;
}

/** A script of templates/pages. */
export const script = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** A page's own data; the rest is for the layout. */
export interface PageData extends Record<string, unknown> {
  title: { vi: string; en: string };
  /** Whether people work on it with tables and lists that want the whole width. */
  wide?: boolean;
  /** Addresses of scripts and style sheets beside those of every page. */
  scripts?: string[];
  styles?: string[];
  /** Where the way back leads. */
  back?: string;
}

/**
 * Sends a page of templates/pages inside the layout, in the reader's language; nothing between us and the reader keeps it.
 *
 * @param name of the view under templates/pages, without its ending
 */
export function sendPage(req: Request, res: Response, name: string, data: PageData): void {
  const language = languageOf(req);
  let marks: FormMarks | undefined;
  const inside = {
    ...data,
    title: data.title[language],
    language,
    vi: language === 'vi',
    formMarks: () => ({ ...(marks ??= marksFor(req)), key: marksFor(req).key }),
  };
  const body = view(name)(inside);
  const flash = req.session?.flash;
  if (flash) delete req.session.flash;
  res.set({ 'Content-Language': language, Vary: 'Accept-Language, Cookie' }).type('html');
  if (!res.get('Cache-Control')) res.set('Cache-Control', 'private, no-store');
  res.send(
    view('layout')({
      wide: false,
      scripts: [],
      styles: [],
      back: undefined,
      ...inside,
      body,
      flash,
      undo: flash?.undo,
      name: req.actor?.name,
      ...navigationFor(req, language),
    }),
  );
}
