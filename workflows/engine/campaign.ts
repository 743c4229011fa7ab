import { condition } from '@temporalio/workflow';
import type { Activities } from '../../activities/index.ts';
import { reliably } from './activities.ts';
import type { CampaignFacts, Round } from './campaign-facts.ts';
import type { CaseRun } from './case-run.ts';
import type { WrongField } from './procedure.ts';

/** What came of an allocation. */
export type AllocationCounts = Awaited<ReturnType<Activities['allocate']>>;

/** How the places of an offer stand. */
export type OfferProgress = Awaited<ReturnType<Activities['count']>>['offers'][number];

/** What a story may do that leads a campaign; rounds are counted from 1. */
export interface Campaign {
  readonly rounds: readonly Round[];
  /**
   * Announces it if its plan is right: its windows open and close by themselves from now on, its places are there, and the digests of
   * its seeds are public. Gives what is wrong otherwise, and nothing is announced.
   */
  readonly announce: () => Promise<{ wrong: readonly WrongField[]; commitments: readonly string[] }>;
  /** Looks at the members of a round as they are now, and decides who gets which of the free places. Nobody is told. */
  readonly allocate: (round: number) => Promise<AllocationCounts>;
  /** Gives the places of an allocation and tells every member, in batches, what was decided of it and why. */
  readonly publish: (round: number, allocation: AllocationCounts) => Promise<void>;
  /** Gives places that come free on to those who wait, until something has happened. */
  readonly giveOnUntil: (over: Promise<unknown>) => Promise<void>;
  /** Lets who has no place after a round take part in the next one. */
  readonly carryOver: (round: number) => Promise<void>;
  /** How many places each offer has, holds, has confirmed and has left. */
  readonly progress: () => Promise<readonly OfferProgress[]>;
  /** Tells who still waits that there will be no place, and waits until the last member has come to its end. */
  readonly close: () => Promise<void>;
}

type Deed = 'count' | 'announce' | 'look' | 'allocate' | 'publish' | 'tell' | 'give' | 'carry' | 'close';

/** Makes the words of a campaign. */
export function campaignWords(run: CaseRun, facts: CampaignFacts): Campaign {
  const act = <D extends Deed>(
    verb: D,
    object: string,
    summary: string,
    more: { round?: number; key?: string; allocation?: number } = {},
  ): ReturnType<Activities[D]> => {
    const request = { case: run.start.code, at: new Date().toISOString(), ...more };
    return reliably(run.shield, { verb, object, summary, args: [request] } as never) as ReturnType<
      Activities[D]
    >;
  };

  const tellAll = async () => {
    while ((await act('tell', 'members', 'Báo kết quả · Tell the members')).more);
  };

  const giveOn = async () => {
    const { given } = await act('give', 'places on', 'Chuyển chỗ trống cho người chờ · Give free places on');
    await tellAll();
    return given;
  };

  return {
    rounds: facts.rounds(run.application),

    async announce() {
      await run.flush();
      return act('announce', 'campaign', 'Công bố đợt · Announce the campaign');
    },

    async allocate(round) {
      await run.flush();
      const key = `round:${round}:${run.next(`allocate:${round}`)}`;
      const at = { round, key };
      while ((await act('look', `at round ${round}`, 'Chốt danh sách · Look at the members', at)).more);
      return act('allocate', `round ${round}`, `Xét vòng ${round} · Allocate round ${round}`, at);
    },

    async publish(round, { allocation }) {
      await run.flush();
      const summary = `Công bố vòng ${round} · Publish round ${round}`;
      await act('publish', `round ${round}`, summary, { round, allocation });
      await tellAll();
    },

    async giveOnUntil(over) {
      let isOver = false;
      const end = over.then(() => (isOver = true));
      while (!isOver) {
        await condition(() => isOver || run.stirred);
        if (!run.stirred) break;
        run.stirred = false;
        await giveOn();
      }
      await end;
    },

    async carryOver(round) {
      await run.flush();
      await act('carry', `over from round ${round}`, 'Chuyển sang vòng sau · Carry over', { round });
    },

    async progress() {
      await run.flush();
      return (await act('count', 'places', 'Đếm chỗ · Count the places')).offers;
    },

    async close() {
      await run.flush();
      for (;;) {
        await giveOn();
        const { left, more } = await act('close', 'campaign', 'Kết thúc đợt · Close the campaign');
        if (left === 0) return;
        if (more) continue;
        run.stirred = false;
        await condition(() => run.stirred);
      }
    },
  };
}
