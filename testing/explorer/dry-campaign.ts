const inDays = (now: number, days: number) => new Date(now + days * 86_400_000).toISOString();

/** The round of a campaign in which the application of a dry run was filed. */
export const dryRound = (now: number) => ({
  campaign: 'H29.16-260901-0001',
  number: 1,
  checkedBy: inDays(now, 14),
});

/** What a campaign decides of the application of a dry run. */
export const decisionOf = (drawn: number, now: number) =>
  [
    { result: 'offered', offer: 'TH-HOA', confirmBy: inDays(now, 14), appealBy: inDays(now, 7) },
    { result: 'waiting', appealBy: inDays(now, 7) },
    { result: 'none' },
  ][drawn % 3];

/** What is answered to a question that a member or a campaign asks; undefined where it is another one. */
export function campaignAnswer(question: string, drawn: number): unknown {
  const some = drawn % 2 === 0;
  const answers: Record<string, unknown> = {
    registeredHome: { match: some, mismatches: some ? [] : ['residenceStatus'] },
    schooling: { preschool: true, enrolled: drawn === 3, sibling: some ? null : drawn === 1 },
    classLists: { pupils: 30, classes: 1 },
    grantPlace: some
      ? { granted: true, confirmBy: '2026-10-01T00:00:00.000Z' }
      : { granted: false, why: 'no-place' },
  };
  return answers[question];
}

const offers = [
  { code: 'TH-HOA', name: 'TH-HOA', planned: 35, extra: 0, offered: 2, confirmed: 30, free: 3 },
  { code: 'TH-BAI', name: 'TH-BAI', planned: 35, extra: 0, offered: 0, confirmed: 0, free: 35 },
];

/** What comes of a deed of a campaign in a dry run, where there are no members. */
export function dryDeed(type: string, drawn: number): unknown {
  const wrong = drawn === 3 ? [{ path: ['offers', 'TH-HOA'], message: 'Thử nghiệm · A test' }] : [];
  const deeds: Record<string, unknown> = {
    announce: { wrong, commitments: ['00', '01', '02'] },
    count: { offers },
    look: { more: false },
    allocate: { allocation: 1, members: 40, unchecked: 0, placed: 32, waiting: 8 },
    publish: null,
    tell: { told: 0, more: false },
    give: { given: 0 },
    carry: { carried: 8 },
    close: { told: 0, more: false, left: 0 },
  };
  const verb = type.split(' ', 1)[0] ?? '';
  if (!(verb in deeds)) throw new Error(`a dry run knows no "${type}"`);
  return deeds[verb];
}
