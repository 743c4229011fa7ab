import { randomUUID } from 'node:crypto';
import { IdentityAnswer } from '../../activities/agencies/resident-registry.ts';
import { ParcelAnswer } from '../../activities/agencies/land-registry.ts';
import { PlanningAnswer } from '../../activities/agencies/planning.ts';
import { applyStep } from '../../activities/apply-step.ts';
import type { Step, StepResult } from '../../activities/cases.ts';
import type { CaseNow, TaskRow } from '../../records/steps.ts';
import { dueOf, type ClockAccount } from '../../workflows/engine/clock-account.ts';
import { withoutPersonal } from '../../workflows/engine/form.ts';
import type { Procedure } from '../../workflows/engine/index.ts';
import { workingMinutesBetween } from '../../workflows/engine/legal-clock.ts';
import { actSignal } from '../../workflows/engine/messages.ts';
import type { Course } from '../../workflows/lint.ts';
import { sampleCalendar, sampleRows } from '../calendar.ts';
import { answerTo, applicationOf, type Hints } from './answers.ts';
import { campaignAnswer, decisionOf, dryDeed, dryRound } from './dry-campaign.ts';
import { Run, type PendingCall } from './run.ts';
import type { Sandbox } from './sdk.ts';

const calendar = sampleCalendar();
const code = 'H29.16-261123-0001';
const mostTurns = 80;

/**
 * Runs a story once without records and agencies: its words are heard, its steps applied in memory, its questions
 * answered as the seed draws; people answer at the last minute that they have, or let a wait expire.
 *
 * @returns undefined when the story was not at its end after many acts, as when a draft is sent back again and again
 */
export async function dryRun(
  sandbox: Sandbox,
  id: string,
  procedure: Procedure,
  seed: number,
): Promise<Course | undefined> {
  return new DryRun(sandbox, id, procedure, seed).course();
}

class DryRun {
  readonly #id: string;
  readonly #procedure: Procedure;
  readonly #run: Run;
  readonly #course: Course = { path: [], outcome: '', waits: [], papers: [], lateMinutes: 0, repeats: false };
  #case: CaseNow;
  #now: number;
  #seed: number;
  #acts = 1;
  /** Tasks that were opened since the clock began to count. */
  #since = new Set<string>();

