import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { procedures } from './catalogue.ts';
import { parseLimit } from './engine/legal-clock.ts';

/** The folder of an edition: editions of other years lie beside the one that has no year in its name. */
const folderOf = (id: string) =>
  id.replace(/\d{4}$/, '').replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

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
    for (const { notBy = [], due, expires } of Object.values(procedure.tasks)) {
      for (const name of notBy) expect(Object.keys(procedure.tasks)).toContain(name);
      expect([due, expires].filter((limit) => limit !== undefined)).toHaveLength(1);
      expect(() => parseLimit(due ?? expires ?? '')).not.toThrow();
    }
  });

  it('has a template with sample data for each document, signed by the performer of one of its tasks', () => {
    for (const { template, signedBy } of Object.values(procedure.documents)) {
      expect(existsSync(`templates/documents/${template}.hbs`)).toBe(true);
      expect(existsSync(`templates/documents/${template}.sample.json`)).toBe(true);
      expect(Object.keys(procedure.tasks)).toContain(signedBy);
    }
  });

  it('has stories beside its code', () => {
    expect(existsSync(`workflows/${folderOf(id)}/procedure.test.ts`)).toBe(true);
  });
});
