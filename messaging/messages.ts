import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { Push } from './push.ts';

/** Something said in Vietnamese and English. */
interface Text {
  vi: string;
  en: string;
}

/** A message of templates/messages with its values. */
export interface Message {
  subject: Text;
  body: Text;
  /** Fingerprint of the texts that it was made of. */
  template: string;
}

const folder = new URL('../templates/messages/', import.meta.url);

interface Compiled {
  render: Record<'vi' | 'en', (data: Record<string, unknown>) => string>;
  fingerprint: string;
}
const compiled = new Map<string, Compiled>();

function textsOf(notice: string): Compiled {
  const known = compiled.get(notice);
  if (known) return known;
  const [vi, en] = (['vi', 'en'] as const).map((language) =>
    readFileSync(new URL(`${notice}.${language}.hbs`, folder), 'utf8'),
  ) as [string, string];
  const compile = (source: string) =>
    Handlebars.compile<Record<string, unknown>>(source, { strict: true, noEscape: true });
  const fingerprint = createHash('sha256').update(`${vi}\0${en}`).digest('hex').slice(0, 16);
  const made = { render: { vi: compile(vi), en: compile(en) }, fingerprint };
  compiled.set(notice, made);
  return made;
}

/**
 * Writes a message in both languages from `templates/messages/<notice>.<vi|en>.hbs`; the first line is its subject.
 *
 * @throws Error where the data lacks a value that the text names
 */
export function messageOf(notice: string, data: Record<string, unknown>): Message {
  const { render, fingerprint } = textsOf(notice);
  const vi = split(render.vi(data));
  const en = split(render.en(data));
  return {
    subject: { vi: vi.subject, en: en.subject },
    body: { vi: vi.body, en: en.body },
    template: fingerprint,
  };
}

function split(text: string): { subject: string; body: string } {
  const [subject = '', ...body] = text.split('\n');
  return { subject, body: body.join('\n').trim() };
}

/** Values of a case that there is not, whatever a text may name. */
const sampleValues = (): Record<string, unknown> & { code: string } =>
  JSON.parse(readFileSync(new URL('sample.json', folder), 'utf8')) as Record<string, unknown> & {
    code: string;
  };

/** Writes a message as it would be for a sample case. */
export const sampleMessage = (notice: string): Message => messageOf(notice, sampleValues());

/** Lists the messages that there are: path of the texts below templates, their version, and the subject as what it is called. */
export function messageTemplates(): { name: string; version: string; title: Text }[] {
  const { code } = sampleValues();
  const notices = new Set(readdirSync(folder).flatMap((file) => /^([\w-]+)\.vi\.hbs$/.exec(file)?.[1] ?? []));
  return [...notices].map((notice) => {
    const { subject, template: version } = sampleMessage(notice);
    const title = { vi: subject.vi.replace(code, '…'), en: subject.en.replace(code, '…') };
    return { name: `messages/${notice}`, version, title };
  });
}

/** What a message is delivered with. */
interface Addressed {
  subject: Text;
  body: Text;
  /** Where the case is read. */
  link: string;
  /** The reader's; both languages where it is not known. */
  language: 'vi' | 'en' | null;
}

const mailTexts = {
  vi: 'Đây là thư tự động, xin đừng trả lời. Xem hồ sơ tại:',
  en: 'This message was sent by a machine, please do not answer it. Read the case at:',
};

/** Writes the e-mail of a message: Vietnamese first, and only the reader's language where it is known. */
export function mailOf({ subject, body, link, language }: Addressed): { subject: string; text: string } {
  const languages = language ? [language] : (['vi', 'en'] as const);
  const text = languages.map((each) => `${body[each]}\n\n${mailTexts[each]}\n${link}`).join('\n\n— — —\n\n');
  return { subject: languages.map((each) => subject[each]).join(' · '), text: `${text}\n` };
}

/** Writes the notification of a message for a browser: its subject, which names nobody, and where to read on. */
export const pushOf = ({
  code,
  subject,
  language,
}: Pick<Addressed, 'subject' | 'language'> & { code: string }): Push => ({
  title: 'Một cửa',
  body: subject[language ?? 'vi'],
  path: `/cases/${code}`,
});

/** Writes the SMS of a message: its subject, which names nobody, and where to read on. */
export function smsOf({ subject, link, language }: Omit<Addressed, 'body'>): string {
  return `${shortSms(subject, language)}: ${link}`;
}

/**
 * Writes an SMS of one short text. Vietnamese goes without diacritics, as otherwise a message of 160 characters
 * would become three.
 */
export const shortSms = (text: Text, language: 'vi' | 'en' | null): string => plain(text[language ?? 'vi']);

const plain = (text: string) =>
  text
    .normalize('NFD')
    .replaceAll(/\p{Mn}/gu, '')
    .replaceAll('đ', 'd')
    .replaceAll('Đ', 'D')
    .replaceAll('·', '-');

/** The notices that change somebody's rights or duties: whoever they are for is always told outside the pages too. */
const legal: ReadonlySet<string> = new Set([
  'extended',
  'nextRound',
  'notPlaced',
  'offered',
  'payment',
  'rejected',
  'reopened',
  'report-rejected',
  'report-result',
  'report-stopped',
  'report-supplement',
  'rescheduled',
  'result',
  'revoked',
  'stopped',
  'supplement',
  'waiting',
  'withdrawalRefused',
]);

/** Tells whether a notice must reach its reader whatever they chose. */
export const isLegal = (notice: string): boolean => legal.has(notice);
