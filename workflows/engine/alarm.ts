import { sleep, type CancellationScope } from '@temporalio/workflow';

interface Deadline {
  at: number;
  summary: string;
  ring: () => void;
}

/**
 * One alarm clock for all deadlines of a case.
 *
 * A timer is armed for the earliest deadline only and is left running when that deadline is met: when it
 * rings it is armed again for the next. A case whose people are in time so costs one timer, not two events a task.
 */
export class Alarm {
  readonly #deadlines = new Map<string, Deadline>();
  readonly #shield: CancellationScope;
  #armedFor = Infinity;

  /** @param shield the case's scope that nothing cancels: a withdrawal cancels the story, not the clock */
  constructor(shield: CancellationScope) {
    this.#shield = shield;
  }

  /** Sets a deadline; `ring` is called once, when its instant has come. */
  set(key: string, deadline: Deadline): void {
    this.#deadlines.set(key, deadline);
    this.#arm();
  }

  /** Forgets a deadline that was met. */
  clear(key: string): void {
    this.#deadlines.delete(key);
  }

  #earliest(): Deadline | undefined {
    return [...this.#deadlines.values()].reduce<Deadline | undefined>(
      (first, next) => (first && first.at <= next.at ? first : next),
      undefined,
    );
  }

  #arm(): void {
    const next = this.#earliest();
    if (!next || next.at >= this.#armedFor) return;
    this.#armedFor = next.at;
    const wait = Math.max(1, next.at - Date.now());
    void this.#shield.run(async () => {
      await sleep(wait, { summary: next.summary });
      this.#ring(next.at);
    });
  }

  #ring(armedFor: number): void {
    if (this.#armedFor === armedFor) this.#armedFor = Infinity;
    for (const [key, deadline] of [...this.#deadlines]) {
      if (deadline.at > armedFor) continue;
      this.#deadlines.delete(key);
      deadline.ring();
    }
    this.#arm();
  }
}
