import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import type { Transaction } from '../records/db.ts';
import { localTime } from '../workflows/engine/legal-clock.ts';
import { keepNotice, type LockedCase } from '../records/steps.ts';

const compiled = new Map<string, (data: Record<string, unknown>) => string>();

/** Renders a message of templates/messages; the first line is its subject. Missing variables are errors. */
function message(
  notice: string,
  language: 'vi' | 'en',
  data: Record<string, unknown>,
): { subject: string; body: string } {
  const name = `${notice}.${language}.hbs`;
  let template = compiled.get(name);
  if (!template) {
    const source = readFileSync(new URL(`../templates/messages/${name}`, import.meta.url), 'utf8');
    template = Handlebars.compile(source, { strict: true, noEscape: true });
    compiled.set(name, template);
  }
  const [subject = '', ...body] = template(data).split('\n');
  return { subject, body: body.join('\n').trim() };
}

/** Keeps a notice to the applicant of a case, in both languages; subjects name the case, never the person. */
export async function keepCaseNotice(
  trx: Transaction,
  row: LockedCase,
  notice: string,
  data: Record<string, unknown>,
  at: Date,
): Promise<void> {
  const dueAt = row.due_at && localTime(row.due_at.toISOString());
  const shown = { code: row.code, dueAt, ...data };
  const [vi, en] = (['vi', 'en'] as const).map((language) => message(notice, language, shown));
  await keepNotice(trx, {
    caseCode: row.code,
    notice,
    recipient: row.applicant_sub,
    subject: { vi: vi?.subject, en: en?.subject },
    body: { vi: vi?.body, en: en?.body },
    at,
  });
}
