import {
  CancellationScope,
  CancelledFailure,
  proxyActivities,
  proxyLocalActivities,
} from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/common';
import type { Activities } from '../../activities/index.ts';

/** The first try of a call: almost always it succeeds at once, and the history stays small. */
const once: LocalActivityOptions = { startToCloseTimeout: '20 s', retry: { maximumAttempts: 1 } };

/** A step when the first try failed, mostly because our own database is away: visible in the Temporal UI. */
const untilItIsDone: ActivityOptions = {
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '500 ms', backoffCoefficient: 2, maximumInterval: '10 s' },
};

/** A call to the outside when the first try failed: tried until the other side is back. */
const untilItAnswers: ActivityOptions = {
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 m' },
};

type Verb = keyof Activities;
type Arguments<V extends Verb> = Parameters<Activities[V]>;
type Answer<V extends Verb> = Awaited<ReturnType<Activities[V]>>;

interface Callable {
  executeWithOptions(options: ActivityOptions | LocalActivityOptions, args: unknown[]): Promise<unknown>;
}

const local = proxyLocalActivities(once) as unknown as Record<string, Callable>;
const remote = proxyActivities(untilItAnswers) as unknown as Record<string, Callable>;

/** What is called and how the Temporal UI shows it. */
export interface Call<V extends Verb> {
  verb: V;
  /** What the verb is about, for example `identity`: with it the activity's type reads `ask identity`. */
  object: string;
  /** One line for people, in both languages. */
  summary: string;
  args: Arguments<V>;
}

function run<V extends Verb>(
  where: Record<string, Callable>,
  options: ActivityOptions | LocalActivityOptions,
  { verb, object, summary, args }: Call<V>,
): Promise<Answer<V>> {
  const activity = where[`${verb} ${object}`] as Callable;
  return activity.executeWithOptions({ ...options, summary: summary.slice(0, 200) }, args) as Promise<
    Answer<V>
  >;
}

/**
 * Carries out one step of the case, until it is done; see activities/cases.ts.
 *
 * @param shield the case's scope that nothing cancels: whatever is cancelled meanwhile, a consultation or the story
 *   itself, a step that has begun is carried out
 */
export function carryOut(shield: CancellationScope, call: Call<'step'>): Promise<Answer<'step'>> {
  return shield.run(async () => {
    try {
      return await run(local, once, call);
    } catch {
      return run(remote, untilItIsDone, retrying(call));
    }
  });
}

const retrying = <V extends Verb>(call: Call<V>): Call<V> => ({
  ...call,
  summary: `${call.summary} (đang thử lại · retrying)`,
});

/**
 * Runs an activity that reaches outside until it succeeds, however long that takes.
 *
 * @param shield the case's scope that nothing cancels
 * @param onDown what to do, durably, when the first try failed: say whom the case waits for
 */
export async function reliably<V extends Exclude<Verb, 'step'>>(
  shield: CancellationScope,
  call: Call<V>,
  onDown: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Answer<V>> {
  try {
    // The first try is short and is left to end; only the waiting that may follow is worth cancelling.
    return await shield.run(() => run(local, once, call));
  } catch {
    if (CancellationScope.current().consideredCancelled) throw new CancelledFailure('nobody waits any more');
    await onDown();
    return run(remote, untilItAnswers, retrying(call));
  }
}
