import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Client } from '@temporalio/client';
import proto from '@temporalio/proto';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import {
  archiveReached,
  enterArchived,
  isUnarchived,
  keepReached,
  type ClosedRun,
} from '../records/archive.ts';
import type { Database } from '../records/db.ts';
import type { ObjectStore } from '../records/objects.ts';
import { Rounds } from './rounds.ts';

const { History } = proto.temporal.api.history.v1;
const everyMs = 60_000;
/** How much later than it was closed a run may come to be listed. */
const lagMs = 10 * 60_000;

/** What the archiver works with. */
export interface ArchiverDependencies {
  db: Database;
  client: Client;
  objects: Pick<ObjectStore, 'put'>;
  clock: Clock;
  log: Logger;
}

/**
 * Keeps the history of every closed run of a case before Temporal's retention deletes it: compressed, in the object store,
 * its payloads encrypted as they were. The runs of a case that lasts for years are archived one by one as they end.
 */
export class Archiver {
  readonly #deps: ArchiverDependencies;
  readonly #rounds: Rounds;

  constructor(deps: ArchiverDependencies) {
    this.#deps = deps;
    this.#rounds = new Rounds(() => this.round(), everyMs, deps.log, 'no history was archived');
  }

  /** Looks every minute. */
  start(): void {
    this.#rounds.start();
  }

  /** Ends after the round that is under way. */
  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Archives what was closed since the last time; gives how many runs. Ended half-way, the next round begins again. */
  async round(): Promise<number> {
    const { db, client, clock } = this.#deps;
    const now = clock.now();
    const since = await archiveReached(db);
    const query =
      `ExecutionStatus != "Running" AND CaseCode IS NOT NULL` +
      (since ? ` AND CloseTime >= "${new Date(since.getTime() - lagMs).toISOString()}"` : '');
    let count = 0;
    for await (const {
      workflowId: code,
      runId: run,
      type: procedure,
      startTime,
      closeTime,
    } of client.workflow.list({
      query,
    })) {
      const closed = { code, run, procedure, startedAt: startTime, closedAt: closeTime ?? now };
      if (!(await isUnarchived(db, closed))) continue;
      await this.#archive(closed);
      count += 1;
    }
    await keepReached(db, now);
    return count;
  }

  async #archive(closed: ClosedRun): Promise<void> {
    const { db, client, objects, clock } = this.#deps;
    const history = await client.workflow.getHandle(closed.code, closed.run).fetchHistory();
    const bytes = await promisify(gzip)(History.encode(history).finish());
    await enterArchived(db, { ...closed, ...(await objects.put(bytes)) }, clock.now());
  }
}
