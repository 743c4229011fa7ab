import { messageOf } from '../messaging/messages.ts';
import { localTime } from '../workflows/engine/legal-clock.ts';
import type { CaseRow, Notice, TaskRow } from '../records/steps.ts';
import { deadlineOf } from './step-result.ts';

type Text = { vi: string; en: string };

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
  return { notice, recipient: row.applicant_sub, ...messageOf(notice, { code: row.code, dueAt, ...data }) };
}
