import { CancellationScope, isCancellation, upsertSearchAttributes } from '@temporalio/workflow';
import { attributes } from './attributes.ts';
import type { CaseRun } from './case-run.ts';
import { both } from './form.ts';
import type { Beside, Consultation, Opening, Recount, Transfer } from './messages.ts';
import { adHocConsultation } from './engine-tasks.ts';
import { perform } from './performing.ts';

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

/**
 * Opens a task beside the story, which goes on meanwhile: an agency that is asked for its opinion, or what the procedure has for
 * something that happens outside the case.
 */
export function openBeside(run: CaseRun, what: Beside): Promise<void> {
  if (!run.hasSeen(what.act)) watchBeside(run, what);
  return Promise.resolve();
}

/** Opens a task beside the story, or goes on watching it in the next run of the case. */
export function watchBeside(run: CaseRun, what: Beside): void {
  run.beside.add(what);
  // Nobody waits for it: when the case ends, the engine closes the task with the others.
  const asked = new CancellationScope().run(async () => {
    await ('task' in what ? open(run, what) : ask(run, what));
    run.beside.delete(what);
  });
  // It may share a step with a decision that a withdrawal has forestalled, which ends the case.
  void asked.catch((failure: unknown) => {
    if (!isCancellation(failure)) throw failure;
  });
}

const ask = (run: CaseRun, { act, agency, question, within, asker }: Consultation) =>
  run.perform(
    'consult',
    { ...adHocConsultation, due: within },
    { number: act, agency, context: { question, asker } },
  );

const open = (run: CaseRun, { act, task, context }: Opening) => perform(run, task, { number: act, context });
