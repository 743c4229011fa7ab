import { CancellationScope } from '@temporalio/workflow';
import type { CaseRun } from './case-run.ts';
import type { WithdrawalDecision } from './engine-tasks.ts';

const summary = 'Rút hồ sơ · Withdraw';

/** Gives a citizen the right to withdraw until the decision, anew after an officer has refused it once. */
export function offerWithdrawal(run: CaseRun): void {
  if (!run.facts.tasks['withdraw']) return;
  const number = run.next('withdraw');
  run.steps.add({ op: 'open', task: 'withdraw', number, role: 'citizen', notBy: [], context: {} });
}

/**
 * Ends the story when the applicant withdraws before the decision (Decree 118/2025 Art. 21). Where sector law wants an
 * officer to approve it, the story goes on until then, but decides nothing.
 *
 * @param story the scope in which the story runs
 */
export function hearWithdrawal(run: CaseRun, story: CancellationScope): void {
  if (run.decided || run.withdrawal !== 'none' || !run.answered('withdraw', run.count('withdraw'))) return;
  if (!run.facts.withdrawal) return end(run, story);
  run.withdrawal = 'asked';
  // Nobody waits for it but a decision: when the case ends otherwise, the engine closes the task with the others.
  void new CancellationScope().run(() => askForApproval(run, story));
}

function end(run: CaseRun, story: CancellationScope): void {
  run.withdrawal = 'granted';
  story.cancel();
}

async function askForApproval(run: CaseRun, story: CancellationScope): Promise<void> {
  const task = run.facts.tasks['approveWithdrawal'];
  if (!task) throw new Error('the procedure lets nobody approve a withdrawal');
  const number = run.count('withdraw');
  const { answer } = await run.perform('approveWithdrawal', task, { number });
  const { decision, reason } = answer as WithdrawalDecision;
  if (decision === 'approve') return end(run, story);
  run.withdrawal = 'none';
  const key = `withdrawalRefused:${number}`;
  run.steps.addFromOutside(key, { op: 'notice', notice: 'withdrawalRefused', data: { reason } }, summary);
  offerWithdrawal(run);
  await run.flush();
}
