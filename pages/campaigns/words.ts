import type { Language } from '../../api/language.ts';
import type { AllocationSummary, PublicResult } from '../../records/campaign-files.ts';
import type { CampaignRound } from '../../records/campaign-rounds.ts';
import type { MemberCounts } from '../../records/campaign-views.ts';

type Text = { vi: string; en: string };

/** The instants of a round in the words of the page, and which stretch lasts now. */
export function sayRound(
  round: Omit<CampaignRound, 'commitment' | 'seed' | 'publishedAt' | 'allocation'> & Partial<CampaignRound>,
  now: Date,
  language: Language,
) {
  const stretches: [keyof typeof names, string][] = [
    ['opens', round.opens],
    ['closes', round.closes],
    ['checkedBy', round.checkedBy],
    ['appealBy', round.appealBy],
    ['confirmBy', round.confirmBy],
    ['givenOnUntil', round.givenOnUntil],
  ];
  const open = Date.parse(round.opens) <= now.getTime() && now.getTime() < Date.parse(round.closes);
  return {
    number: round.number,
    open,
    stretches: stretches.map(([name, at]) => ({
      name: names[name][language],
      at,
      over: Date.parse(at) <= now.getTime(),
    })),
    commitment: round.commitment,
    seed: round.seed ?? undefined,
  };
}

const names = {
  opens: { vi: 'Nhận đăng ký từ', en: 'Applications from' },
  closes: { vi: 'Nhận đăng ký đến', en: 'Applications until' },
  checkedBy: { vi: 'Xác minh, chốt danh sách', en: 'Verified, and the list is frozen' },
  confirmBy: { vi: 'Xác nhận chỗ trước', en: 'Places confirmed by' },
  appealBy: { vi: 'Khiếu nại trước', en: 'Appeals until' },
  givenOnUntil: { vi: 'Gọi danh sách chờ đến', en: 'Free places given on until' },
} as const satisfies Record<string, Text>;

const kinds = {
  round: { vi: 'Xét vòng', en: 'Allocation of round' },
  'given-on': { vi: 'Gọi danh sách chờ, vòng', en: 'Free places given on, round' },
  appeal: { vi: 'Giải quyết khiếu nại, vòng', en: 'Decision on an appeal, round' },
} as const satisfies Record<AllocationSummary['kind'], Text>;

/** An allocation that was published, in one line. */
export const sayAllocation = (allocation: AllocationSummary, language: Language) => ({
  ...allocation,
  title: `${kinds[allocation.kind][language]} ${allocation.round}`,
});

const states = {
  'no-result': { vi: 'Chưa có kết quả', en: 'No result yet' },
  offered: { vi: 'Có chỗ, chờ gia đình xác nhận', en: 'A place, to be confirmed by the family' },
  confirmed: { vi: 'Có chỗ, đã xác nhận', en: 'A place, confirmed' },
  waiting: { vi: 'Trong danh sách chờ', en: 'On the waiting list' },
  ended: { vi: 'Không có chỗ trong đợt này', en: 'No place in this campaign' },
} as const satisfies Record<PublicResult['state'], Text>;

/** What was decided of a member and why, in plain words. */
export const sayResult = ({ pseudonym, round, offer, why, state }: PublicResult, language: Language) => ({
  pseudonym,
  round,
  offer: offer?.name,
  state: states[state][language],
  why: why?.[language],
});

const counts = {
  applied: { vi: 'Đã đăng ký', en: 'Applied' },
  checking: { vi: 'Đang kiểm tra tự động', en: 'Being checked' },
  waitingForSystem: { vi: 'Chờ cơ sở dữ liệu trả lời', en: 'Waiting for a registry' },
  inQueue: { vi: 'Chờ cán bộ xác minh', en: 'In the officers’ queue' },
  ready: { vi: 'Đủ điều kiện xét', en: 'Ready' },
  offered: { vi: 'Có chỗ, chờ xác nhận', en: 'Place to be confirmed' },
  confirmed: { vi: 'Đã xác nhận', en: 'Confirmed' },
  waiting: { vi: 'Danh sách chờ', en: 'On the waiting list' },
  appealing: { vi: 'Đang khiếu nại', en: 'Appealing' },
  released: { vi: 'Nhường chỗ, quá hạn', en: 'Gave the place up' },
  withdrawn: { vi: 'Rút hồ sơ', en: 'Withdrawn' },
} as const satisfies Record<keyof MemberCounts, Text>;

/** How many members stand where, in the order of their way. */
export const sayMembers = (members: MemberCounts, language: Language) =>
  (Object.keys(counts) as (keyof MemberCounts)[]).map((name) => ({
    name: counts[name][language],
    count: members[name],
  }));
