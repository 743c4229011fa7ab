import { createHmac } from 'node:crypto';
import type { Child, Problem } from '../workflows/school-campaign/placing.ts';
import { priorityGroups, type PriorityGroup } from '../workflows/forms/school.ts';
import { generator } from './explorer/generator.ts';

const seed = Buffer.alloc(32, 5);
const groups = Object.keys(priorityGroups) as PriorityGroup[];

/** The lot of a child, as the engine draws it. */
export const lotOf = (id: string) => createHmac('sha256', seed).update(id).digest('hex');

/** Makes up a ward with so many children and schools; the same number makes the same one. */
export function madeUpWard({
  children,
  schools,
  places,
  draw,
}: {
  children: number;
  schools: number;
  places: number;
  draw: number;
}): Problem {
  const below = generator(draw + 1);
  const offers = Array.from({ length: schools }, (_, index) => ({
    code: `TH-${String(index + 1).padStart(2, '0')}`,
    name: `Trường Tiểu học số ${index + 1}`,
    free: Math.max(1, Math.floor(places / schools)),
  }));
  const members = Array.from({ length: children }, (_, index) => {
    const id = `K${String(index).padStart(5, '0')}`;
    const home = below(schools);
    const near = Array.from({ length: schools }, (_, step) => offers[(home + step) % schools]!.code);
    const wishes = [
      ...new Set([
        near[below(Math.min(2, schools))]!,
        near[below(Math.min(4, schools))]!,
        near[below(schools)]!,
      ]),
    ];
    const input: Child = {
      residence: (['permanent', 'permanent', 'temporary', 'other'] as const)[below(4)]!,
      since: below(10) === 0 ? null : `20${String(15 + below(11))}-${String(1 + below(12)).padStart(2, '0')}`,
      catchment: below(8) === 0 ? [] : [near[0]!],
      group: below(12) === 0 ? groups[below(groups.length)]! : null,
      sibling: below(6) === 0 ? near[below(Math.min(2, schools))]! : null,
      wishes: wishes.map((school) => ({ school, metres: 50 * (1 + below(60)) })),
      others: below(5) === 0 ? [] : near.filter((school) => !wishes.includes(school)),
    };
    return { id, lottery: lotOf(id), input };
  });
  return { offers, members };
}
