import { isCancellation, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { ActivityOptions, LocalActivityOptions } from '@temporalio/common';
import type { Activities } from '../../activities/index.ts';

/** Short database writes of a step: tried until the database answers, within one workflow task where it can. */
const step: LocalActivityOptions = {
  startToCloseTimeout: '10 s',
  retry: { initialInterval: '200 ms', maximumInterval: '10 s' },
};

/** The first try of a call to the outside: almost always it answers at once, and the history stays small. */
const once: LocalActivityOptions = { startToCloseTimeout: '20 s', retry: { maximumAttempts: 1 } };

/** The same call when the first try failed: visible in the Temporal UI, tried until the other side is back. */
const untilItAnswers: ActivityOptions = {
  startToCloseTimeout: '30 s',
  retry: { initialInterval: '1 s', backoffCoefficient: 2, maximumInterval: '5 m' },
};

const local = proxyLocalActivities<Activities>(step);
const remote = proxyActivities<Activities>(untilItAnswers);

/** Writes one step of the case; see activities/cases.ts. */
export const advance = (summary: string, ...args: Parameters<Activities['advance']>) =>
  local.advance.executeWithOptions({ ...step, summary }, args);

type Outward = 'askAgency' | 'issueDocument' | 'issueLetter';

/** An activity that can be called with options of the call. */
interface WithOptions<A extends Outward> {
  executeWithOptions(
    options: ActivityOptions | LocalActivityOptions,
    args: Parameters<Activities[A]>,
  ): ReturnType<Activities[A]>;
}

/**
 * Runs an activity that reaches outside until it succeeds, however long that takes.
 *
 * @param onDown what to do, durably, when the first try failed: say whom the case waits for
 */
export async function reliably<A extends Outward>(
  activity: A,
  summary: string,
  args: Parameters<Activities[A]>,
  onDown: () => Promise<unknown> = () => Promise.resolve(),
): Promise<Awaited<ReturnType<Activities[A]>>> {
  try {
    return await (local[activity] as unknown as WithOptions<A>).executeWithOptions(
      { ...once, summary },
      args,
    );
  } catch (failure) {
    if (isCancellation(failure)) throw failure;
    await onDown();
    const retrying = `${summary} (đang thử lại · retrying)`.slice(0, 200);
    return (remote[activity] as unknown as WithOptions<A>).executeWithOptions(
      { ...untilItAnswers, summary: retrying },
      args,
    ) as Promise<Awaited<ReturnType<Activities[A]>>>;
  }
}
