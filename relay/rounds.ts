import type { Logger } from '../log.ts';

/** Work that is done over and over, one round at a time; a round that fails is told, and followed by the next. */
export class Rounds {
  readonly #work: () => Promise<unknown>;
  readonly #everyMs: number;
  readonly #failed: (error: unknown) => void;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<unknown> = Promise.resolve();

  /** @param failure what the log says of a round that fails */
  constructor(work: () => Promise<unknown>, everyMs: number, log: Logger, failure: string) {
    this.#work = work;
    this.#everyMs = everyMs;
    this.#failed = (error) =>
      log.warn({ reason: error instanceof Error ? error.message : String(error) }, failure);
  }

  start(): void {
    this.#timer = setInterval(() => {
      this.#round = this.#round.then(this.#work).catch(this.#failed);
    }, this.#everyMs);
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }
}
