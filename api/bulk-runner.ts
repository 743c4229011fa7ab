import { doNextItem } from '../records/bulk.ts';
import type { Deps } from './deps.ts';
import { rulesIn } from './task-rules.ts';

const pollMs = 1_000;

/** Does the items of bulk acts in the background, whoever submitted them; several processes share the work. */
export class BulkRunner {
  readonly #deps: Pick<Deps, 'db' | 'clock' | 'log' | 'procedures'>;
  #stopping = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> | undefined;

  constructor(deps: Pick<Deps, 'db' | 'clock' | 'log' | 'procedures'>) {
    this.#deps = deps;
  }

  /** Goes on with what waits, and with what will be submitted. */
  start(): void {
    this.#running = this.#loop();
  }

  /** Ends after the item that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
  }

  /** Does what waits now. */
  async drain(): Promise<void> {
    const { db, clock, procedures } = this.#deps;
    // Whoever reads the report may speak either language.
    // Whoever submitted them proved then who they are.
    const rulesOf = rulesIn(procedures, 'vi', () => undefined);
    while (!this.#stopping && (await doNextItem(db, clock.now(), rulesOf)));
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.drain();
      } catch (error) {
        // Not its message: knex quotes bindings there, which may be an answer.
        this.#deps.log.warn({ error: error instanceof Error ? error.name : typeof error }, 'bulk acts wait');
      }
      if (!this.#stopping) await this.#nap();
    }
  }

  #nap(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
