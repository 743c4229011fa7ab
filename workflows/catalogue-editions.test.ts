import { describe, expect, it } from 'vitest';
import { streetLight } from '../testing/street-light.ts';
import { editionFor } from './catalogue.ts';

const { effectiveTo: _none, ...light } = { effectiveTo: undefined, ...streetLight };
const editions = new Map([
  ['light2030', { ...light, effectiveFrom: '2030-01-01' }],
  ['light2026', { ...light, effectiveFrom: '2026-01-01', effectiveTo: '2026-12-31' }],
  ['light2027', { ...light, effectiveFrom: '2027-01-01' }],
  [
    'light2020',
    {
      ...light,
      effectiveFrom: '2020-01-01',
      effectiveTo: '2025-12-31',
      // The poles of the old network keep the old law, whenever they are reported.
      governs: ({ day, answers }: { day: string; answers: Readonly<Record<string, unknown>> }) =>
        day <= '2025-12-31' || String(answers['pole']).startsWith('OLD'),
    },
  ],
]);
const on = (day: string, pole = 'VT-17') => editionFor(editions, light.code, { day, answers: { pole } });

describe('the edition of the law that governs an application', () => {
  it('is the one in force on the day it is received; a later one lies dormant', () => {
    expect([on('2020-05-01'), on('2026-12-31'), on('2027-01-01'), on('2030-01-01')]).toEqual([
      'light2020',
      'light2026',
      'light2027',
      'light2030',
    ]);
    expect(on('2019-12-31')).toBeUndefined();
  });

  it('is another one where a transitional clause says so', () => {
    expect(on('2027-01-01', 'OLD-3')).toBe('light2020');
  });
});
