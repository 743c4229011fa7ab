import { CancellationScope, isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import { attributes } from './attributes.ts';
import type { CaseRun } from './case-run.ts';
import { both } from './form.ts';
import type { Consultation, Recount, Transfer } from './messages.ts';
import { adHocConsultation } from './engine-tasks.ts';

/*
 * What comes upon a case from outside its story, at any time: it has been done in PostgreSQL already, or is drawn into
 * steps of its own. Nothing here counts on from the story's own numbers, as told again the order may be another one.
 */

/**
 * Counts the dates again after a change of the calendar; when the promised date moves, the applicant is told, with a
 * new slip.
 */
export async function recount(run: CaseRun, { act, recount, reason }: Recount): Promise<void> {
  if (run.hasSeen(act)) return;
  const promised = run.steps.dueAt;
  run.steps.add(
    { op: 'recount', change: recount, reason },
    `Tính lại thời hạn · Count again: ${both(reason)}`,
  );
  const { dueAt } = await run.steps.flush();
  if (dueAt === promised || run.decided) return;
  run.steps.addFromOutside(`rescheduled:${act}`, { op: 'notice', notice: 'rescheduled', data: { reason } });
  run.letter('form-01', { replaces: true, reason }, { number: -act });
  await run.steps.flush();
}

/**
 * Goes on at the agency to which the case has been transferred: its calendar counts from now on, what was consumed stays
 * consumed, (Decree 118/2025 Art. 18.2).
 */
export async function transfer(run: CaseRun, { act, from, to, name, reason }: Transfer): Promise<void> {
  if (run.hasSeen(act)) return;
  run.agency = to;
  upsertSearchAttributes([{ key: attributes.agency, value: to }]);
  run.steps.add(
    { op: 'recount', change: null, reason: { vi: reason, en: reason } },
    `Chuyển hồ sơ · Transfer: ${from} → ${to}`,
  );
  run.letter('transfer', { from, to: { name }, reason }, { number: act });
  await run.steps.flush();
}

/** Asks an agency for its opinion beside the story, which goes on meanwhile; whoever decides sees what was answered. */
export function consultBeside(run: CaseRun, consultation: Consultation): Promise<void> {
  if (!run.hasSeen(consultation.act)) askBeside(run, consultation);
  return Promise.resolve();
}

/** Opens the task of an agency that is asked beside the story, or goes on watching it in the next run of the case. */
export function askBeside(run: CaseRun, consultation: Consultation): void {
  const { act, agency, question, within, asker } = consultation;
  const task = { ...adHocConsultation, due: within };
  run.beside.add(consultation);
  // Nobody waits for it: when the case ends, the engine closes the task with the others.
  const asked = new CancellationScope().run(async () => {
    await run.perform('consult', task, { number: act, agency, context: { question, asker } });
    run.beside.delete(consultation);
  });
  // It may share a step with a decision that a withdrawal has forestalled, which ends the case.
  void asked.catch((failure: unknown) => {
    if (!isCancellation(failure)) throw failure;
  });
}
