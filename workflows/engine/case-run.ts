import { CancellationScope, CancelledFailure, condition } from '@temporalio/workflow';
import type { StepResult, TaskState } from '../../activities/cases.ts';
import type { LetterForm } from '../../activities/documents/letters.ts';
import { Alarm } from './alarm.ts';
import { Lateness, type Watched } from './lateness.ts';
import { both } from './form.ts';
import type { Act, Amendment, Beside, CaseStart, Chapter } from './messages.ts';
import type { Procedure } from './procedure.ts';
import type { Due, TaskFacts } from './task-facts.ts';
import { Steps } from './steps.ts';
import type { TaskContext } from './story.ts';
import { localTime, type Limit } from './legal-clock.ts';

// The SDK takes a stack trace of every promise that a story makes; at V8's ten frames that was a third of all work in
// the sandbox. Four still name the place of an error.
Error.stackTraceLimit = 4;

const keyOf = (task: string, number: number) => `${task}#${number}`;

/** How a task is opened, where its facts do not say. */
interface PerformOptions {
  context?: TaskContext | undefined;
  due?: Due | undefined;
  consultation?: string;
  /** The agency that performs it, where it is neither the case's nor one that the city names for a kind of consultation. */
  agency?: string;
  /** The instant (ISO 8601) when the task expires, instead of its limit. */
  until?: string | undefined;
  /** The task's number, where it does not count on: who opens it from outside the story has its own. */
  number?: number;
  /** Told the id of the task when it is open. */
  opened?: (id: string) => void;
  /** Adds to the step that opens the task, given its key: the letter that tells of it. */
  announce?: (key: string) => void;
}

/** What came of a task. */
export type Performed = { agency: string | null } & (
  | { answer: unknown; expired?: never; amended?: never }
  | { answer?: undefined; expired: true; amended?: never }
  | { answer?: undefined; expired?: never; amended: true }
);

/** One case in the sandbox: what was answered, which deadlines run, what is to be written next. */
export class CaseRun {
  readonly steps: Steps;
  readonly start: CaseStart;
  readonly facts: Procedure;
  /** What is called here is not cancelled. One scope for all, as making one costs the sandbox more than a call. */
  readonly shield = new CancellationScope({ cancellable: false });
  readonly alarm = new Alarm(this.shield);
  readonly #lateness = new Lateness(this);
  readonly #answers: Map<string, unknown>;
  readonly #seen: Set<number>;
  readonly #counts: Map<string, number>;
  readonly #amended: Set<string>;
  /** The answers of the application, as they were last amended. */
  application: Record<string, unknown>;
  /** Set when a document decides the case: it can no longer be withdrawn. */
  decided: boolean;
  /** Whether the applicant withdraws: asked for while an officer has yet to approve it, granted when the story ends. */
  withdrawal: 'none' | 'asked' | 'granted' = 'none';
  /** The last result after which the story may take the case up again, and whether it has. */
  provisional: { id: string; takenUp: boolean } | undefined;
  /** Why work on it stops, where the applicant's silence closes it. */
  stopped: 'unpaid' | 'unsupplied' | undefined;
  /** What was opened beside the story and has not been answered yet. */
  readonly beside = new Set<Beside>();
  /** Whether a campaign was told that there is something to do. */
  stirred = false;
  /** The limit under which the case was accepted. */
  limit: Limit;
  /** The agency that has the case now; the one where it was filed unless it was transferred. */
  agency: string;

  constructor(facts: Procedure, start: CaseStart) {
    const { chapter } = start;
    this.facts = facts;
    this.start = start;
    this.agency = start.agency;
    this.application = start.application;
    this.#answers = new Map(chapter?.answers);
    this.#seen = new Set(chapter?.seen);
    this.#counts = new Map(chapter?.counts);
    this.#amended = new Set(chapter?.amended);
    this.limit = chapter?.limit ?? facts.limit;
    this.decided = chapter?.decided ?? false;
    this.steps = new Steps({
      code: start.code,
      title: both(facts.title),
      shield: this.shield,
      watch: (result) => this.#lateness.foresee(result),
      goesOnFrom: chapter?.steps,
    });
  }

  /** Ends an apology that is under way, as the case is decided. */
  endApology(): Promise<void> {
    return this.#lateness.endApology();
  }

