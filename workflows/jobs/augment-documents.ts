import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { AugmentProgress } from '../../activities/augment.ts';

interface Augmenting {
  'augment documents': () => Promise<AugmentProgress>;
}

const { 'augment documents': augment } = proxyActivities<Augmenting>({
  startToCloseTimeout: '2 minutes',
  // As soon as a trust service answers again.
  retry: { initialInterval: '1 s', maximumInterval: '15 s' },
  summary: 'Bổ sung chữ ký · Augment signatures',
});

/**
 * Augments the signatures of every document that is due: of those that were issued while a trust service did not answer,
 * and of those whose last timestamp expires before long.
 */
export async function augmentDocuments(before = 0): Promise<void> {
  let all = before;
  while (!workflowInfo().continueAsNewSuggested) {
    const { augmented, due } = await augment();
    all += augmented;
    setCurrentDetails(`Đã bổ sung · Augmented: **${all}**\n\nCòn lại · Due: **${due}**`);
    if (due === 0) return;
  }
  await continueAsNew<typeof augmentDocuments>(all);
}
