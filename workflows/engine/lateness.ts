import { CancellationScope, isCancellation } from '@temporalio/workflow';
import type { StepResult, TaskState } from '../../activities/cases.ts';
import type { CaseRun } from './case-run.ts';
import type { Foresight } from './clock-account.ts';
import { both } from './form.ts';
import { localTime, parseLimit, type Limit } from './legal-clock.ts';
import type { TaskFacts } from './task-facts.ts';

/** A task whose limits are watched. */
export interface Watched {
  name: string;
  number: number;
  task: TaskFacts;
}

/**
 * What happens when time runs out: performers are warned, overdue tasks go to the head, waits that expire end, and an
 * applicant whose result will be late is told so in time, with our apology and the one new date (Decree 118/2025
 * Art. 19.6).
 */
export class Lateness {
  readonly #run: CaseRun;
  readonly #watched = new Map<string, Watched & { openedAt: number; expire: () => void }>();
  #apology: CancellationScope | undefined;
  #apologising: Promise<void> | undefined;

  constructor(run: CaseRun) {
    this.#run = run;
  }

  /** Watches the limits of a task that is open; `expire` is called when a task that can expire does. */
  watch(watched: Watched, opened: TaskState, expire: () => void): void {
    const key = keyOf(watched);
    this.#watched.set(key, { ...watched, openedAt: Date.now(), expire });
    this.#arm(key, opened);
  }

  /** Forgets a task that is closed. */
  forget(key: string): void {
    this.#watched.delete(key);
    this.#run.alarm.clear(key);
    this.#run.alarm.clear(warningOf(key));
    this.#run.alarm.clear(ladderOf(key));
  }

  /** Takes from a step what it has changed about the times of the case: other deadlines, another due instant. */
  foresee({ tasks, foresight }: StepResult): void {
    for (const [key, task] of Object.entries(tasks)) if (this.#watched.has(key)) this.#arm(key, task);
    if (foresight === undefined || this.#run.facts.dossier === false) return;
    this.#apology?.cancel();
    this.#run.alarm.clear('foresight');
    if (foresight === null) return;
    this.#run.alarm.set('foresight', {
      at: Date.parse(foresight.from),
      summary: 'Nguy cơ trễ hạn · The result may be late',
      ring: () => {
        this.#apologising = this.#apologise(foresight);
      },
    });
  }

  /** Ends an apology that is under way, where the case was decided in time; over when that is written. */
  async endApology(): Promise<void> {
    this.#apology?.cancel();
    await this.#apologising;
  }

  #arm(key: string, { deadline, warnAt }: TaskState): void {
    const watched = this.#watched.get(key);
    if (!watched || !deadline) return;
    const { name, number, task, expire } = watched;
    const { alarm, steps } = this.#run;
    const { title } = task;
    alarm.set(key, {
      at: Date.parse(deadline),
      summary: `Hạn · Deadline: ${both(title)}, ${localTime(deadline)}`,
      ring: () => {
        if (task.expires ?? task.standing) return expire();
        this.#escalate(key, Date.parse(deadline), 0);
      },
    });
    if (!warnAt) return;
    alarm.set(warningOf(key), {
      at: Date.parse(warnAt),
      summary: `Sắp đến hạn · Soon due: ${both(title)}, ${localTime(deadline)}`,
      ring: () => {
        steps.add({ op: 'warn', task: name, number, title }, `Nhắc việc · Warn: ${both(title)}`);
        void steps.flush();
      },
    });
  }

  /** Tells the next one on the ladder that a task is overdue, and sets the alarm for the one after. */
  #escalate(key: string, deadline: number, rung: number): void {
    const watched = this.#watched.get(key);
    const ladder = this.#run.facts.ladder ?? ['head'];
    const to = ladder[rung];
    if (!watched || !to) return;
    const { name, number, task, openedAt } = watched;
    const { alarm, steps } = this.#run;
    const { title } = task;
    steps.add(
      { op: 'escalate', task: name, number, title, ...(rung > 0 ? { rung, to } : {}) },
      `Quá hạn · Overdue: ${both(title)}`,
    );
    void steps.flush();
    if (rung + 1 === ladder.length) return;
    const each = Math.max(60_000, deadline - openedAt);
    alarm.set(ladderOf(key), {
      at: deadline + (rung + 1) * each,
      summary: `Vẫn quá hạn · Still overdue: ${both(title)}`,
      ring: () => {
        this.#escalate(key, deadline, rung + 1);
      },
    });
  }

  /** Has the head sign the apology; who does not until the last day that the law allows has accepted the draft. */
  async #apologise(foresight: Foresight): Promise<void> {
    const scope = new CancellationScope();
    this.#apology = scope;
    try {
      await scope.run(() => this.#giveNewDate(foresight));
    } catch (failure) {
      if (!isCancellation(failure)) throw failure;
      await this.#run.steps.flush();
    } finally {
      this.#apology = undefined;
    }
  }

  async #giveNewDate({ by: until, number }: Foresight): Promise<void> {
    const run = this.#run;
    const task = run.facts.tasks['extend'];
    if (run.decided || !task) return;
    const promised = run.steps.dueAt;
    const drafted = this.#draft();
    const { answer } = await run.perform('extend', task, {
      number,
      until,
      context: { ...drafted, promised },
    });
    if (run.decided) return;
    const { reason, workingDays } = (answer ?? drafted) as typeof drafted;
    const by: Limit = `${workingDays}wd`;
    // The new date must be written before the letter can state it, and this step's own result must not end this apology.
    this.#apology = undefined;
    run.steps.addFromOutside(
      `extend:${number}`,
      { op: 'clock', to: 'extend', by },
      'Hẹn lại ngày trả kết quả · Give a new date',
    );
    run.letter('form-04', { reason, promised, signedBy: answer ? 'extend' : null }, { number });
    run.steps.addFromOutside(`extended:${number}`, {
      op: 'notice',
      notice: 'extended',
      data: { reason: { vi: reason, en: reason } },
    });
    await run.flush();
  }

  /** What the head finds prepared: where the case stands, and as many days as its whole limit had, at least one. */
  #draft(): { reason: string; workingDays: number } {
    const waits = this.#run.steps.waits.map((wait) => wait.split(' · ', 1)[0] ?? '');
    const reason = `Hồ sơ đang ở bước: ${waits.join('; ')}.`.slice(0, 2000);
    return { reason, workingDays: Math.min(60, workingDaysOf(this.#run.facts.limit)) };
  }
}

/** About as many working days as a limit has, at least one. */
function workingDaysOf(limit: Limit): number {
  const { count, unit } = parseLimit(limit);
  const each = { min: 1 / 1440, h: 1 / 24, wh: 1 / 8, wd: 1, d: 5 / 7, m: 21 }[unit];
  return Math.max(1, Math.ceil(count * each));
}

const keyOf = ({ name, number }: Watched) => `${name}#${number}`;
const warningOf = (key: string) => `${key} warning`;
const ladderOf = (key: string) => `${key} ladder`;
