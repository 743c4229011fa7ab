import {
  allHandlersFinished,
  CancellationScope,
  condition,
  continueAsNew,
  isCancellation,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { attributes } from './attributes.ts';
import { campaignWords } from './campaign.ts';
import type { CaseRun } from './case-run.ts';
import { deliverResult, issueDocument, issueResult } from './correction.ts';
import type { CaseStart } from './messages.ts';
import { answerOf, ask, engineTask, perform, taskFunctions } from './performing.ts';
import { openSubCase } from './sub-case.ts';
import type { z } from 'zod';
import type { Placed, Receipt, SecondSupplement } from './engine-tasks.ts';
import type { Limit } from './legal-clock.ts';
import type { Facts } from './procedure.ts';
import type { ConsultationAnswer, Missing, Story } from './story.ts';

/** Makes the words of a story for one case. */
export function words(run: CaseRun): Story<Facts> {
  const { code } = run.start;
  return {
    case: {
      code,
      get agency() {
        return run.agency;
      },
    },
    get application() {
      return run.application;
    },
    tasks: taskFunctions(run),
    beside: (part) => beside(part),
    campaign: run.facts.campaign && (campaignWords(run, run.facts.campaign) as never),
    round: run.start.round as never,
    placement: async () => answerOf(await perform(run, 'placement')) as Placed | 'amended',
    place: (to) => run.steps.add({ op: 'place', to }),
    ask: ask(run) as Story<Facts>['ask'],
    accept: (situation) => accept(run, situation),
    handTo: (agency, reason) => handTo(run, agency, reason),
    reopen: (again) => reopen(run, again),
    reject: (reasons) => reject(run, reasons),
    consult: (of, question) => consultAll(run, of, question),
    supplement: (missing) => supplement(run, missing),
    subCase: (name) => openSubCase(run, name),
    turnTo: (chapter, state) => turnTo(run, chapter, state),
    pay: (units) => pay(run, units),
    notify: (notice, data = {}) => notify(run, notice, data),
    issue: (document, data) => issue(run, document, data),
    publish: (document, data) => publish(run, document, data),
  };
}

/** Runs a part of the story that nobody awaits; what is cancelled with the case ends with it. */
function beside(part: () => Promise<unknown>): void {
  void new CancellationScope().run(part).catch((failure: unknown) => {
    if (!isCancellation(failure)) throw failure;
  });
}

async function accept(run: CaseRun, situation?: string | { limit: Limit }): Promise<void> {
  run.limit = limitIn(run, situation);
  run.steps.add({ op: 'state', state: 2 }, 'Tiếp nhận hồ sơ · Accept');
  run.steps.add({ op: 'clock', to: 'start', limit: run.limit });
  run.steps.add({ op: 'notice', notice: run.notice('accepted'), data: {} });
  run.steps.add({ op: 'state', state: 4 });
  run.letter('form-01');
  await run.flush();
}

function limitIn({ facts }: CaseRun, situation?: string | { limit: Limit }): Limit {
  if (typeof situation === 'object') return situation.limit;
  return (situation ? facts.limits?.[situation] : undefined) ?? facts.limit;
}

async function handTo(run: CaseRun, agency: string, reason = ''): Promise<void> {
  const from = run.agency;
  if (agency === from) return;
  run.steps.add({ op: 'hand', to: agency, reason }, `Chuyển xử lý · Hand over: ${from} → ${agency}`);
  await run.flush();
  run.agency = agency;
  upsertSearchAttributes([{ key: attributes.agency, value: agency }]);
  // From here on another calendar counts.
  run.steps.add({ op: 'recount', change: null, reason: { vi: reason, en: reason } });
}

async function reopen(
  run: CaseRun,
  { limit, reason = '' }: { limit?: Limit; reason?: string } = {},
): Promise<void> {
  if (run.provisional && !run.provisional.takenUp) {
    run.provisional.takenUp = true;
    run.decided = false;
    run.steps.add({ op: 'state', state: 4 }, `Mở lại · Reopen: ${reason}`);
    run.steps.add({ op: 'notice', notice: 'reopened', data: {} });
  }
  if (limit) run.limit = limit;
  run.steps.add(
    limit ? { op: 'clock', to: 'restart', limit } : { op: 'clock', to: 'resume' },
    'Tiếp tục xử lý · Go on',
  );
  await run.flush();
}

async function reject(run: CaseRun, reasons: string): Promise<'rejected'> {
  await run.decide();
  run.letter('form-03', { reasons });
  // What the applicant was asked to complete is stopped, no longer refused at the door.
  if (run.steps.state === 1) run.steps.add({ op: 'state', state: 3 }, 'Từ chối tiếp nhận · Not accepted');
  run.steps.add({ op: 'notice', notice: run.notice('rejected'), data: { reasons } });
  return 'rejected';
}

/** Asks agencies at once; where sector law says so, the time until they have answered is theirs. */
async function consultAll(run: CaseRun, of: readonly string[], question: string) {
  const pauses = of.length > 0 && run.facts.consultations?.clock === 'pause';
  if (pauses) run.steps.add({ op: 'clock', to: 'pause', waitsFor: 'agency' });
  const answers = await Promise.all(of.map((name) => consult(run, name, question)));
  if (pauses) run.steps.add({ op: 'clock', to: 'resume' });
  return answers;
}

async function consult(run: CaseRun, name: string, question: string): Promise<ConsultationAnswer> {
  const task = engineTask(run, `consult.${name}`);
  // The agency's own system is told too, if it has one; its officers can answer the task meanwhile.
  const answered = await perform(run, `consult.${name}`, {
    consultation: name,
    context: { question, consultation: name },
  });
  const silent = 'expired' in answered;
  const opinion = silent
    ? { opinion: task.silence === 'refusal' ? ('object' as const) : ('agree' as const), reason: '' }
    : (answered.answer as ConsultationAnswer);
  return {
    of: name,
    agency: answered.agency ?? '',
    silent,
    opinion: opinion.opinion,
    reason: opinion.reason,
  };
}

const supplementedReason = {
  vi: 'Hồ sơ đã được bổ sung đầy đủ.',
  en: 'What was missing has been supplied.',
};

async function supplement(run: CaseRun, missing: Missing[]): Promise<boolean> {
  const rule = run.facts.supplement;
  const task = engineTask(run, 'supply');
  if (!rule) throw new Error('the facts declare no supplement request');
  const again = run.next('supplement') > 1 ? await askForAnother(run, missing) : undefined;
  if (again?.decision === 'refuse') return false;
  const accepted = run.steps.dueAt !== undefined;
  run.steps.add({ op: 'state', state: 5 }, 'Yêu cầu bổ sung · Ask for a supplement');
  run.steps.add({ op: 'clock', to: 'pause', waitsFor: 'applicant' });
  const named = missing.map(({ what, reason }) => ({ what: run.facts.names[what]?.vi ?? what, reason }));
  run.steps.add({ op: 'notice', notice: run.notice('supplement'), data: { missing: named } });
  const supplied = await run.perform('supply', task, {
    context: { missing },
    announce: (until) =>
      run.letter(
        'form-02',
        { missing: named, silence: rule.silence, ...(again ? { again: again.reason } : {}) },
        { until },
      ),
  });
  const expired = 'expired' in supplied;
  // Where silence closes the case, it is stopped as it stands, and the story has only to end.
  if (expired && rule.silence === 'closing') {
    run.stopped = 'unsupplied';
    return false;
  }
  if (!accepted) return !expired;
  run.steps.add({ op: 'state', state: 4 });
  run.steps.add({ op: 'clock', to: 'resume' });
  if (expired) return false;
  if (rule.clock === 'restart') run.steps.add({ op: 'clock', to: 'restart', limit: run.limit });
  run.letter('form-01', { replaces: true, reason: supplementedReason });
  return true;
}

/** A second request is the head's to allow, with the reason that Form 02 then states. */
async function askForAnother(run: CaseRun, missing: Missing[]): Promise<z.infer<typeof SecondSupplement>> {
  const { answer } = await perform(run, 'supplementAgain', { context: { missing } });
  return answer as z.infer<typeof SecondSupplement>;
}

async function turnTo(run: CaseRun, chapter: string, state: unknown): Promise<never> {
  // What has gathered, a withdrawal that is being decided on, an apology and what handlers still write belong to this run.
  await condition(() => run.withdrawal === 'none');
  await run.flush();
  if (run.decided) await run.endApology();
  await condition(allHandlersFinished);
  return continueAsNew<(start: CaseStart) => Promise<string>>({
    ...run.start,
    agency: run.agency,
    application: run.application,
    chapter: run.carry(chapter, state),
  });
}

/** How soon a fee that was paid online must be in the budget (Decree 118/2025 Art. 24.3). */
const remittance: Limit = '8wh';

async function pay(run: CaseRun, units?: Readonly<Record<string, number>>): ReturnType<Story<Facts>['pay']> {
  // What an appeal has reopened was paid for.
  if (run.start.reopens) return { amount: 0, paidAt: new Date().toISOString(), receipt: '0' };
  const tariff = { amount: run.facts.fee?.amount ?? 0, units };
  const { amount } = (await ask(run)('fee', tariff)) as { amount: number };
  if (amount === 0) return { amount, paidAt: new Date().toISOString(), receipt: '0' };
  run.steps.add({ op: 'state', state: 6 }, 'Yêu cầu nộp lệ phí · Ask for the fee');
  run.steps.add({ op: 'clock', to: 'pause', waitsFor: run.facts.fee?.waitsFor ?? 'applicant' });
  run.steps.add({ op: 'notice', notice: 'payment', data: { amount } });
  const paid = await perform(run, 'pay', { context: { amount } });
  if ('expired' in paid && run.facts.fee?.silence === 'closing') {
    run.stopped = 'unpaid';
    return undefined;
  }
  run.steps.add({ op: 'state', state: 4 });
  run.steps.add({ op: 'clock', to: 'resume' });
  if ('expired' in paid) return undefined;
  const receipt = paid.answer as z.infer<typeof Receipt>;
  if (receipt.where === 'counter') void run.shield.run(() => ask(run)('cancelPayment', {}));
  const within = run.facts.fee?.remitWithin ?? remittance;
  run.steps.add({ op: 'fee', number: run.count('pay'), receipt, within });
  return receipt;
}

async function notify(run: CaseRun, notice: string, data: Record<string, unknown>): Promise<void> {
  run.steps.add({ op: 'notice', notice, data }, `Thông báo · Tell: ${notice}`);
  await run.flush();
}

async function issue(run: CaseRun, document: string, data: Record<string, unknown>) {
  // What was delivered decides the case for good; later documents tell what has become of it since.
  if (run.steps.state === 10) return issueResult(run, document, data);
  await run.decide();
  await run.flush();
  const issued = await issueResult(run, document, data, { supersedes: run.provisional?.id });
  if (run.facts.documents[document]?.provisional) {
    run.provisional = { id: issued.id, takenUp: false };
    await run.flush();
  } else await deliverResult(run, document, issued);
  return issued;
}

async function publish(run: CaseRun, document: string, data: Record<string, unknown>) {
  await run.flush();
  const issued = await issueDocument(run, document, data);
  run.steps.add({ op: 'notice', notice: 'document', data: {} });
  return issued;
}
