import { it } from 'vitest';
import { halfTimeout, liveHalf } from './catalogue.ts';

it(
  'whatever happens, in whatever order, every case of every procedure keeps the rules',
  () => liveHalf(1),
  halfTimeout,
);
