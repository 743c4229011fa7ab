import type { Placement, Text } from '../engine/index.ts';
import { priorityGroups } from '../forms/school.ts';
import {
  choicesOf,
  compare,
  decidingBetween,
  standingAt,
  type Outcome,
  type Problem,
  type Seat,
  unknownDistance,
  type Standing,
} from './placing.ts';
import { criteria, tiers } from './criteria.ts';

type Member = Problem['members'][number];

/** Says to every child what came of each of its wishes and why. */
export function explain({ offers, members }: Problem, outcome: Outcome): Placement[] {
  const names = new Map(offers.map(({ code, name }) => [code, name]));
  const waiting = waitingLists(members, outcome);
  const ranks = ranksOf(members, outcome);
  return members.map((member) => {
    const school = outcome.schoolOf.get(member.id) ?? null;
    const parts = [
      ...refusedBefore(member, school).map((wish) =>
        sayRefused(member, wish, names.get(wish) ?? wish, outcome),
      ),
      ...(school === null
        ? [sayWaiting(member, waiting, names)]
        : [sayPlaced(member, school, names.get(school) ?? school, outcome)]),
    ];
    return { id: member.id, offer: school, rank: ranks.get(member.id) ?? 1, why: joined(parts) };
  });
}

/** The rank of each child at its school; of those without one, by their lots. */
function ranksOf(members: readonly Member[], { seats, schoolOf }: Outcome): Map<string, number> {
  const placed = [...seats.values()].map((taken) => taken.map(({ member }) => member));
  const waiting = members
    .filter(({ id }) => !schoolOf.has(id))
    .sort((a, b) => (a.lottery < b.lottery ? -1 : 1));
  return new Map(
    [...placed, waiting].flatMap((list) => list.map(({ id }, index) => [id, index + 1] as const)),
  );
}

const joined = (parts: Text[]): Text => ({
  vi: parts.map(({ vi }) => vi).join(' '),
  en: parts.map(({ en }) => en).join(' '),
});

/** The wishes that a child had before the school where it was placed. */
function refusedBefore({ input }: Member, school: string | null): string[] {
  const wishes = input.wishes.map((wish) => wish.school);
  const at = school === null ? -1 : wishes.indexOf(school);
  return at < 0 ? wishes : wishes.slice(0, at);
}

/** What kept a child out of a school: who came last there, and by which criterion they went first. */
export interface Refused {
  last: Seat;
  own: Standing;
  /** Number of the deciding one of the criteria. */
  by: number;
}

/** Works out why a child that asked for a school is not there; undefined where the school has no places at all. */
export function refusalAt(school: string, member: Member, { seats }: Outcome): Refused | undefined {
  const last = seats.get(school)?.at(-1);
  if (!last) return undefined;
  const own = standingAt(school, member);
  return { last, own, by: decidingBetween(last.standing, own) };
}

function sayRefused(member: Member, school: string, name: string, outcome: Outcome): Text {
  const wish = member.input.wishes.findIndex((each) => each.school === school) + 1;
  const refused = refusalAt(school, member, outcome);
  if (!refused)
    return {
      vi: `${name} (nguyện vọng ${wish}): không còn chỗ.`,
      en: `${name} (wish ${wish}): no place was left.`,
    };
  const [its, own] = [sayStanding(refused.last.standing, refused.by), sayStanding(refused.own, refused.by)];
  const by = criteria[refused.by]!;
  return {
    vi: `${name} (nguyện vọng ${wish}): đã đủ chỗ, nhận đến ${its.vi}; con: ${own.vi} (khác nhau ở ${by.vi}).`,
    en: `${name} (wish ${wish}): full, the last one taken: ${its.en}; your child: ${own.en} (they differ in ${by.en}).`,
  };
}

function sayPlaced(member: Member, school: string, name: string, outcome: Outcome): Text {
  const wish = member.input.wishes.findIndex((each) => each.school === school) + 1;
  const own = sayStanding(standingAt(school, member), wish > 0 ? 4 : 0);
  const asked =
    wish > 0
      ? { vi: `nguyện vọng ${wish}`, en: `wish ${wish}` }
      : { vi: 'trường gần nhất còn chỗ', en: 'the nearest school with a place left' };
  const last = outcome.seats.get(school)?.at(-1);
  const end = last && last.member !== member && wish > 0 ? sayStanding(last.standing, 3) : undefined;
  return {
    vi: `Được xếp vào ${name} (${asked.vi}): ${own.vi}${end ? `; trường nhận đến ${end.vi}` : ''}.`,
    en: `Placed at ${name} (${asked.en}): ${own.en}${end ? `; the last one taken: ${end.en}` : ''}.`,
  };
}

/** The criteria of a standing in words, as far as they are needed: up to the one that decides, where it is one. */
function sayStanding([tier, group, sibling, metres, since]: Standing, upTo: number): Text {
  const named: Text | undefined = Object.values(priorityGroups)[group];
  const said: (Text | undefined)[] = [
    tiers[tier],
    named ?? (upTo === 1 ? { vi: 'không thuộc diện ưu tiên', en: 'in no priority group' } : undefined),
    sibling === 0
      ? { vi: 'có anh chị em học tại trường', en: 'with a sibling at the school' }
      : upTo === 2
        ? { vi: 'không có anh chị em học tại trường', en: 'without a sibling at the school' }
        : undefined,
    upTo < 3
      ? undefined
      : metres === Infinity
        ? { vi: 'không đăng ký trường này', en: 'who did not ask for this school' }
        : metres === unknownDistance
          ? { vi: 'chưa rõ khoảng cách', en: 'at an unknown distance' }
          : { vi: `cách trường khoảng ${metres} m`, en: `about ${metres} m away` },
    upTo < 4 ? undefined : saySince(since),
  ];
  const parts = said.filter((each) => each !== undefined);
  return { vi: parts.map(({ vi }) => vi).join(', '), en: parts.map(({ en }) => en).join(', ') };
}

function saySince(since: string): Text | undefined {
  if (since.startsWith('9999')) return undefined;
  const [year, month] = since.split('-');
  return { vi: `cư trú từ tháng ${month}/${year}`, en: `there since ${month}/${year}` };
}

/** At what number children without a place wait for each school that they would take, in its order. */
function waitingLists(members: readonly Member[], { schoolOf }: Outcome): Map<string, Map<string, number>> {
  const lists = new Map<string, Seat[]>();
  for (const member of members) {
    if (schoolOf.has(member.id)) continue;
    for (const school of choicesOf(member.input)) {
      const list = lists.get(school) ?? [];
      list.push({ member, standing: standingAt(school, member) });
      lists.set(school, list);
    }
  }
  return new Map(
    [...lists].map(([school, list]) => [
      school,
      new Map(
        list
          .sort((a, b) => compare(a.standing, b.standing))
          .map(({ member }, at) => [member.id, at + 1] as const),
      ),
    ]),
  );
}

function sayWaiting(
  { id, input }: Member,
  waiting: ReadonlyMap<string, ReadonlyMap<string, number>>,
  names: ReadonlyMap<string, string>,
): Text {
  const at = input.wishes.map(({ school }) => ({
    name: names.get(school) ?? school,
    position: waiting.get(school)?.get(id) ?? 0,
  }));
  return {
    vi: `Chưa có chỗ; trong danh sách chờ: ${at.map(({ name, position }) => `thứ ${position} tại ${name}`).join(', ')}.`,
    en: `No place yet; on the waiting list: ${at.map(({ name, position }) => `number ${position} at ${name}`).join(', ')}.`,
  };
}
