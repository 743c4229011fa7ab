import {
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowHandle,
} from '@temporalio/client';
import { WorkflowIdReusePolicy } from '@temporalio/common';
import pg from 'pg';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import {
  outboxChannel,
  relayBatch,
  releaseHeld,
  resendOpenCase,
  resendSince,
  type OutboxMessage,
} from '../records/outbox.ts';
import { attributesOf } from '../workflows/engine/attributes.ts';
import { signalOf, type CaseMessage } from '../workflows/engine/messages.ts';

/** Task queue on which cases run. */
export const taskQueue = 'cases';

const batch = 50;
const pollMs = 1_000;
const callMs = 5_000;

/** What the relay works with. */
export interface RelayDependencies {
  db: Database;
  /** Address of the same database, for LISTEN on a connection of its own. */
  databaseUrl: string;
  client: Client;
  clock: Clock;
  log: Logger;
}

/**
 * Tells cases of people's acts: starts the workflow or signals it, in order for each case, until Temporal has
 * taken it. Started or closed already counts as told.
 */
export class Relay {
  readonly #deps: RelayDependencies;
  #wake: () => void = () => undefined;
  #announced = false;
  #stopping = false;
  #running: Promise<void> | undefined;
  #listener: pg.Client | undefined;

  constructor(deps: RelayDependencies) {
    this.#deps = deps;
  }

  /** Starts relaying in the background. */
  start(): void {
    this.#running = this.#loop();
  }

  /** Ends after the batch that is under way. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake();
    await this.#running;
    await this.#listener?.end().catch(() => undefined);
  }

  /** Sends the acts of the last so many minutes again, for a Temporal that may have lost its latest writes. */
  async resend(minutes: number): Promise<void> {
    const since = new Date(this.#deps.clock.now().getTime() - minutes * 60_000);
    const acts = await resendSince(this.#deps.db, since);
    if (acts > 0) this.#deps.log.warn({ acts, minutes }, 'unclean stop: acts are sent again');
  }

  /** Sends what waits now; gives the number of messages sent. */
  async drain(): Promise<number> {
    let total = 0;
    await releaseHeld(this.#deps.db, this.#deps.clock.now());
    for (;;) {
      const { sent, more } = await relayBatch(this.#deps.db, this.#deps.clock.now(), batch, (message) =>
        this.#send(message),
      );
      total += sent;
      if (!more) return total;
    }
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      try {
        await this.#listen();
        this.#announced = false;
        await this.drain();
      } catch (error) {
        this.#deps.log.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          'the relay waits',
        );
      }
      if (!this.#stopping && !this.#announced) await this.#nap();
    }
  }

  /** Waits for PostgreSQL's announcement of a message, and looks anyway after a second: a held one may fall due. */
  #nap(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, pollMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async #listen(): Promise<void> {
    if (this.#listener) return;
    const listener = new pg.Client({
      connectionString: this.#deps.databaseUrl,
      connectionTimeoutMillis: callMs,
    });
    listener.on('error', () => (this.#listener = undefined));
    listener.on('end', () => (this.#listener = undefined));
    listener.on('notification', () => {
      this.#announced = true;
      this.#wake();
    });
    try {
      await listener.connect();
      await listener.query(`LISTEN ${outboxChannel}`);
    } catch (error) {
      await listener.end().catch(() => undefined);
      throw error;
    }
    this.#listener = listener;
  }

  async #send({ caseCode, act, message }: OutboxMessage): Promise<void> {
    const told = message as CaseMessage;
    await this.#deps.client.withDeadline(Date.now() + callMs, () => {
      if (told.kind === 'start') return this.#startCase(caseCode, told);
      const { name, input } = signalOf(told, act);
      return this.#signal(caseCode, (run) => run.signal(name, input));
    });
  }

  async #startCase(code: string, told: Extract<CaseMessage, { kind: 'start' }>): Promise<void> {
    try {
      await this.#deps.client.workflow.start(told.procedure, {
        workflowId: code,
        taskQueue,
        args: [told.start],
        // A run that an admin terminated may be told again; one that ended with an outcome may not.
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        staticSummary: `${code} · ${told.title}`,
        typedSearchAttributes: attributesOf({ ...told, code }),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  async #signal(code: string, tell: (run: WorkflowHandle) => Promise<void>): Promise<void> {
    try {
      await tell(this.#deps.client.workflow.getHandle(code));
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await this.#retellUnlessClosed(code, error);
    }
  }

  /** Temporal does not know the case: either it is closed, or Temporal lost it and is told everything again. */
  async #retellUnlessClosed(code: string, error: Error): Promise<void> {
    if (await resendOpenCase(this.#deps.db, code)) throw error;
  }
}
