import type { AllocationProblem } from '../engine/index.ts';
import { priorityGroups, type PriorityGroup } from '../forms/school.ts';

/** What the allocation knows of a child: no name, no number and no home. */
export interface Child {
  residence: 'permanent' | 'temporary' | 'other';
  /** The month (YYYY-MM) since when the child has lived there; null where nobody has confirmed one. */
  since: string | null;
  /** Codes of the schools in whose catchment the child lives. */
  catchment: readonly string[];
  group: PriorityGroup | null;
  /** Code of the school where a sister or brother learns. */
  sibling: string | null;
  /** Schools that were asked for, in their order, and how many metres away they are, in steps of 50; {@link unknownDistance}. */
  wishes: readonly { school: string; metres: number }[];
  /** The other schools of the campaign, the nearest first; none where the parents want no other. */
  others: readonly string[];
}

export type Problem = AllocationProblem<Child>;
type Member = Problem['members'][number];

/** A child's place in the order of a school, criterion by criterion; smaller goes first. */
export type Standing = readonly [
  tier: number,
  group: number,
  sibling: number,
  metres: number,
  since: string,
  lottery: string,
];

/** Stands for a distance that nobody knows, as the home was never put on a map. */
export const unknownDistance = 100_000;

const groups = Object.keys(priorityGroups);
const never = '9999-12';

/** Works out where a child stands in the order of a school. */
export function standingAt(school: string, { input, lottery }: Member): Standing {
  const inside = input.catchment.includes(school);
  const tier = !inside || input.residence === 'other' ? 2 : input.residence === 'temporary' ? 1 : 0;
  const wish = input.wishes.find((each) => each.school === school);
  return [
    tier,
    input.group === null ? groups.length : groups.indexOf(input.group),
    input.sibling === school ? 0 : 1,
    // Within a tier who asked for the school goes before who is only led there because theirs were full.
    wish?.metres ?? Infinity,
    input.since ?? never,
    lottery,
  ];
}

/** Number of the criterion by which two standings differ first; -1 where they do not. */
export function decidingBetween(one: Standing, other: Standing): number {
  for (let at = 0; at < one.length; at++) if (one[at] !== other[at]) return at;
  return -1;
}

/** Orders two standings: negative where the first goes first. */
export function compare(one: Standing, other: Standing): number {
  const at = decidingBetween(one, other);
  if (at < 0) return 0;
  return (one[at] as string | number) < (other[at] as string | number) ? -1 : 1;
}

/** A child at a school, with where it stands there. */
export interface Seat {
  member: Member;
  standing: Standing;
}

/** Who is at which school, in its order, and who is nowhere. */
export interface Outcome {
  seats: ReadonlyMap<string, readonly Seat[]>;
  schoolOf: ReadonlyMap<string, string>;
}

/** The schools that a child would take, the first choice first. */
export const choicesOf = ({ wishes, others }: Child): string[] => [
  ...wishes.map(({ school }) => school),
  ...others,
];

/**
 * Places the children by deferred acceptance (Gale and Shapley 1962): each asks for its first choice, each school keeps those who
 * stand first in its order as far as its places go, and who is not kept asks for the next. Nobody is kept out of a school by
 * somebody who stands behind them there, and the order in which children are listed changes nothing.
 */
export function place({ offers, members }: Problem): Outcome {
  const free = new Map(offers.map(({ code, free }) => [code, free]));
  const seats = new Map<string, Seat[]>(offers.map(({ code }) => [code, []]));
  let asking: Asking[] = members.map((member) => ({
    member,
    left: choicesOf(member.input)
      .filter((school) => free.has(school))
      .reverse(),
  }));
  const askers = new Map(asking.map((each) => [each.member, each]));
  while (asking.length > 0) {
    const asked = new Map<string, Seat[]>();
    for (const { member, left } of asking) {
      const school = left.pop();
      if (school === undefined) continue;
      const seat = { member, standing: standingAt(school, member) };
      const others = asked.get(school);
      if (others) others.push(seat);
      else asked.set(school, [seat]);
    }
    asking = [];
    for (const [school, newcomers] of asked) {
      const inOrder = [...(seats.get(school) ?? []), ...newcomers].sort((a, b) =>
        compare(a.standing, b.standing),
      );
      const places = free.get(school) ?? 0;
      seats.set(school, inOrder.slice(0, places));
      for (const { member } of inOrder.slice(places)) asking.push(askers.get(member)!);
    }
  }
  const schoolOf = new Map(
    [...seats].flatMap(([school, taken]) => taken.map(({ member }) => [member.id, school] as const)),
  );
  return { seats, schoolOf };
}

/** A child that asks, and the schools that it has not asked yet, the next one last. */
interface Asking {
  member: Member;
  left: string[];
}
