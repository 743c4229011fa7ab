import { describe, expect, it } from 'vitest';
import { filerOf, procedures } from '../../workflows/catalogue.ts';
import { applicationPages } from './application.ts';

const agencies = [{ code: 'H29.16', name: { vi: 'Phường Vũng Tàu', en: 'Vung Tau Ward' } }];

describe('the pages of an application', () => {
  it.each([...procedures])('for %s are each there once, and end with the papers', (_id, procedure) => {
    const slugs = applicationPages(procedure, agencies).map(({ slug }) => slug);
    expect(new Set(slugs).size).toBe(slugs.length);
    expect(slugs.at(-1)).toBe('papers');
  });

  it('ask who applies, unless an agency files it itself', () => {
    for (const procedure of procedures.values()) {
      const slugs = applicationPages(procedure, agencies).map(({ slug }) => slug);
      expect(slugs.includes('applicant')).toBe(filerOf(procedure) === undefined);
    }
  });
});
