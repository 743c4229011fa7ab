import type { Client } from '@temporalio/client';
import type { Clock } from '../clock.ts';
import type { Logger } from '../log.ts';
import type { Database } from '../records/db.ts';
import { forgetKeys } from '../records/idempotency.ts';
import { forgetPulled } from '../records/health-records.ts';
import { resendOpenCase } from '../records/outbox.ts';
import { forgetPrepared } from '../records/prepared-applications.ts';
import { tellLateRemittances } from '../records/remittances.ts';
import { findOverdue, keepFindings, openRuns, type Overdue } from '../records/health.ts';

const everyMs = 60_000;
const page = 500;
const keptMs = 30 * 86_400_000;

/** What the reconciler compares. */
export interface ReconcilerDependencies {
  db: Database;
  client: Client;
  clock: Clock;
  log: Logger;
}

/** What a round of the reconciler found; every figure should read 0. */
export interface Findings extends Overdue {
  /** Open cases that Temporal does not run. */
  openWithoutRun: number;
}

/**
 * Compares acts, cases, runs and results every minute, keeps what is overdue for the metrics, lets the relay tell
 * Temporal again of cases that it has lost, and tells heads of fees that are not in the budget in time.
 */
export class Reconciler {
  readonly #deps: ReconcilerDependencies;
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ReconcilerDependencies) {
    this.#deps = deps;
  }

  /** Starts the rounds. */
  start(): void {
    this.#timer = setInterval(() => {
      this.round().catch((error: unknown) =>
        this.#deps.log.warn(
          { reason: error instanceof Error ? error.message : String(error) },
          'no reconciliation',
        ),
      );
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Compares once. */
  async round(): Promise<Findings> {
    const { db, clock, log } = this.#deps;
    const at = clock.now();
    const lost = await this.#openWithoutRun();
    const findings = { ...(await findOverdue(db, at)), openWithoutRun: lost.size };
    await keepFindings(db, findings, at);
    // Nobody may act on a silent case for days, and its deadlines run: it is told again now.
    for (const code of lost) await resendOpenCase(db, code);
    await tellLateRemittances(db, at);
    await forgetKeys(db, new Date(at.getTime() - keptMs));
    await forgetPrepared(db, new Date(at.getTime() - keptMs));
    await forgetPulled(db);
    const total = Object.values(findings).reduce((sum, count) => sum + count, 0);
    if (total > 0) log.error(findings, 'the reconciler found what is overdue');
    return findings;
  }

  /** Finds the open cases of PostgreSQL that are not among Temporal's running workflows. */
  async #openWithoutRun(): Promise<Set<string>> {
    const { db, client } = this.#deps;
    const open = new Set<string>();
    for (let after = ''; ;) {
      const codes = await openRuns(db, page, after);
      for (const code of codes) open.add(code);
      if (codes.length < page) break;
      after = codes.at(-1) ?? '';
    }
    if (open.size === 0) return open;
    for await (const run of client.workflow.list({ query: 'ExecutionStatus = "Running"' }))
      open.delete(run.workflowId);
    return open;
  }
}
