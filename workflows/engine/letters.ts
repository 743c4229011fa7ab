import type { LetterForm } from '../../activities/documents/letters.ts';
import { reliably } from './activities.ts';
import type { CaseRun } from './case-run.ts';

/** Issues one of the legal forms that the engine writes itself, sealed by the agency, once for each number. */
export async function letter(run: CaseRun, form: LetterForm, data: Record<string, unknown> = {}) {
  const at = new Date().toISOString();
  await reliably(run.shield, {
    verb: 'letter',
    object: form,
    summary: `Văn bản · Letter: ${form}`,
    args: [{ case: run.start.code, letter: form, number: run.next(form), at, data }],
  });
}
