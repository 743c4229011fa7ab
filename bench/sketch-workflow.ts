import { CancellationScope, condition, proxyLocalActivities, setHandler, sleep } from '@temporalio/workflow';
import { decided, type SketchActivities } from './sketch-messages.ts';

const { ask, openTask, writeResult } = proxyLocalActivities<SketchActivities>({
  startToCloseTimeout: '10 s',
});

/** The pattern of a case with nothing of Motcua around it: two questions, a task, a decision, a result. */
export async function sketch(code: string, _application: string): Promise<void> {
  let answered = false;
  setHandler(decided, () => void (answered = true));
  const deadline = new CancellationScope();
  void deadline.run(() => sleep('30 days')).catch(() => undefined);
  await ask('identity');
  await ask('parcel');
  await openTask(code);
  await condition(() => answered);
  deadline.cancel();
  await writeResult(code);
}
