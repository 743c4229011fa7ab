import { engine } from '../records/actor.ts';
import type { Entry } from '../records/record.ts';
import type { CaseRow } from '../records/steps.ts';
import { askedAgency } from './agencies/connectors.ts';
import type { StepPart } from './cases.ts';

/**
 * Keeps whose system a case waits for. Every step of a story says it anew, so that a story that is told again, after a crash or in
 * another run, waits for nobody whom it does not ask.
 *
 * @returns the entry for the record; undefined where nothing changes
 */
export function waitsNow(row: CaseRow, { run, step, at, waits }: StepPart): Entry | undefined {
  if (waits === undefined || row.closed_at || waits === (row.waiting?.for ?? null)) return undefined;
  row.waiting = waits && { for: waits, agency: askedAgency(waits), since: at };
  // A step that is told again may say something else, and the first thing once more.
  const reference = `step:${run}:${step}:waits:${at}`;
  return { at: new Date(at), actor: engine, event: 'wait', details: { for: waits }, reference };
}
