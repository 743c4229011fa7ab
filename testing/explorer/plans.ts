import fc from 'fast-check';
import { plays, type Move } from './moves.ts';

/** A life before it is lived: fast-check draws it and shrinks it. */
export interface Plan {
  procedure: string;
  /** Hours after the procedure's first day at which the life begins. */
  begins: number;
  seed: number;
  moves: Move[];
}

const weights: Partial<Record<Move['kind'], number>> = {
  act: 24,
  pass: 8,
  'act twice': 3,
  late: 2,
  withdraw: 1,
};

const choice = fc.nat({ max: 255 });
const move: fc.Arbitrary<Move> = fc
  .oneof(
    ...(Object.keys(plays) as Move['kind'][]).map((kind) => ({
      arbitrary: fc.constant(kind),
      weight: weights[kind] ?? 1,
    })),
  )
  .chain((kind) =>
    fc.record({ kind: fc.constant(kind), of: fc.nat({ max: 2 }), pick: choice, seed: choice, order: choice }),
  );

/** Draws lives of these procedures. */
export const plans = (procedures: readonly string[]): fc.Arbitrary<Plan> =>
  fc.record({
    procedure: fc.constantFrom(...procedures),
    begins: fc.nat({ max: 24 * 200 }),
    seed: choice,
    moves: fc.array(move, { maxLength: 24, size: 'max' }),
  });
