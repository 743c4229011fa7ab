/**
 * Makes a small generator (mulberry32) of numbers below what it is asked for, so that an order is a number that can be
 * printed and shrunk; that of 0 always gives 0.
 */
export function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    if (seed === 0 || below === 0) return 0;
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
