import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lotOf, madeUpWard } from '../../testing/school-children.ts';
import { allocate } from './allocation.ts';
import { refusalAt } from './explanation.ts';
import { choicesOf, compare, place, standingAt, type Child, type Problem } from './placing.ts';

const school = (code: string, free: number) => ({ code, name: `Trường ${code}`, free });
const child = (id: string, input: Partial<Child> = {}) => ({
  id,
  lottery: lotOf(id),
  input: {
    residence: 'permanent' as const,
    since: '2020-01',
    catchment: ['A'],
    group: null,
    sibling: null,
    wishes: [{ school: 'A', metres: 500 }],
    others: [],
    ...input,
  },
});
const placesOf = (problem: Problem) =>
  Object.fromEntries(allocate(problem).map(({ id, offer }) => [id, offer]));
const only = (...members: ReturnType<typeof child>[]) => placesOf({ offers: [school('A', 1)], members });

describe('one child goes before another', () => {
  it('by residence first: permanent, then temporary, then from outside', () => {
    const temporary = child('temporary', { residence: 'temporary', group: 'martyr', sibling: 'A' });
    expect(only(temporary, child('permanent'))).toEqual({ permanent: 'A', temporary: null });
    expect(only(child('outside', { catchment: [] }), temporary)).toMatchObject({ temporary: 'A' });
    expect(only(child('other', { residence: 'other' }), temporary)).toMatchObject({ temporary: 'A' });
  });

  it('by the priority group within a tier, then by a sibling at that school', () => {
    const sibling = child('sibling', { sibling: 'A' });
    expect(only(sibling, child('poor', { group: 'poor' }))).toMatchObject({ poor: 'A' });
    expect(only(child('poor', { group: 'poor' }), child('disabled', { group: 'disabled' }))).toMatchObject({
      disabled: 'A',
    });
    expect(only(child('near', { wishes: [{ school: 'A', metres: 50 }] }), sibling)).toMatchObject({
      sibling: 'A',
    });
    expect(only(child('elsewhere', { sibling: 'B' }), sibling)).toMatchObject({ sibling: 'A' });
  });

  it('by distance, then by how long they have lived there, and in the end by lot', () => {
    const near = child('near', { wishes: [{ school: 'A', metres: 450 }], since: null });
    expect(only(child('far', { since: '2015-01' }), near)).toMatchObject({ near: 'A' });
    expect(only(child('later', { since: '2020-02' }), child('earlier'))).toMatchObject({ earlier: 'A' });
    const [first] = ['x', 'y'].sort((a, b) => lotOf(a).localeCompare(lotOf(b)));
    expect(only(child('x'), child('y'))).toMatchObject({ [first!]: 'A' });
  });
});

describe('a child whose wish is full', () => {
  const members = [
    child('one', { wishes: [{ school: 'A', metres: 100 }] }),
    child('two', {
      wishes: [
        { school: 'A', metres: 300 },
        { school: 'B', metres: 900 },
      ],
    }),
    child('three', { wishes: [{ school: 'A', metres: 400 }], others: ['B', 'C'] }),
    child('four', { wishes: [{ school: 'A', metres: 600 }] }),
  ];
  const offers = [school('A', 1), school('B', 1), school('C', 1)];

  it('goes to the next wish, then to the nearest school that has a place, or waits', () => {
    expect(placesOf({ offers, members })).toEqual({ one: 'A', two: 'B', three: 'C', four: null });
  });

  it('is told who came last, where the child stands and by what they differ, in both languages', () => {
    const why = Object.fromEntries(allocate({ offers, members }).map((each) => [each.id, each.why]));
    expect(why['two']?.vi).toBe(
      'Trường A (nguyện vọng 1): đã đủ chỗ, nhận đến thường trú trong tuyến, cách trường khoảng 100 m; ' +
        'con: thường trú trong tuyến, cách trường khoảng 300 m (khác nhau ở khoảng cách đến trường). ' +
        'Được xếp vào Trường B (nguyện vọng 2): ngoài tuyến, cách trường khoảng 900 m, cư trú từ tháng 01/2020.',
    );
    expect(why['three']?.en).toContain('Placed at Trường C (the nearest school with a place left)');
    expect(why['four']?.vi).toContain('trong danh sách chờ: thứ 1 tại Trường A');
    expect(why['one']?.en).toBe(
      'Placed at Trường A (wish 1): permanent resident of the catchment, about 100 m away, there since 01/2020.',
    );
  });

  it('loses its own catchment’s school to nobody by having asked for another one first', () => {
    const brave = child('brave', {
      wishes: [
        { school: 'B', metres: 900 },
        { school: 'A', metres: 200 },
      ],
    });
    const local = child('local', { catchment: ['B'], wishes: [{ school: 'B', metres: 100 }] });
    const outsider = child('outsider', { catchment: [], wishes: [{ school: 'A', metres: 50 }] });
    const found = placesOf({ offers: [school('A', 1), school('B', 1)], members: [outsider, brave, local] });
    expect(found).toEqual({ brave: 'A', local: 'B', outsider: null });
  });
});

