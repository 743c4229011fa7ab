import { continueAsNew, proxyActivities, setCurrentDetails, sleep } from '@temporalio/workflow';
import type { RecountPage, RecountProgress } from '../../activities/recount.ts';

interface Recounting {
  'recount page': (page: RecountPage) => Promise<RecountProgress>;
}

const { 'recount page': recountPage } = proxyActivities<Recounting>({
  startToCloseTimeout: '1 minute',
  retry: { initialInterval: '1 s', maximumInterval: '30 s' },
  summary: 'Tính lại thời hạn · Count again',
});

/** Pages after which a run is followed by another one, so that its history stays small. */
const pagesOfARun = 100;

/**
 * Has the open cases of an area count their dates again after a change of the calendar, page by page: the next page
 * follows when most of the last one is done, so that other people's cases are not kept waiting.
 *
 * @param after code of the last case that was looked at
 */
export async function recountCases(recount: number, after = ''): Promise<void> {
  for (let page = 0; page < pagesOfARun; page++) {
    const { next, checked, told } = await recountPage({ recount, after, at: new Date().toISOString() });
    setCurrentDetails(
      `Đã xem · Looked at: **${checked}**\n\nPhải tính lại · To be counted again: **${told}**`,
    );
    if (next === null) return;
    if (next === after)
      await sleep('250 ms', { summary: 'Chờ các hồ sơ trước · Waiting for the cases before' });
    after = next;
  }
  await continueAsNew<typeof recountCases>(recount, after);
}
