import { isGrpcServiceError, type Client } from '@temporalio/client';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import { takeAskedRetry, type CallKey } from '../records/retrying.ts';
import { Rounds } from './rounds.ts';

const everyMs = 1_000;
const callMs = 5_000;
/** gRPC status codes NOT_FOUND and UNIMPLEMENTED. */
const pointless = [5, 12];

/** What asking Temporal for tries needs. */
export interface RetriesDependencies {
  db: Database;
  client: Client;
  clock: Clock;
  log: Logger;
}

/** Tells Temporal of the calls that somebody wants to be tried at once, instead of when their next try falls due. */
export class Retries {
  readonly #deps: RetriesDependencies;
  readonly #rounds: Rounds;

  constructor(deps: RetriesDependencies) {
    this.#deps = deps;
    this.#rounds = new Rounds(() => this.round(), everyMs, deps.log, 'no retry was asked for');
  }

  /** Looks every second. */
  start(): void {
    this.#rounds.start();
  }

  /** Ends after the round that is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Tells of all that waits. */
  async round(): Promise<void> {
    while (await takeAskedRetry(this.#deps.db, (call) => this.#reset(call)));
  }

  /** Resets the activity: it begins anew, with its first try now. */
  async #reset({ case: workflowId, activity: type }: Pick<CallKey, 'case' | 'activity'>): Promise<void> {
    const { client, log } = this.#deps;
    try {
      await client.withDeadline(Date.now() + callMs, () =>
        client.workflowService.resetActivity({
          namespace: client.options.namespace,
          execution: { workflowId },
          identity: client.options.identity,
          type,
        }),
      );
    } catch (error) {
      if (!isGrpcServiceError(error)) throw error;
      // It has been done meanwhile, or this server (before 1.28) cannot: then its own next try comes, five minutes later at most.
      if (!pointless.includes(error.code)) throw error;
      log.warn({ case: workflowId, activity: type, reason: error.details }, 'not tried at once');
    }
  }
}
