import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import type { CaseKeys } from '../codec/index.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import { keepKey } from '../records/keys.ts';
import { startedRecount, unstartedRecounts } from '../records/recounts.ts';
import { taskQueue } from './relay.ts';

const everyMs = 1_000;

/** What the starter of recounts works with. */
export interface RecountsDependencies {
  db: Database;
  client: Client;
  keys: Pick<CaseKeys, 'wrapNew'>;
  clock: Clock;
  log: Logger;
}

/** Starts the workflow of every recount that an admin's change of a calendar has asked for. */
export class Recounts {
  readonly #deps: RecountsDependencies;
  #timer: NodeJS.Timeout | undefined;
  #round: Promise<void> = Promise.resolve();

  constructor(deps: RecountsDependencies) {
    this.#deps = deps;
  }

  /** Looks every second. */
  start(): void {
    this.#timer = setInterval(() => {
      this.#round = this.#round
        .then(() => this.round())
        .catch((error: unknown) => {
          this.#deps.log.warn(
            { reason: error instanceof Error ? error.message : String(error) },
            'no recount was started',
          );
        });
    }, everyMs);
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#round;
  }

  /** Starts what waits. */
  async round(): Promise<void> {
    const { db, clock } = this.#deps;
    for (const id of await unstartedRecounts(db)) {
      await this.#startJob(id);
      await startedRecount(db, id, clock.now());
    }
  }

  async #startJob(id: number): Promise<void> {
    const { db, client, keys } = this.#deps;
    const workflowId = `recount:${id}`;
    // What this job keeps in Temporal is encrypted as every case is, with a key of its own.
    await keepKey(db, workflowId, keys.wrapNew());
    try {
      await client.workflow.start('recountCases', {
        workflowId,
        taskQueue,
        args: [id],
        staticSummary: `Tính lại thời hạn · Recount ${id}`,
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
