import { WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { CaseKeys } from '../codec/index.ts';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import { dueForAugmentation } from '../records/augmentation.ts';
import { campaignsToStir, stirred } from '../records/campaign-work.ts';
import { startedAct, unstartedActs } from '../records/document-acts.ts';
import { remindOfExpiry } from '../records/expiry.ts';
import { keepKey } from '../records/keys.ts';
import { startedRecount, unstartedRecounts } from '../records/recounts.ts';
import { stirSignal } from '../workflows/engine/messages.ts';
import { taskQueue } from './relay.ts';
import { Rounds } from './rounds.ts';

const everyMs = 1_000;

/** What the starter of jobs works with. */
export interface JobsDependencies {
  db: Database;
  client: Client;
  keys: Pick<CaseKeys, 'wrapNew'>;
  clock: Clock;
  log: Logger;
  /** How long a campaign is left alone after it was told that there is something to do; a quarter of an hour unless told. */
  stirEveryMs?: number;
}

/**
 * Starts the workflows that belong to no case: the recount that an admin's change of a calendar has asked for, what agencies do
 * with documents that they have issued, and the augmentation of documents while some are due. It also reminds of what ends soon.
 */
export class Jobs {
  readonly #deps: JobsDependencies;
  readonly #rounds: Rounds;

  constructor(deps: JobsDependencies) {
    this.#deps = deps;
    this.#rounds = new Rounds(() => this.round(), everyMs, deps.log, 'no job was started');
  }

  /** Looks every second. */
  start(): void {
    this.#rounds.start();
  }

  /** Ends after the round that is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Starts what waits. */
  async round(): Promise<void> {
    const { db, clock } = this.#deps;
    for (const id of await unstartedRecounts(db)) {
      await this.#start(`recount:${id}`, 'recountCases', [id], `Tính lại thời hạn · Recount ${id}`);
      await startedRecount(db, id, clock.now());
    }
    for (const id of await unstartedActs(db)) {
      await this.#start(`document-act:${id}`, 'actOnDocument', [id], `Văn bản · Document ${id}`);
      await startedAct(db, id, clock.now());
    }
    await this.#stirCampaigns();
    await remindOfExpiry(db, clock.now());
    if ((await dueForAugmentation(db, clock.now(), 1)).length > 0)
      await this.#start('augment-documents', 'augmentDocuments', [], 'Bổ sung chữ ký · Augment signatures');
  }

  /** A campaign hears at once that there is something to do, and then only now and then, however many members move. */
  async #stirCampaigns(): Promise<void> {
    const { db, client, clock, stirEveryMs = 900_000 } = this.#deps;
    const at = clock.now();
    for (const code of await campaignsToStir(db, at, new Date(at.getTime() - stirEveryMs))) {
      try {
        await client.workflow.getHandle(code).signal(stirSignal);
        await stirred(db, code, at);
      } catch (error) {
        // Temporal has lost it: the reconciler has it told again.
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    }
  }

  async #start(workflowId: string, type: string, args: unknown[], staticSummary: string): Promise<void> {
    const { db, client, keys } = this.#deps;
    // What a job keeps in Temporal is encrypted as every case is, with a key of its own.
    await keepKey(db, workflowId, keys.wrapNew());
    try {
      await client.workflow.start(type, { workflowId, taskQueue, args, staticSummary });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}