/** Wards so small that a counter-example can be read. */
const wards = fc
  .record({
    children: fc.integer({ min: 1, max: 40 }),
    schools: fc.integer({ min: 1, max: 6 }),
    places: fc.integer({ min: 1, max: 40 }),
    draw: fc.nat(),
  })
  .map(madeUpWard);
const holds = (rule: (problem: Problem) => void) => fc.assert(fc.property(wards, rule), { numRuns: 300 });

describe('whatever the ward', () => {
  it('no school takes more than it has places, and every child is answered once', () =>
    holds((problem) => {
      const placements = allocate(problem);
      expect(placements.map(({ id }) => id).sort()).toEqual(problem.members.map(({ id }) => id).sort());
      for (const { code, free } of problem.offers)
        expect(placements.filter(({ offer }) => offer === code).length).toBeLessThanOrEqual(free);
      for (const { id, offer } of placements) {
        const { input } = problem.members.find((each) => each.id === id)!;
        if (offer !== null) expect(choicesOf(input)).toContain(offer);
      }
    }));

  it('nobody is kept out of a school that they would rather have by somebody who stands behind them there, or by nobody', () =>
    holds((problem) => {
      const { seats, schoolOf } = place(problem);
      for (const member of problem.members) {
        const choices = choicesOf(member.input);
        const got = choices.indexOf(schoolOf.get(member.id) ?? '');
        for (const wanted of got < 0 ? choices : choices.slice(0, got)) {
          const { free } = problem.offers.find(({ code }) => code === wanted)!;
          const taken = seats.get(wanted)!;
          expect(taken).toHaveLength(free);
          for (const seat of taken)
            expect(compare(seat.standing, standingAt(wanted, member))).toBeLessThan(0);
        }
      }
    }));

  it('the same children in another order get the same places and the same words, to the byte', () =>
    fc.assert(
      fc.property(wards, fc.infiniteStream(fc.nat()), (problem, draws) => {
        const shuffled = <T>(items: readonly T[]) =>
          items
            .map((item) => ({ item, by: draws.next().value as number }))
            .sort((a, b) => a.by - b.by)
            .map(({ item }) => item);
        const other = { offers: shuffled(problem.offers), members: shuffled(problem.members) };
        expect(JSON.stringify(allocate(other))).toBe(JSON.stringify(allocate(problem)));
      }),
      { numRuns: 100 },
    ));

  it('no child gets a better place by telling its wishes in another order than it has them', () =>
    fc.assert(
      fc.property(wards, fc.nat(), fc.nat(), (problem, who, swap) => {
        const member = problem.members[who % problem.members.length]!;
        const { wishes } = member.input;
        const told = swap % 2 ? [...wishes].reverse() : [...wishes.slice(1), ...wishes.slice(0, 1)];
        const lie = { ...member, input: { ...member.input, wishes: told } };
        const truly = placesOf(problem)[member.id] ?? '';
        const lying = placesOf({
          ...problem,
          members: problem.members.map((each) => (each === member ? lie : each)),
        })[member.id];
        const worth = (offer: string | null | undefined) => {
          const at = choicesOf(member.input).indexOf(offer ?? '');
          return at < 0 ? Infinity : at;
        };
        expect(worth(lying)).toBeGreaterThanOrEqual(worth(truly));
      }),
      { numRuns: 300 },
    ));

  it('what a child is told is true: the school was full, and its last child went first by that criterion', () =>
    holds((problem) => {
      const outcome = place(problem);
      for (const { id, offer, why } of allocate(problem)) {
        const member = problem.members.find((each) => each.id === id)!;
        for (const { school: wish } of member.input.wishes) {
          if (wish === offer) break;
          const refused = refusalAt(wish, member, outcome)!;
          expect(refused.last.standing.slice(0, refused.by)).toEqual(refused.own.slice(0, refused.by));
          expect(refused.last.standing[refused.by]! < refused.own[refused.by]!).toBe(true);
        }
        expect([why.vi, why.en].every((text) => text.length > 20 && !/undefined|NaN/.test(text))).toBe(true);
      }
    }));

  it('giving a free place on to those who wait is the same decision once more, and takes from nobody', () =>
    holds((problem) => {
      const before = allocate(problem);
      const waiting = problem.members.filter(
        ({ id }) => before.find((each) => each.id === id)?.offer === null,
      );
      const freed = problem.offers.map(({ code, name }, index) => ({
        code,
        name,
        free: index === 0 ? 1 : 0,
      }));
      const given = allocate({ offers: freed, members: waiting }).filter(({ offer }) => offer !== null);
      expect(given.length).toBeLessThanOrEqual(1);
      const [first] = given;
      if (!first) return;
      const standing = standingAt(
        first.offer!,
        waiting.find(({ id }) => id === first.id)!,
      );
      for (const other of waiting)
        if (choicesOf(other.input).includes(first.offer!))
          expect(compare(standing, standingAt(first.offer!, other))).toBeLessThanOrEqual(0);
    }));
});
