import { readdirSync, readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { describe, expect, test } from 'vitest';
import { isLegal, mailOf, messageOf, messageTemplates, sampleMessage, shortSms, smsOf } from './messages.ts';

const folder = new URL('../templates/messages/', import.meta.url);
const files = readdirSync(folder);
const notices = messageTemplates().map(({ name }) => name.replace('messages/', ''));
const code = 'H29.16-261122-0001';
const link = `https://dichvucong.thanhpho.example.vn/cases/${code}`;

/** The values that a text names in its first line. */
function namedInSubject(file: string): string[] {
  const [subject = ''] = readFileSync(new URL(file, folder), 'utf8').split('\n');
  const { body } = Handlebars.parse(subject);
  return body.flatMap((part) => {
    if (part.type === 'ContentStatement') return [];
    if (part.type === 'MustacheStatement')
      return [((part as hbs.AST.MustacheStatement).path as hbs.AST.PathExpression).original];
    return [part.type];
  });
}

describe.each(notices)('the message "%s"', (notice) => {
  test('is written in both languages, and its subject names the case and nobody', () => {
    for (const language of ['vi', 'en'])
      expect(namedInSubject(`${notice}.${language}.hbs`)).toEqual(['code']);
    const { subject, body } = sampleMessage(notice);
    expect(Object.values(subject).every((text) => text.includes(code))).toBe(true);
    expect(Object.values(body).every((text) => text.length > 20)).toBe(true);
  });

  test('fits one SMS in the alphabet of GSM, in either language', () => {
    const { subject } = sampleMessage(notice);
    for (const language of [null, 'vi', 'en'] as const) {
      const text = smsOf({ subject, link, language });
      expect(text).toMatch(/^[A-Za-z0-9 .,:;!?"'()/+-]+$/);
      expect(text.length).toBeLessThanOrEqual(160);
    }
  });
});

test('a code for a phone fits one SMS, too', () => {
  const { body } = sampleMessage('phone-code');
  for (const language of [null, 'en'] as const)
    expect(shortSms(body, language)).toMatch(/^123456 [A-Za-z0-9 .,-]{20,150}$/);
});

test('there is nothing else among the messages', () => {
  const known = notices.flatMap((notice) => [`${notice}.en.hbs`, `${notice}.vi.hbs`]);
  expect(files.sort()).toEqual([...known, 'sample.json'].sort());
});

test('every legal notice is one that exists', () => {
  expect(notices.filter(isLegal)).toHaveLength(18);
});

test('a mail says in the reader’s language where to read on', () => {
  const message = { ...sampleMessage('received'), link };
  expect(mailOf({ ...message, language: 'en' }).text).toContain(`Read the case at:\n${link}`);
  expect(mailOf({ ...message, language: null }).subject).toBe(
    `Hồ sơ ${code} đã đến · Case ${code} has arrived`,
  );
});

test('a text that lacks a value is an error, not a gap', () => {
  expect(() => messageOf('result', { code })).toThrow('document');
});
