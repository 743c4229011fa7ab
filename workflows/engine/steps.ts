import {
  setCurrentDetails,
  upsertSearchAttributes,
  workflowInfo,
  type CancellationScope,
} from '@temporalio/workflow';
import type { CountedOp, Op, Step, StepResult } from '../../activities/cases.ts';
import { carryOut } from './activities.ts';
import { attributes } from './attributes.ts';
import { localTime } from './legal-clock.ts';
import { stateText, type CaseState } from './states.ts';

type Question = NonNullable<Step['waits']>;

/** What the steps of one run hand over to those of the next: how many changes there were, and where the case stands. */
export interface CarriedSteps {
  changes: number;
  state: CaseState;
  dueAt?: string;
}

interface StepsOfACase {
  code: string;
  title: string;
  shield: CancellationScope;
  watch: (result: StepResult) => void;
  goesOnFrom: CarriedSteps | undefined;
}

/**
 * The steps of a case: what the story does gathers here and becomes durable in one transaction, one local
 * activity, before the story waits for anything. Parallel branches of a story share a step.
 */
export class Steps {
  readonly #code: string;
  readonly #title: string;
  readonly #shield: CancellationScope;
  #ops: CountedOp[] = [];
  #changes = 0;
  #summaries: string[] = [];
  #number = 0;
  #next: Promise<StepResult> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #state: CaseState = 1;
  #dueAt: string | undefined;
  readonly #open = new Map<string, string>();
  /** What agencies were asked that do not answer, the longest wait first. */
  readonly #unanswered = new Map<string, Question>();

  readonly #watch: (result: StepResult) => void;

  /**
   * @param watch told of every result before the story hears of it
   * @param goesOnFrom what the run before has carried over
   */
  constructor({ code, title, shield, watch, goesOnFrom }: StepsOfACase) {
    this.#code = code;
    this.#title = title;
    this.#shield = shield;
    this.#watch = watch;
    if (!goesOnFrom) return;
    this.#changes = goesOnFrom.changes;
    this.#state = goesOnFrom.state;
    this.#dueAt = goesOnFrom.dueAt;
  }

  /** What the steps of the next run go on from. */
  carry(): CarriedSteps {
    return { changes: this.#changes, state: this.#state, ...(this.#dueAt ? { dueAt: this.#dueAt } : {}) };
  }

  /** Adds to the next step; the summary is what an admin reads in the Temporal UI. */
  add(op: Op, summary?: string): void {
    this.#ops.push(isChange(op) ? { ...op, count: ++this.#changes } : op);
    if (summary) this.#summaries.push(summary);
  }

  /**
   * Adds what does not come from the story, and so in no certain order when the case is told again.
   *
   * @param key under what the record keeps it, so that it is done once in the life of the case
   */
  addFromOutside(key: string, op: Op, summary?: string): void {
    this.#ops.push({ ...op, outside: key });
    if (summary) this.#summaries.push(summary);
  }

  /** Says that an agency does not answer. */
  unanswered(number: number, question: Question): void {
    this.#unanswered.set(`${question}#${number}`, question);
    this.add({ op: 'wait' }, `Chờ · Waiting for: ${question}`);
  }

  /** Says that it has answered, or need not any more. */
  answered(number: number, question: Question): void {
    this.#unanswered.delete(`${question}#${number}`);
    this.add({ op: 'wait' });
  }

  /** Writes what has gathered; resolves when it is durable. */
  flush(): Promise<StepResult> {
    this.#next ??= this.#write();
    return this.#next;
  }

  /** The due instant of the case (ISO 8601), as the last step left it. */
  get dueAt(): string | undefined {
    return this.#dueAt;
  }

  /** The state of the case, as the last step left it. */
  get state(): CaseState {
    return this.#state;
  }

  /** What is waited for now, as it was told. */
  get waits(): string[] {
    return [...this.#open.values()];
  }

  /** Tells who is waited for, in the current details of the workflow. */
  waitingFor(key: string, what: string | undefined): void {
    if (what) this.#open.set(key, what);
    else this.#open.delete(key);
    this.#describe();
  }

  async #write(): Promise<StepResult> {
    // However long ago the last step was, this takes a turn in which parallel branches of the story add their part.
    await this.#last;
    const ops = this.#ops;
    const summary = this.#summaries.join('; ');
    this.#ops = [];
    this.#summaries = [];
    this.#next = undefined;
    const step = ++this.#number;
    const [waits = null] = this.#unanswered.values();
    const at = new Date().toISOString();
    const args = { case: this.#code, run: workflowInfo().runId, step, at, ops, waits };
    const begun = workflowInfo().historyLength;
    const writing = carryOut(this.#shield, { verb: 'step', object: nameOf(ops), summary, args: [args] });
    this.#last = writing;
    const result: Partial<StepResult> = await writing;
    // A history of other code may hold another activity's answer in this place: Temporal compares markers by their number.
    if (!isResult(result))
      throw new Error(
        `Nondeterminism: after event ${begun} this code makes "step ${nameOf(ops)}", and the history does not`,
      );
    this.#publish(result);
    this.#watch(result);
    return result;
  }

  #publish(result: StepResult): void {
    if (result.state === this.#state && result.dueAt === this.#dueAt) return;
    this.#state = result.state;
    this.#dueAt = result.dueAt;
    upsertSearchAttributes([
      { key: attributes.caseState, value: stateText(result.state) },
      { key: attributes.dueDate, value: result.dueAt ? new Date(result.dueAt) : null },
    ]);
    this.#describe();
  }

  #describe(): void {
    const waits = this.waits.map((what) => `- ${what}`);
    setCurrentDetails(
      [
        // A link back from the Temporal UI, which admins see below the same address.
        `**[${this.#code}](/cases/${this.#code})** · ${this.#title}`,
        `Trạng thái · State: **${stateText(this.#state)}**`,
        this.#dueAt ? `Hẹn trả · Due: **${localTime(this.#dueAt)}**` : '',
        waits.length > 0 ? `Đang chờ · Waiting for:\n${waits.join('\n')}` : '',
      ]
        .filter(Boolean)
        .join('\n\n'),
    );
  }
}

const isResult = (result: Partial<StepResult>): result is StepResult =>
  'tasks' in result && 'state' in result;

/** What the story itself brings about, in the same order whenever the case is told. */
const isChange = ({ op }: Op) => ['state', 'clock', 'notice', 'hand', 'place'].includes(op);

/** Names a step after what it does for people: the task that it opens, or its most telling operation. */
function nameOf(ops: Op[]): string {
  const opened = ops.filter((op) => op.op === 'open' && op.task !== 'withdraw');
  if (opened.length > 0) return `open ${opened.map((op) => (op as { task: string }).task).join(', ')}`;
  const telling =
    ops.find((op) => op.op === 'finish') ??
    ops.find(({ op }) => op === 'clock' || op === 'escalate' || op === 'warn') ??
    ops[0];
  switch (telling?.op) {
    case 'finish':
      return `finish ${telling.outcome}`;
    case 'clock':
      return `${telling.to} clock`;
    case 'open':
    case 'close':
    case 'warn':
    case 'escalate':
      return `${telling.op} ${telling.task}`;
    case 'hand':
      return `hand to ${telling.to}`;
    case 'state':
    case 'wait':
    case 'notice':
    case 'letter':
    case 'fee':
    case 'place':
    case 'recount':
    case undefined:
      return telling?.op ?? 'nothing';
  }
}
