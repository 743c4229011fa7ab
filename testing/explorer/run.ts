import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  ActivityFailure,
  ApplicationFailure,
  CancelledFailure,
  defaultPayloadConverter,
  RetryState,
} from '@temporalio/common';
import proto from '@temporalio/proto';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface.js';
import {
  createWorkflow,
  describe,
  failureOf,
  isEvent,
  messageOf,
  patchesOf,
  payload,
  readable,
  timestamp,
  type Command,
  type Job,
  type RunStart,
  type Sandbox,
} from './sdk.ts';

const { WorkflowActivation } = proto.coresdk.workflow_activation;

/** An activity that the workflow has called and that has not been answered. */
export interface PendingCall {
  seq: number;
  /** The activity's type, for example `step open acceptance`. */
  type: string;
  args: unknown[];
  /** A local activity runs inside the workflow task; the other is retried by the server until it succeeds. */
  local: boolean;
}

export interface PendingTimer {
  seq: number;
  /** Milliseconds since 1970. */
  at: number;
}

/** A workflow that the workflow wants to be started as its child. */
export interface PendingChild extends RunStart {
  seq: number;
}

/** Thrown when a workflow task fails, or when a replay gives other commands: a defect of the code, never of a case. */
export class WorkflowTaskFailure extends Error {}

interface Activation {
  jobs: Job[];
  at: number;
  commands: Command[];
}

/**
 * One run of a workflow in the SDK's sandbox, driven by activations as the worker's core does it, with a server's
 * memory of its history. Whoever drives it answers calls and rings timers in the order that they choose.
 */
export class Run {
  readonly id: string;
  runId: string = randomUUID();
  readonly calls = new Map<number, PendingCall>();
  readonly timers = new Map<number, PendingTimer>();
  readonly children = new Map<number, PendingChild>();
  /** The outcome, when the workflow has completed. */
  result: unknown;
  closed = false;
  readonly #sandbox: Sandbox;
  #start: RunStart;
  readonly #flags = new Set<number>();
  #workflow: Workflow | undefined;
  #history: Activation[] = [];
  /** Activations that the server keeps: those of workflow tasks that have been reported. */
  #kept = 0;

  constructor(sandbox: Sandbox, start: RunStart) {
    this.#sandbox = sandbox;
    this.#start = start;
    this.id = start.id;
  }

  /** Begins the run at an instant. */
  async begin(at: number): Promise<void> {
    const { type, id, input } = this.#start;
    const initializeWorkflow = {
      workflowType: type,
      workflowId: id,
      arguments: [payload(input)],
      randomnessSeed: 1,
      firstExecutionRunId: this.runId,
      attempt: 1,
      startTime: timestamp(at),
    };
    await this.#activate([{ initializeWorkflow } as unknown as Job], at);
  }

  /** Tells the workflow of signals and rings timers, as one workflow task of the server does. */
  async tell(
    news: { signals?: { name: string; input: unknown }[]; rings?: number[] },
    at: number,
  ): Promise<void> {
    const signals = (news.signals ?? []).map(({ name, input }) => ({
      signalWorkflow: { signalName: name, input: [payload(input)] },
    }));
    const rings = (news.rings ?? [])
      .filter((seq) => this.timers.has(seq))
      .map((seq) => ({ fireTimer: { seq } }));
    if (this.closed || signals.length + rings.length === 0) return;
    // A workflow task that still waits for local activities is reported first, so that it may hear of news.
    this.#kept = this.#history.length;
    await this.#activate([...signals, ...rings] as Job[], at);
  }

  /** Answers a call. */
  async answer(seq: number, result: unknown, at: number): Promise<void> {
    await this.#resolve(seq, { completed: { result: payload(result) } }, at);
  }

  /** Says that a child runs, or that a workflow of its id ran already. */
  async childStarts(seq: number, runId: string | undefined, at: number): Promise<void> {
    const child = this.children.get(seq);
    if (!child || this.closed) return;
    const { id: workflowId, type: workflowType } = child;
    const start = runId ? { succeeded: { runId } } : { failed: { workflowId, workflowType, cause: 1 } };
    this.#kept = this.#history.length;
    await this.#activate([{ resolveChildWorkflowExecutionStart: { seq, ...start } }], at);
  }

  /** Fails a local call: its only attempt is over. */
  async fail(seq: number, error: Error, at: number): Promise<void> {
    const { type = '' } = this.calls.get(seq) ?? {};
    const cause = ApplicationFailure.fromError(error);
    const failure = new ActivityFailure(
      'Activity task failed',
      type,
      undefined,
      RetryState.MAXIMUM_ATTEMPTS_REACHED,
      'worker',
      cause,
    );
    await this.#resolve(seq, { failed: { failure: failureOf(failure) } }, at);
  }

  /**
   * Ends the worker, `kill -9`, and lets another one go on: what was reported is replayed, what the workflow was
   * being told is told again, and local activities that were not reported are forgotten.
   *
   * @throws WorkflowTaskFailure when the replay gives other commands than the history
   */
  async restart(at: number): Promise<void> {
    const lost = this.#history.slice(this.#kept);
    const kept = this.#history.slice(0, this.#kept);
    await this.close();
    this.#history = [];
    this.#kept = 0;
    for (const pending of [this.calls, this.timers, this.children]) pending.clear();
    for (const { jobs, at: then, commands } of kept) {
      const again = await this.#activate(jobs, then, patchesOf(commands));
      if (!isDeepStrictEqual(again.map(readable), commands.map(readable)))
        throw new WorkflowTaskFailure(
          `a replay gives ${describe(again)} where the history has ${describe(commands)}`,
        );
    }
    this.#kept = this.#history.length;
    const events = lost.flatMap(({ jobs }) => jobs.filter(isEvent));
    if (events.length > 0) await this.#activate(events, at);
  }

