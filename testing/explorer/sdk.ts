import { defaultFailureConverter, defaultPayloadConverter, TypedSearchAttributes } from '@temporalio/common';
import proto from '@temporalio/proto';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker.js';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface.js';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared.js';

const { WorkflowCommand } = proto.coresdk.workflow_commands;
export type Job = proto.coresdk.workflow_activation.IWorkflowActivationJob;
export type Command = proto.coresdk.workflow_commands.IWorkflowCommand;

/** The SDK's own sandbox with a bundle in it; made once for many runs. */
export type Sandbox = ReusableVMWorkflowCreator;

/** Loads a bundle, see bundle.ts, into the sandbox that a worker would run it in. */
export function openSandbox(code: string): Promise<Sandbox> {
  // A worker's sandbox has a thread of its own. Here its hooks for stack traces would run for every promise of the test.
  globalHandlers.installed = true;
  // A worker's sandbox has a watchdog for code that never gives way. It is a thread for every call into the sandbox, which took
  // two thirds of a dry run; here the time limit of the test is enough.
  const noWatchdog = undefined as unknown as number;
  return ReusableVMWorkflowCreator.create(parseWorkflowCode(code), noWatchdog, new Set(['default']));
}

/** What is asked of a run: one workflow type with its only argument. */
export interface RunStart {
  type: string;
  id: string;
  input: unknown;
}

/** Makes the workflow of a run in the sandbox, as a worker does for its first activation. */
export function createWorkflow(
  sandbox: Sandbox,
  { type, id }: RunStart,
  runId: string,
  at: number,
): Promise<Workflow> {
  const never = () => {
    throw new Error('not in a workflow');
  };
  return sandbox.createWorkflow({
    info: {
      workflowId: id,
      runId: runId,
      workflowType: type,
      searchAttributes: {},
      typedSearchAttributes: new TypedSearchAttributes(),
      taskQueue: 'cases',
      namespace: 'default',
      firstExecutionRunId: runId,
      originalExecutionRunId: runId,
      startTime: new Date(at),
      runStartTime: new Date(at),
      taskTimeoutMs: 10_000,
      attempt: 1,
      historyLength: 0,
      historySize: 0,
      continueAsNewSuggested: false,
      targetWorkerDeploymentVersionChanged: false,
      unsafe: { now: () => Date.now(), isReplaying: false, isReplayingHistoryEvents: false, random: never },
    } as never,
    randomnessSeed: [1, 0, 0, 0, 0, 0, 0, 0],
    now: at,
    showStackTraceSources: false,
  });
}

/** What the server keeps of a workflow task that was not reported; all else comes about again. */
export const isEvent = ({ resolveActivity }: Job) =>
  !resolveActivity?.isLocal && !resolveActivity?.result?.cancelled;

export const payload = (value: unknown) => defaultPayloadConverter.toPayload(value);
export const failureOf = (error: Error) =>
  defaultFailureConverter.errorToFailure(error, defaultPayloadConverter);
export const timestamp = (at: number) => ({
  seconds: String(Math.floor(at / 1000)),
  nanos: (at % 1000) * 1e6,
});
export const readable = (command: Command): unknown =>
  WorkflowCommand.toObject(WorkflowCommand.fromObject(command), { bytes: String, longs: String });

export function describe(commands: Command[]): string {
  const kinds = commands.map((command) => {
    const scheduled = command.scheduleLocalActivity ?? command.scheduleActivity;
    return scheduled?.activityType ?? Object.keys(command).find((key) => key !== 'userMetadata') ?? '?';
  });
  return `[${kinds.join(', ')}]`;
}

/** A patch that the history knows is told to a replay before anything else. */
export const patchesOf = (commands: Command[]): Job[] =>
  commands.flatMap(({ setPatchMarker }) =>
    setPatchMarker?.patchId ? [{ notifyHasPatch: { patchId: setPatchMarker.patchId } }] : [],
  );

/** The message of a failure, which the product's failure converter puts where a codec encrypts it. */
export function messageOf(failure: proto.temporal.api.failure.v1.IFailure | null | undefined): string {
  if (!failure) return 'without a reason';
  const { message, cause } = defaultFailureConverter.failureToError(failure, defaultPayloadConverter);
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}