  /** What the next run of this case must know to go on where this one ends. */
  carry(name: string, state: unknown): Chapter {
    return {
      name,
      state,
      answers: [...this.#answers],
      seen: [...this.#seen],
      counts: [...this.#counts],
      ...(this.#amended.size > 0 ? { amended: [...this.#amended] } : {}),
      decided: this.decided,
      beside: [...this.beside],
      limit: this.limit,
      steps: this.steps.carry(),
    };
  }

  /** Stores a person's act; doubles are dropped, and an act for a task not yet opened waits for it. */
  hear({ act, task, number, answer }: Act): void {
    if (this.hasSeen(act)) return;
    this.#answers.set(keyOf(task, number), answer);
  }

  /** Takes what an applicant has made of the application; whoever waits for a task that this has closed goes on. */
  amend({ act, closed, application }: Amendment): void {
    if (this.hasSeen(act)) return;
    this.application = application;
    for (const key of closed) this.#amended.add(key);
  }

  /** Says whether something was told before, and remembers it. */
  hasSeen(act: number): boolean {
    if (this.#seen.has(act)) return true;
    this.#seen.add(act);
    return false;
  }

  /** Counts the uses of a name in this case, from 1: the number in every business key. */
  next(name: string): number {
    const number = this.count(name) + 1;
    this.#counts.set(name, number);
    return number;
  }

  /** The uses of a name in this case until now. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** Says whether a task was answered. */
  answered(task: string, number = 1): boolean {
    return this.#answers.has(keyOf(task, number));
  }

  /** Opens a task for a person of the case's agency, or of the consulted one, and waits for the answer. */
  async perform(name: string, task: TaskFacts, options: PerformOptions = {}): Promise<Performed> {
    const number = options.number ?? this.next(name);
    const key = keyOf(name, number);
    this.#open(name, number, task, options);
    options.announce?.(key);
    let opened = (await this.flush()).tasks[key];
    if (!opened) throw new Error(`the step did not open ${key}`);
    if (opened.state === 'done') this.#answers.set(key, opened.answer);
    options.opened?.(opened.id);
    const { agency } = opened;
    for (;;) {
      let expired = opened.state === 'expired';
      this.#watch({ name, number, task }, opened, () => (expired = true));
      // Awaited here and not in a function of its own: the order of commands in histories hangs on each turn.
      try {
        await condition(() => this.#answers.has(key) || this.#amended.has(key) || expired);
      } catch (cancelled) {
        this.steps.add({ op: 'close', task: name, number, as: 'cancelled' });
        throw cancelled;
      } finally {
        this.#lateness.forget(key);
        this.steps.waitingFor(key, undefined);
      }
      if (this.#amended.has(key)) return { amended: true, agency };
      if (!this.#answers.has(key)) {
        this.steps.add(
          { op: 'close', task: name, number, as: 'expired', silence: task.silence },
          `Hết hạn · Expired: ${both(task.title)}`,
        );
        const closed: TaskState | undefined = (await this.flush()).tasks[key];
        // Its instant was moved meanwhile, or the applicant has amended the application: it is waited for.
        if (closed?.state === 'open' || (closed?.state === 'cancelled' && task.amendable)) {
          opened = closed;
          continue;
        }
        // The row is the arbiter: an act that came before the closing counts, though its signal is still on the way.
        if (closed?.state !== 'done') return { expired: true, agency };
        this.#answers.set(key, closed.answer);
      }
      const answer = this.#answers.get(key);
      this.#answers.delete(key);
      return { answer, agency };
    }
  }

  #watch(watched: Watched, opened: TaskState, expire: () => void): void {
    const { name, number, task } = watched;
    this.steps.waitingFor(
      keyOf(name, number),
      `${both(task.title)} (${task.by}, ${opened.agency ?? 'người nộp · applicant'}), ${opened.deadline ? localTime(opened.deadline) : ''}`,
    );
    // What an amendment has closed waits for nothing but the news of it.
    if (opened.state === 'cancelled' && task.amendable) return;
    this.#lateness.watch(watched, opened, expire);
  }

  #open(name: string, number: number, task: TaskFacts, options: PerformOptions): void {
    const { until } = options;
    const limit = until
      ? { until }
      : task.expires && task.expires !== 'told'
        ? { expires: task.expires }
        : { due: options.due ?? task.due };
    this.steps.add(
      {
        op: 'open',
        task: name,
        number,
        role: task.by,
        notBy: [...(task.notBy ?? [])],
        context: options.context ?? {},
        ...limit,
        ...(task.warn ? { warn: task.warn } : {}),
        ...(task.amendable ? { amendable: true as const } : {}),
        ...(options.consultation ? { consultation: options.consultation } : {}),
        ...(options.agency ? { agency: options.agency } : {}),
      },
      `Giao việc · Open: ${both(task.title)}`,
    );
  }

  /**
   * Ends the applicant's right to withdraw, as what is added to the step from here on decides the case. A withdrawal that
   * came first ends it instead, unless an officer has to approve it: that officer's answer is waited for.
   */
  async decide(): Promise<void> {
    await condition(() => this.withdrawal !== 'asked');
    this.decided = true;
    const close = { op: 'close', task: 'withdraw', number: this.count('withdraw'), as: 'cancelled' } as const;
    this.steps.add(this.facts.withdrawal ? close : { ...close, first: true });
  }

  /**
   * Adds a letter to the step: one of the legal forms that the engine writes itself, sealed by the agency. What is no dossier
   * gets none, nor does what an agency does on its own account, as there is nobody to write to.
   *
   * @param until key of a task of the step whose deadline the letter states
   * @param number what makes it one letter however often the case is told, where it does not count on from the last
   */
  letter(
    form: LetterForm,
    data: Record<string, unknown> = {},
    { until, number }: { until?: string; number?: number } = {},
  ): void {
    if (this.facts.dossier === false || this.facts.applicant === 'agency') return;
    this.steps.add(
      { op: 'letter', letter: form, number: number ?? this.next(form), data, ...(until ? { until } : {}) },
      `Văn bản · Letter: ${form}`,
    );
  }

  /** The name of a notice: that of a dossier, or of what is none and whose texts name no form. */
  notice(name: string): string {
    return this.facts.dossier === false ? `report-${name}` : name;
  }

  /**
   * Carries out what has gathered.
   *
   * @throws CancelledFailure when the step was to decide the case and a withdrawal came first
   */
  async flush(): Promise<StepResult> {
    const result = await this.steps.flush();
    if (!result.forestalled) return result;
    this.decided = false;
    await condition(() => this.answered('withdraw', this.count('withdraw')));
    this.withdrawal = 'granted';
    throw new CancelledFailure('withdrawn before the decision');
  }
}
