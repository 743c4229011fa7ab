import type { Entry } from '../records/record.ts';
import type { CaseRow } from '../records/steps.ts';
import { askedAgency } from './agencies/connectors.ts';
import type { StepPart } from './cases.ts';
import type { Questions } from './agencies/questions.ts';
import { placeOf } from './step-result.ts';

/**
 * Keeps whose system a case waits for, or that it waits for none.
 *
 * @param question what that agency was asked; null when it has answered
 * @returns details for the record; undefined where nothing changes
 */
export function waitFor(
  row: CaseRow,
  question: keyof Questions | null,
  { at, told }: { at: Date; told: string },
): Record<string, unknown> | undefined {
  if (question === (row.waiting?.for ?? null)) return undefined;
  row.waiting = question
    ? { for: question, agency: askedAgency(question), since: at.toISOString(), told }
    : null;
  return { for: question };
}

/**
 * Ends a wait that nothing would end any more: a step that said whom the case waits for is told again after a crash and holds
 * something else in that place, as the agency has answered meanwhile.
 *
 * @returns what the record keeps of it
 */
export function answeredMeanwhile(
  row: CaseRow,
  step: StepPart,
): Pick<Entry, 'event' | 'details' | 'reference'> | undefined {
  const told = row.waiting?.told;
  const index = step.ops.findIndex((_, at) => told?.startsWith(placeOf(step, at)));
  if (index < 0 || step.ops[index]?.op === 'wait') return undefined;
  row.waiting = null;
  return { event: 'wait', details: { for: null }, reference: `${placeOf(step, index)}answered` };
}
