import type { SealedJob } from '../activities/documents/print.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import { makePrintout, sweepPrintouts, type PrintoutJob } from '../records/printouts.ts';

const everyMs = 250;
const keptMs = 10 * 60_000;

/** What the printer works with. */
export interface PrinterDependencies {
  db: Database;
  clock: Clock;
  log: Logger;
  print: (job: SealedJob) => Promise<Uint8Array>;
  draft: (job: PrintoutJob) => Promise<Uint8Array>;
  sample: (job: PrintoutJob) => Promise<Uint8Array>;
}

const isSealed = (job: PrintoutJob): job is SealedJob => job.form !== 'draft' && job.form !== 'sample';

/** Makes the forms and drafts that people ask the API for, where the seals are; see decision 0026. */
export class Printer {
  readonly #deps: PrinterDependencies;
  #timer: NodeJS.Timeout | undefined;
  #stopping = false;
  #round: Promise<void> = Promise.resolve();

  constructor(deps: PrinterDependencies) {
    this.#deps = deps;
  }

  /** Looks four times a second. */
  start(): void {
    if (this.#stopping) return;
    this.#timer = setTimeout(() => {
      this.#round = this.round()
        .catch((error: unknown) => this.#tell(error, 'printouts cannot be read'))
        .finally(() => this.start());
    }, everyMs);
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    await this.#round;
  }

  /** Makes all that waits. */
  async round(): Promise<void> {
    const { db, clock, print, draft, sample } = this.#deps;
    const make = (job: PrintoutJob) =>
      isSealed(job) ? print(job) : job.form === 'draft' ? draft(job) : sample(job);
    await sweepPrintouts(db, new Date(clock.now().getTime() - keptMs));
    while (await makePrintout(db, make, (error) => this.#tell(error, 'a printout could not be made')));
  }

  #tell(error: unknown, message: string): void {
    this.#deps.log.warn({ reason: error instanceof Error ? error.message : String(error) }, message);
  }
}
