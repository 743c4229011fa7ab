import { readFileSync } from 'node:fs';
import { describe, expect, inject, it } from 'vitest';
import { z } from 'zod';
import { subjectsOf } from '../testing/explorer/subjects.ts';
import { procedures } from './catalogue.ts';
import type { Procedure } from './engine/index.ts';
import { lint, type Course, type Subject } from './lint.ts';

describe('every procedure of the catalogue', () => {
  it('keeps the rules, by a dry run of many courses', async () => {
    const code = readFileSync(inject('bundlePath'), 'utf8');
    const found: string[] = [];
    for (const [id, subject] of await subjectsOf(code, procedures, 400)) {
      expect(subject.courses.length).toBeGreaterThan(100);
      for (const { rule, what, mend } of lint(subject)) found.push(`${id}: ${rule}: ${what} (mend: ${mend})`);
    }
    expect(found).toEqual([]);
  }, 1_800_000);
});

const text = (words: string) => ({ vi: words, en: words });
const procedure: Procedure = {
  code: '9.000004',
  title: text('Sound'),
  effectiveFrom: '2026-07-01',
  legalBasis: ['Quy định thử nghiệm'],
  application: z.object({ pole: z.string() }),
  papers: {},
  names: { '/pole': text('Pole') },
  limit: '3wd',
  consultations: { within: '1wd', silence: 'consent', of: { power: text('Ask the power company') } },
  tasks: {
    repair: { title: text('Repair'), by: 'specialist', due: '1wd', form: z.object({ done: z.boolean() }) },
    confirm: {
      title: text('Confirm'),
      by: 'citizen',
      expires: '1wd',
      silence: 'acceptance',
      form: z.object({}),
    },
  },
  outcomes: { repaired: text('repaired'), lost: text('lost') },
  documents: {
    report: { title: text('Report'), template: 'light/report', register: 'BB', signedBy: 'repair' },
  },
};
const course: Course = {
  path: ['repair', 'confirm expired'],
  outcome: 'repaired',
  waits: [
    { task: 'repair', role: 'specialist', deadline: '2026-09-10T10:00:00Z', context: {} },
    { task: 'confirm', role: 'citizen', deadline: '2026-09-11T10:00:00Z', context: { done: true } },
  ],
  papers: [
    { document: 'form-01', data: {} },
    { document: 'report', data: {} },
  ],
  lateMinutes: 0,
  repeats: false,
};
const sound: Subject = {
  procedure,
  courses: [course],
  source: '',
  templates: { 'light/report': '{{answers.pole}}' },
  rendered: new Set(['light/report']),
  consulted: new Set(['power']),
};
const taking = (changes: Partial<Course>): Subject => ({ ...sound, courses: [{ ...course, ...changes }] });
const being = (changes: Partial<Procedure>): Subject => ({
  ...sound,
  procedure: { ...procedure, ...changes },
});
const rulesOf = (subject: Subject) => [...new Set(lint(subject).map(({ rule }) => rule))];

describe('the linter', () => {
  it('finds nothing where nothing is wrong', () => expect(lint(sound)).toEqual([]));

  it.each<[string, Subject]>([
    [
      'wait-has-owner-and-deadline',
      taking({ waits: course.waits.map((wait) => ({ ...wait, deadline: null })) }),
    ],
    ['steps-fit-the-limit', taking({ lateMinutes: 90 })],
    [
      'outcome-has-its-paper',
      { ...sound, courses: [course, { ...course, outcome: 'lost', papers: course.papers.slice(0, 1) }] },
    ],
    ['outcome-is-named', taking({ outcome: 'odd' })],
    ['silence-is-handled', taking({ path: ['repair', 'confirm'] })],
    [
      'everything-is-reached',
      being({
        documents: {
          ...procedure.documents,
          refusal: { ...procedure.documents['report']!, signedBy: 'repair' },
        },
      }),
    ],
    ['field-is-used', being({ application: z.object({ pole: z.string(), colour: z.string() }) })],
    ['template-renders', { ...sound, rendered: new Set() }],
    ['template-renders', { ...sound, templates: { other: '{{pole}}' }, source: 'pole pole' }],
    ['consultation-names-an-agency', { ...sound, consulted: new Set() }],
    ['legal-basis-is-given', being({ legalBasis: [] })],
    ['titles-in-both-languages', being({ title: { vi: 'Chỉ tiếng Việt', en: ' ' } })],
  ])('finds what breaks %s', (rule, subject) => expect(rulesOf(subject)).toEqual([rule]));

  it('says what is wrong, on which way, and how to mend it', () =>
    expect(lint(taking({ lateMinutes: 90 }))).toEqual([
      {
        rule: 'steps-fit-the-limit',
        what: 'when everybody takes all their time, the decision is 2 working hours after the promised date: repair → confirm expired',
        mend: 'shorten the limits of these steps, or let some of them run at once',
      },
    ]));

  it('does not count a draft that was sent back against the limit', () =>
    expect(lint(taking({ lateMinutes: 90, repeats: true }))).toEqual([]));

  it('lets a field be unused for a reason', () => {
    const colour = z.string().meta({ unused: 'statistics' });
    expect(lint(being({ application: z.object({ pole: z.string(), colour }) }))).toEqual([]);
  });
});
