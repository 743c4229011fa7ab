import { readFileSync } from 'node:fs';
import Handlebars from 'handlebars';
import { localTime } from '../workflows/engine/legal-clock.ts';
import type { CaseRow, Notice, TaskRow } from '../records/steps.ts';
import { deadlineOf } from './step-result.ts';

type Text = { vi: string; en: string };

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

/**
 * Writes a notice about a task to whoever is to perform it: who claimed it, the applicant, or the queue of a role at an
 * agency, `queue:<agency>:<role>`.
 */
export function taskNotice(row: CaseRow, task: TaskRow, notice: string, title: Text): Notice {
  const { role, agency, claimed_by: claimed } = task;
  // A payment is the treasury's to report, but the applicant's to make; and where a machine's silence would count, it is
  // the applicant who can do something about it.
  const counts = role === 'registry' && task.expires_at !== null;
  const applicants = role === 'citizen' || role === 'treasury' || counts;
  const recipient = applicants ? row.applicant_sub : (claimed ?? `queue:${agency ?? ''}:${role}`);
  const deadline = localTime(deadlineOf(task) ?? '');
  return { ...caseNotice(row, notice, { title, deadline }), recipient };
}

/** Writes a notice to the applicant of a case in both languages; subjects name the case, never the person. */
export function caseNotice(row: CaseRow, notice: string, data: Record<string, unknown>): Notice {
  const dueAt = row.due_at && localTime(row.due_at.toISOString());
  const shown = { code: row.code, dueAt, ...data };
  const vi = message(notice, 'vi', shown);
  const en = message(notice, 'en', shown);
  return {
    notice,
    recipient: row.applicant_sub,
    subject: { vi: vi.subject, en: en.subject },
    body: { vi: vi.body, en: en.body },
  };
}
