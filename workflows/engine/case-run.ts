import {
  CancellationScope,
  condition,
  isCancellation,
  setHandler,
  TemporalFailure,
} from '@temporalio/workflow';
import { Alarm } from './alarm.ts';
import type { Text } from './form.ts';
import { actSignal, type Act, type CaseStart } from './messages.ts';
import { letter } from './letters.ts';
import type { Facts, Procedure, TaskFacts } from './procedure.ts';
import { Steps } from './steps.ts';
import type { Story, TaskContext } from './story.ts';
import { words } from './words.ts';
import { localTime, type Limit } from './legal-clock.ts';

// The SDK takes a stack trace of every promise that a story makes; at V8's ten frames that was a third of all work in
// the sandbox. Four still name the place of an error.
Error.stackTraceLimit = 4;

const both = (text: Text) => `${text.vi} · ${text.en}`;
const keyOf = (task: string, number: number) => `${task}#${number}`;

/** One case in the sandbox: what was answered, which deadlines run, what is to be written next. */
export class CaseRun {
  readonly steps: Steps;
  readonly start: CaseStart;
  readonly facts: Procedure;
  /** What is called here is not cancelled. One scope for all, as making one costs the sandbox more than a call. */
  readonly shield = new CancellationScope({ cancellable: false });
  readonly #alarm = new Alarm(this.shield);
  readonly #answers = new Map<string, unknown>();
  readonly #seen = new Set<number>();
  readonly #counts = new Map<string, number>();
  /** Set when a document has decided the case. */
  decided = false;

  constructor(facts: Procedure, start: CaseStart) {
    this.facts = facts;
    this.start = start;
    this.steps = new Steps(start.code, both(facts.title), this.shield);
  }

  /** Stores a person's act; doubles are dropped, and an act for a task not yet opened waits for it. */
  hear({ act, task, number, answer }: Act): void {
    if (this.#seen.has(act)) return;
    this.#seen.add(act);
    this.#answers.set(keyOf(task, number), answer);
  }

  /** Counts the uses of a name in this case, from 1: the number in every business key. */
  next(name: string): number {
    const number = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, number);
    return number;
  }

  /** Says whether a task was answered. */
  answered(task: string, number = 1): boolean {
    return this.#answers.has(keyOf(task, number));
  }

  /** Opens a task for a person of the case's agency, or of the consulted one, and waits for the answer. */
  async perform(
    name: string,
    task: TaskFacts,
    options: {
      context?: TaskContext | undefined;
      due?: Limit | undefined;
      consultation?: string;
      opened?: (task: { id: string; agency: string; deadline: string | undefined }) => void;
    } = {},
  ): Promise<
    { answer: unknown; agency: string | null } | { answer?: undefined; expired: true; agency: string | null }
  > {
    const number = this.next(name);
    const key = keyOf(name, number);
    const limit = task.expires ? { expires: task.expires } : { due: options.due ?? task.due };
    this.steps.add(
      {
        op: 'open',
        task: name,
        number,
        role: task.by,
        notBy: [...(task.notBy ?? [])],
        context: options.context ?? {},
        ...limit,
        ...(options.consultation ? { consultation: options.consultation } : {}),
      },
      `Giao việc · Open: ${both(task.title)}`,
    );
    const opened = (await this.steps.flush()).tasks[key];
    if (!opened) throw new Error(`the step did not open ${key}`);
    if (opened.state === 'done') this.#answers.set(key, opened.answer);
    options.opened?.({ id: opened.id, agency: opened.agency ?? '', deadline: opened.deadline });

    const agency = opened.agency;
    this.steps.waitingFor(
      key,
      `${both(task.title)} (${task.by}, ${agency ?? 'người nộp · applicant'}), ${opened.deadline ? localTime(opened.deadline) : ''}`,
    );
    let expired = opened.state === 'expired';
    if (opened.deadline)
      this.#alarm.set(key, {
        at: Date.parse(opened.deadline),
        summary: `Hạn · Deadline: ${both(task.title)}, ${localTime(opened.deadline)}`,
        ring: () => (task.expires ? (expired = true) : this.#escalate(name, number, task)),
      });
    await condition(() => this.#answers.has(key) || expired);
    this.#alarm.clear(key);
    this.steps.waitingFor(key, undefined);

    if (!this.#answers.has(key)) {
      this.steps.add(
        { op: 'close', task: name, number, as: 'expired' },
        `Hết hạn · Expired: ${both(task.title)}`,
      );
      const closed = (await this.steps.flush()).tasks[key];
      // The row is the arbiter: an act that came before the closing counts, though its signal is still on the way.
      if (closed?.state !== 'done') return { expired: true, agency };
      this.#answers.set(key, closed.answer);
    }
    return { answer: this.#answers.get(key), agency };
  }

  #escalate(name: string, number: number, task: TaskFacts): void {
    this.steps.add({ op: 'escalate', task: name, number }, `Quá hạn · Overdue: ${both(task.title)}`);
    void this.steps.flush();
  }

  /** Closes the applicant's right to withdraw, as the case is decided now; false when a withdrawal came first. */
  async decide(): Promise<boolean> {
    this.steps.add({ op: 'close', task: 'withdraw', number: 1, as: 'cancelled' });
    const row = (await this.steps.flush()).tasks[keyOf('withdraw', 1)];
    this.decided = row?.state !== 'done';
    return this.decided;
  }
}

/** Runs a case from its filing to its outcome; the workflow function of every procedure. */
export async function runCase(
  procedure: Procedure,
  story: (story: Story<Facts>) => Promise<string>,
  start: CaseStart,
): Promise<string> {
  const run = new CaseRun(procedure, start);
  const scope = new CancellationScope();
  for (const task of Object.keys(procedure.tasks))
    setHandler(actSignal(task), (act) => {
      run.hear(act);
      if (run.answered('withdraw') && !run.decided) scope.cancel();
    });

  try {
    const withdraw = procedure.tasks['withdraw'];
    if (!withdraw) throw new Error('a procedure without withdrawal');
    run.next('withdraw');
    run.steps.add({ op: 'open', task: 'withdraw', number: 1, role: 'citizen', notBy: [], context: {} });
    const outcome = await scope.run(() => story(words(run)));
    return await finish(run, outcome);
  } catch (failure) {
    if (isCancellation(failure) && run.answered('withdraw')) return await finish(run, 'withdrawn');
    if (isCancellation(failure) && CancellationScope.current().consideredCancelled) throw failure;
    // A failed activity is our fault, never the case's: the workflow task is tried again until it is mended.
    if (failure instanceof TemporalFailure)
      throw new Error(`the story met ${failure.message}`, { cause: failure });
    throw failure;
  }
}

async function finish(run: CaseRun, outcome: string): Promise<string> {
  await run.shield.run(async () => {
    // A case that ends without a decision is told so on Form 05.
    if (!run.decided) await letter(run, 'form-05', { outcome });
    run.steps.add({ op: 'finish', outcome, decided: run.decided }, `Kết thúc · Outcome: ${outcome}`);
    await run.steps.flush();
  });
  return outcome;
}
