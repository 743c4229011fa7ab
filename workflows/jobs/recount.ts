import { continueAsNew, proxyActivities, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { RecountProgress, RecountStretch } from '../../activities/recount.ts';

interface Recounting {
  'recount stretch': (stretch: RecountStretch) => Promise<RecountProgress>;
}

const { 'recount stretch': recountStretch } = proxyActivities<Recounting>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  summary: 'Tính lại thời hạn · Count again',
});

/**
 * Has the open cases of an area count their dates again after a change of the calendar, a few at a time, so that other
 * people's cases are not kept waiting.
 */
export async function recountCases(recount: number): Promise<void> {
  while (!workflowInfo().continueAsNewSuggested) {
    const { checked, told, finished } = await recountStretch({ recount, at: new Date().toISOString() });
    setCurrentDetails(
      `Đã xem · Looked at: **${checked}**\n\nPhải tính lại · To be counted again: **${told}**`,
    );
    if (finished) return;
  }
  await continueAsNew<typeof recountCases>(recount);
}