  constructor(sandbox: Sandbox, id: string, procedure: Procedure, seed: number) {
    this.#id = id;
    this.#procedure = procedure;
    this.#seed = seed;
    // A Wednesday morning, so that weekends come into it.
    this.#now = Date.parse('2026-09-09T01:00:00Z');
    const application = withoutPersonal(procedure.application, applicationOf(id, procedure, seed % 2));
    const round = procedure.membership ? { round: dryRound(this.#now) } : {};
    const input = { code, agency: 'H29.16', application, ...round };
    this.#run = new Run(sandbox, { type: id, id: code, input });
    this.#case = filed(id);
  }

  async course(): Promise<Course | undefined> {
    await this.#run.begin(this.#now);
    for (let turn = 0; turn < mostTurns; turn++) {
      await this.#answerCalls();
      if (this.#run.closed) {
        const outcome = this.#run.result as string;
        await this.#run.close();
        return { ...this.#course, outcome };
      }
      await this.#somebodyActs();
    }
    await this.#run.close();
    return undefined;
  }

  async #answerCalls(): Promise<void> {
    for (;;) {
      const [child] = this.#run.children.values();
      if (child) await this.#run.childStarts(child.seq, randomUUID(), this.#now);
      const [call] = this.#run.calls.values();
      if (!call && !child) return;
      if (!call) continue;
      await this.#run.answer(call.seq, this.#answer(call), this.#now);
    }
  }

  #answer({ type, args }: PendingCall): unknown {
    const request = args[0] as {
      question: string;
      document: string;
      data: unknown;
      details: { amount?: number };
    };
    switch (type.split(' ', 1)[0] ?? '') {
      case 'step':
        return this.#step(args[0] as Step);
      case 'issue':
        this.#course.papers.push({ document: request.document, data: request.data });
        this.#decided();
        return { id: randomUUID(), registerNumber: '1' };
      case 'file':
        return filedBelow;
      case 'ask':
        return this.#told(request.question, request.details);
      default:
        return dryDeed(type, this.#draw(4));
    }
  }

  /** What an agency answers; a question that is new here is answered with what it asks. */
  #told(question: string, details: { amount?: number }): unknown {
    const forms = { identity: IdentityAnswer, parcel: ParcelAnswer, planning: PlanningAnswer };
    if (question === 'healthRecord')
      return { found: this.#id === 'healthConsent' ? this.#draw(4) > 0 : this.#draw(8) === 0 };
    if (question === 'publishRecord') return { published: true };
    if (question === 'grantConsent') return { granted: true };
    if (question === 'marriage') return { known: this.#draw(2) === 0 };
    if (question === 'birth') return { certificate: 'found', mismatches: [], motherAgeUnusual: false };
    if (question === 'routing') return { ...sampleRouting, sampled: this.#draw(2) === 0 };
    if (question === 'merge') return { merged: this.#draw(2) === 0 };
    if (question === 'publish') return { published: true };
    if (question === 'fee') return { amount: this.#draw(2) === 0 ? 10_000 : 0 };
    const campaigns = campaignAnswer(question, this.#draw(4));
    if (campaigns) return campaigns;
    const form = forms[question as keyof typeof forms];
    return form ? answerTo(form, this.#draw(50)) : details;
  }

  #step(step: Step): StepResult {
    for (const op of step.ops) {
      if (op.op === 'letter') this.#course.papers.push({ document: op.letter, data: op.data });
      if (op.op === 'clock' && (op.to === 'start' || op.to === 'restart')) this.#since.clear();
      if (op.op === 'open' && op.task !== 'extend') {
        if (this.#since.has(op.task)) this.#course.repeats = true;
        this.#since.add(op.task);
      }
    }
    const ops = step.ops.filter(({ op }) => op !== 'letter');
    const { changes, result } = applyStep(this.#case, { ...step, ops, first: 0 });
    const changed = new Map(changes.changed.map((task) => [task.id, task]));
    const tasks = [...this.#case.tasks.map((task) => changed.get(task.id) ?? task), ...changes.opened];
    this.#case = { ...this.#case, row: changes.row, tasks };
    for (const { name, role, context, due_at, expires_at } of changes.opened)
      if (name !== 'withdraw')
        this.#course.waits.push({ task: name, role, deadline: due_at ?? expires_at, context });
    return result;
  }

  /** By how much the decision came after the date that was promised at first. */
  #decided(): void {
    const { clock, clock_account: counted } = this.#case.row;
    const account = counted as ClockAccount | null;
    // What is issued after the decision is promised for no day; where a task is done again, nobody asks by how much it is late.
    if (!account || clock === 'stopped' || this.#course.repeats) return;
    const { at: promised } = dueOf({ ...account, extended: null }, calendar);
    // Where the promise was kept before, what follows is no longer counted.
    const kept = account.stopped ? new Date(account.stopped) : new Date(this.#now);
    const minutes = workingMinutesBetween(promised, kept, calendar);
    this.#course.lateMinutes = Math.max(this.#course.lateMinutes, minutes);
  }

  /** The open task that is due first is answered at its last minute, or expires. */
  async #somebodyActs(): Promise<void> {
    // What has no deadline is answered some day, if ever.
    const deadline = ({ due_at, expires_at }: TaskRow) =>
      due_at || expires_at ? Date.parse(due_at ?? expires_at ?? '') : this.#now + 30 * 86_400_000;
    const waiting = this.#case.tasks
      .filter(({ state, name }) => state === 'open' && name !== 'withdraw')
      .sort((a, b) => deadline(a) - deadline(b));
    const [task] = waiting.filter(({ name }) => name !== 'extend');
    if (!task) return this.#ring(this.#run.timers.values().next().value?.at ?? this.#now);
    const silent = task.expires_at !== null && this.#draw(3) === 0;
    const at = deadline(task);
    await this.#ring(silent || Number.isNaN(at) ? at + 1_000 : at - 1_000);
    if (silent) this.#course.path.push(`${task.name} expired`);
    else await this.#complete(this.#case.tasks.find(({ id }) => id === task.id)!);
  }

  /** Lets time pass to an instant, timer by timer. */
  async #ring(to: number): Promise<void> {
    for (;;) {
      const [next] = [...this.#run.timers.values()].sort((a, b) => a.at - b.at);
      if (!next || next.at > to) break;
      this.#now = Math.max(this.#now, next.at);
      await this.#run.tell({ rings: [next.seq] }, this.#now);
      await this.#answerCalls();
    }
    this.#now = Math.max(this.#now, to);
  }

  async #complete(task: TaskRow): Promise<void> {
    const form = this.#procedure.tasks[task.name]?.form;
    if (!form) throw new Error(`${this.#id} has no task ${task.name}`);
    const kinds = Object.keys(this.#procedure.papers);
    const ends: Hints = task.name.startsWith('case.') ? { outcome: ['granted', 'refused', 'withdrawn'] } : {};
    const hints = { kind: kinds, what: kinds, ...ends };
    const answer =
      task.name === 'placement'
        ? decisionOf(this.#draw(3), this.#now)
        : answerTo(form, this.#draw(2) === 0 ? 0 : this.#draw(1000), hints);
    task.state = 'done';
    task.answer = answer;
    this.#course.path.push(task.name);
    const act = { act: ++this.#acts, task: task.name, number: task.number, answer };
    await this.#run.tell({ signals: [{ name: actSignal(task.name).name, input: act }] }, this.#now);
  }

  #draw(below: number): number {
    this.#seed = (Math.imul(this.#seed, 1_664_525) + 1_013_904_223) >>> 0;
    return (this.#seed >>> 8) % below;
  }
}

/** Who deals with an incident in a city that has everybody. */
const sampleRouting = {
  service: 'street-light',
  name: { vi: 'Đèn chiếu sáng', en: 'Street light' },
  severity: 2,
  lead: 'H29.33',
  support: ['G01.16'],
  team: 'H29.33.01',
  verify: '2wh',
  forward: '1h',
  acknowledge: '4h',
  resolve: '24h',
  ward: 'H29.16',
  channel: 'online',
};

/** A sub-case as its parent learns of it; how it ends is drawn as the answer to the task that waits for it. */
const filedBelow = {
  procedure: 'below',
  procedureCode: '9.000000',
  agency: 'H29.16',
  title: '',
  start: { code: `${code}-1`, agency: 'H29.16', application: {} },
};

/** A case that was filed, in memory; every kind of consultation has an agency. */
function filed(procedure: string): CaseNow {
  const row = {
    code,
    procedure,
    agency: 'H29.16',
    applicant_sub: 'an',
    state: 1,
    accepted_at: null,
    due_at: null,
    due_derivation: null,
    clock: 'not-started' as const,
    clock_account: null,
    closed_at: null,
    outcome: null,
    waiting: null,
    run_id: null,
    last_change: 0,
    parent_task: null,
    record_length: 1,
    record_hash: Buffer.alloc(32),
  };
  return {
    row,
    tasks: [],
    consulted: new Proxy({}, { get: () => 'H29.21' }),
    calendar: sampleRows(),
    recorded: [],
    above: {},
  };
}
