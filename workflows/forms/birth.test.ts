import { describe, expect, it } from 'vitest';
import { sampleBirth } from '../../testing/births.ts';
import { BirthApplication, checkBirthday } from './birth.ts';

/** The paths of the fields that the form finds wrong in the sample, changed by these answers. */
function wrong(answers: Record<string, unknown>): string[] {
  const { success, error } = BirthApplication.safeParse({ ...sampleBirth().answers, ...answers });
  return success ? [] : error.issues.map(({ path }) => path.join('/'));
}

const parentOf = (which: 'mother' | 'father') =>
  sampleBirth().answers[which] as { hometown: { ward: string; province: string } };

describe('the form of a birth', () => {
  it('takes the sample', () => expect(wrong({})).toEqual([]));

  it('takes names of letters only', () => {
    expect(wrong({ childName: 'Bé 2' })).toEqual(['childName']);
    expect(wrong({ childName: 'Nguyễn  An' })).toEqual(['childName']);
    expect(wrong({ childName: 'H’Hen Niê' })).toEqual([]);
    expect(wrong({ childName: 'Nguyễn Thị Ý Nhi' })).toEqual([]);
  });

  it('takes the hometown of the named parent, or one by custom on which the parents agree', () => {
    const { hometown } = parentOf('mother');
    expect(wrong({ hometown })).toEqual(['hometown']);
    expect(wrong({ hometown, hometownBy: 'mother' })).toEqual([]);
    expect(wrong({ hometown, hometownBy: 'custom' })).toEqual(['hometownAgreed']);
    expect(wrong({ hometown, hometownBy: 'custom', hometownAgreed: true })).toEqual([]);
  });

  it('leaves the father out only where the parents are not married', () => {
    const { hometown } = parentOf('mother');
    const motherOnly = { father: undefined, hometown, hometownBy: 'mother', marriage: undefined };
    expect(wrong(motherOnly)).toEqual(['father']);
    expect(wrong({ ...motherOnly, parentsMarried: false })).toEqual([]);
  });
});

describe('the day of birth (Law on Civil Status 2014, Art. 15.1)', () => {
  const check = (childDob: string, lateRegistration: boolean) =>
    checkBirthday({ day: '2026-11-23', answers: { childDob, lateRegistration } }).map(({ path }) => path);

  it('makes a registration late when it is more than 60 days ago', () => {
    expect(check('2026-09-24', false)).toEqual([]);
    expect(check('2026-09-24', true)).toEqual([['lateRegistration']]);
    expect(check('2026-09-23', true)).toEqual([]);
    expect(check('2026-09-23', false)).toEqual([['lateRegistration']]);
  });

  it('is not in the future, and that of a child under 18', () => {
    expect(check('2026-11-23', false)).toEqual([]);
    expect(check('2026-11-24', false)).toEqual([['childDob']]);
    expect(check('2008-11-24', true)).toEqual([]);
    expect(check('2008-11-23', true)).toEqual([['childDob']]);
  });
});