  /** Throws the sandboxed workflow away. */
  async close(): Promise<void> {
    await this.#workflow?.dispose();
    this.#workflow = undefined;
  }

  async #resolve(seq: number, result: object, at: number): Promise<void> {
    const call = this.calls.get(seq);
    if (!call || this.closed) return;
    if (!call.local) this.#kept = this.#history.length;
    await this.#activate([{ resolveActivity: { seq, result, isLocal: call.local } }], at);
  }

  async #activate(jobs: Job[], at: number, patches?: Job[]): Promise<Command[]> {
    const workflow = (this.#workflow ??= await createWorkflow(this.#sandbox, this.#start, this.runId, at));
    const replayed = patches !== undefined;
    for (const { resolveActivity, fireTimer, resolveChildWorkflowExecutionStart: child } of jobs) {
      if (child) this.children.delete(child.seq ?? 0);
      if (resolveActivity) this.calls.delete(resolveActivity.seq ?? 0);
      if (fireTimer) this.timers.delete(fireTimer.seq ?? 0);
    }
    const activation = WorkflowActivation.fromObject({
      runId: this.runId,
      timestamp: timestamp(at),
      isReplaying: replayed,
      historyLength: this.#history.length + 1,
      jobs: [...(patches ?? []), ...jobs],
      availableInternalFlags: [...this.#flags],
    });
    const { successful, failed } = await workflow.activate(activation);
    if (failed) throw new WorkflowTaskFailure(`the workflow task fails: ${messageOf(failed.failure)}`);
    for (const flag of successful?.usedInternalFlags ?? []) this.#flags.add(flag);
    const commands = successful?.commands ?? [];
    this.#history.push({ jobs, at, commands });
    const onward = commands.find((command) => command.continueAsNewWorkflowExecution);
    if (onward) return this.#goOn(onward, at);
    const cancelled = commands.flatMap((command) => this.#take(command, at));
    if (![...this.calls.values()].some(({ local }) => local)) this.#kept = this.#history.length;
    // On replay a cancellation's answer is the next activation of the history.
    if (cancelled.length > 0 && !replayed) await this.#activate(cancelled, at);
    return commands;
  }

  /** Begins the next run of a case of years, with a history of its own. */
  async #goOn({ continueAsNewWorkflowExecution: next }: Command, at: number): Promise<Command[]> {
    const [input] = (next?.arguments ?? []).map((each) => defaultPayloadConverter.fromPayload<unknown>(each));
    await this.close();
    for (const pending of [this.calls, this.timers, this.children]) pending.clear();
    this.#history = [];
    this.#kept = 0;
    this.runId = randomUUID();
    this.#start = { ...this.#start, input };
    await this.begin(at);
    return [];
  }

  /** Takes a command as the server does; gives the jobs that answer it at once. */
  #take(command: Command, at: number): Job[] {
    const {
      scheduleActivity,
      scheduleLocalActivity,
      startTimer,
      requestCancelActivity,
      requestCancelLocalActivity,
    } = command;
    const scheduled = scheduleLocalActivity ?? scheduleActivity;
    const cancel = requestCancelActivity ?? requestCancelLocalActivity;
    if (scheduled) {
      const seq = scheduled.seq ?? 0;
      const args = (scheduled.arguments ?? []).map((each) =>
        defaultPayloadConverter.fromPayload<unknown>(each),
      );
      this.calls.set(seq, {
        seq,
        type: scheduled.activityType ?? '',
        args,
        local: Boolean(scheduleLocalActivity),
      });
    } else if (startTimer) {
      const seq = startTimer.seq ?? 0;
      const { seconds, nanos } = startTimer.startToFireTimeout ?? {};
      this.timers.set(seq, { seq, at: at + Number(seconds ?? 0) * 1000 + Math.floor((nanos ?? 0) / 1e6) });
    } else if (cancel) {
      const call = this.calls.get(cancel.seq ?? 0);
      if (!call) return [];
      this.calls.delete(call.seq);
      const cause = new CancelledFailure('cancelled');
      const failure = new ActivityFailure(
        'cancelled',
        call.type,
        undefined,
        RetryState.CANCEL_REQUESTED,
        'worker',
        cause,
      );
      const result = { cancelled: { failure: failureOf(failure) } };
      return [{ resolveActivity: { seq: call.seq, result, isLocal: call.local } }];
    } else if (command.startChildWorkflowExecution) {
      const { seq, workflowId, workflowType, input } = command.startChildWorkflowExecution;
      const [argument] = (input ?? []).map((each) => defaultPayloadConverter.fromPayload<unknown>(each));
      this.children.set(seq ?? 0, {
        seq: seq ?? 0,
        id: workflowId ?? '',
        type: workflowType ?? '',
        input: argument,
      });
    } else if (command.cancelTimer) this.timers.delete(command.cancelTimer.seq ?? 0);
    else if (command.completeWorkflowExecution) {
      const { result } = command.completeWorkflowExecution;
      this.#end(result ? defaultPayloadConverter.fromPayload(result) : undefined);
    } else if (
      !command.upsertWorkflowSearchAttributes &&
      !command.setPatchMarker &&
      !command.modifyWorkflowProperties
    )
      throw new WorkflowTaskFailure(
        `the workflow gives the command ${describe([command])}, which ends or leaves the case`,
      );
    return [];
  }

  #end(result: unknown): void {
    this.closed = true;
    this.result = result;
    for (const pending of [this.calls, this.timers, this.children]) pending.clear();
  }
}
