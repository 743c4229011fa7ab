import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { streetLight } from '../testing/street-light.ts';
import { editionFor, procedures } from './catalogue.ts';
import { parseLimit } from './engine/legal-clock.ts';
import type { Procedure } from './engine/procedure.ts';

/** The folder of an edition: editions of other years lie beside the one that has no year in its name. */
const folderOf = (id: string) =>
  id.replace(/\d{4}$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

/** The tasks that a procedure may name: its own, and those of the campaign that its applications take part in. */
const tasksNamedIn = ({ code, tasks }: Procedure) => [
  ...Object.keys(tasks),
  ...[...procedures.values()]
    .filter(({ campaign }) => campaign?.of === code)
    .flatMap((leading) => Object.keys(leading.tasks).map((name) => `campaign.${name}`)),
];

describe.each([...procedures])('%s', (id, procedure) => {
  it('has forms that survive JSON: the published schema is the form', () => {
    for (const form of [procedure.application, ...Object.values(procedure.tasks).map((task) => task.form)])
      expect(() => z.toJSONSchema(form, { io: 'input' })).not.toThrow();
  });

  it('labels every field of its application in both languages', () => {
    const unlabelled = Object.entries(procedure.names).filter(
      ([pointer, { vi }]) => vi === pointer.split('/').at(-1),
    );
    expect(unlabelled).toEqual([]);
  });

  it('names only tasks that it has, and gives every task one deadline that the clock can read', () => {
    for (const { notBy = [], due, expires, standing, by } of Object.values(procedure.tasks)) {
      for (const name of notBy) expect(tasksNamedIn(procedure)).toContain(name);
      // What has no deadline is a right of the applicant, and asks nothing of anybody.
      if (standing) expect(by).toBe('citizen');
      if (standing) continue;
      expect([due, expires].filter((limit) => limit !== undefined)).toHaveLength(1);
      if (due !== 'promised' && expires !== 'told')
        expect(() => parseLimit(due ?? expires ?? '')).not.toThrow();
    }
  });

  it('has a template with sample data for each document, signed by the performer of one of its tasks', () => {
    for (const { template, signedBy } of Object.values(procedure.documents)) {
      expect(existsSync(`templates/documents/${template}.hbs`)).toBe(true);
      expect(existsSync(`templates/documents/${template}.sample.json`)).toBe(true);
      expect(tasksNamedIn(procedure)).toContain(signedBy);
    }
  });

  it('has stories beside its code', () => {
    expect(existsSync(`workflows/${folderOf(id)}/procedure.test.ts`)).toBe(true);
  });
});

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
