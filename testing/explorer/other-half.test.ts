import { expect, it } from 'vitest';
import { halfTimeout, liveHalf } from './catalogue.ts';

it(
  'whatever happens, in whatever order, every case of every procedure keeps the rules',
  async () => {
    await expect(liveHalf(1)).resolves.toBeUndefined();
  },
  halfTimeout,
);
