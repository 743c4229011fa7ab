import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  dataClasses,
  purposes,
  type DataClass,
  type Purpose,
  type SensitiveClass,
} from '../../fhir/codings.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { consentOf, openRecord, type OpenRecord } from '../../testing/health-records.ts';
import { endConsent, type Granted } from '../health-consents.ts';
import type { Reader } from './grounds.ts';
import { searchResources } from './search.ts';

let database: TestDatabase;
let record: OpenRecord;
const granting = new Date('2026-12-01T02:00:00Z');

beforeAll(async () => {
  database = await createTestDatabase();
  record = await openRecord(database.db, 'an', granting, {
    allergies: [{ substance: 'Tôm', severity: 'mild' }],
  });
});
afterAll(() => database.drop());

/** What is in the record: by class, and whether it is about mental health. */
const holds = [
  ['AllergyIntolerance', 'summary', 1, 0],
  ['Condition', 'summary', 1, 1],
  ['MedicationStatement', 'medication', 1, 1],
  ['Observation', 'laboratory', 2, 0],
  ['Immunization', 'summary', 3, 0],
] as const;

interface Asked {
  agency: string;
  purpose: Purpose | undefined;
  at: Date;
  number?: string;
}

async function seen({ agency, purpose, at, number }: Asked): Promise<Record<string, number>> {
  const reader: Reader = {
    actor: { sub: 'somebody', name: 'Ai đó', roles: ['clinician'], agency, personalNumber: number },
    purpose,
    at,
  };
  const counts = holds.map(async ([type]) => {
    const found = await searchResources(database.db, reader, type, {
      patients: [record.id],
      dates: [],
      updated: [],
      count: 50,
    });
    expect(found.rows).toHaveLength(found.total);
    return [type, found.total] as const;
  });
  return Object.fromEntries(await Promise.all(counts));
}

/** What a consent lets see, reckoned without any database. */
function allowed(granted: Granted, { agency, purpose, at }: Asked): Record<string, number> {
  const day = new Date(at.getTime() + 7 * 3_600_000).toISOString().slice(0, 10);
  const inForce =
    agency === granted.recipient && purpose === granted.purpose && granted.from! <= day && day <= granted.to;
  return Object.fromEntries(
    holds.map(([type, dataClass, open, mental]) => {
      const covered = inForce && granted.classes.includes(dataClass);
      return [type, covered ? open + (granted.sensitive.includes('mentalHealth') ? mental : 0) : 0];
    }),
  );
}

const nothing = Object.fromEntries(holds.map(([type]) => [type, 0]));
const consent: Granted = {
  recipient: 'H29.61',
  purpose: 'treatment',
  classes: ['summary', 'medication'],
  sensitive: [],
  from: '2026-12-10',
  to: '2026-12-20',
};
const in2026 = new Date('2026-12-15T02:00:00Z');

describe('what a consent lets see', () => {
  it.each<[string, Partial<Asked>, Partial<Granted>]>([
    ['what it covers', {}, {}],
    ['nothing for another recipient', { agency: 'H29.62' }, {}],
    ['nothing for another purpose', { purpose: 'research' }, {}],
    ['nothing without a purpose', { purpose: undefined }, {}],
    ['nothing before its first day', { at: new Date('2026-12-09T16:59:59Z') }, {}],
    ['all on its first minute', { at: new Date('2026-12-09T17:00:00Z') }, {}],
    ['all on its last minute', { at: new Date('2026-12-20T16:59:59Z') }, {}],
    ['nothing after its last day', { at: new Date('2026-12-20T17:00:00Z') }, {}],
    ['no class that it does not name', {}, { classes: ['laboratory'] }],
    ['mental health where it names that', {}, { sensitive: ['mentalHealth'] }],
    ['no mental health where it names something else', {}, { sensitive: ['hiv'] }],
    [
      'mental health of the classes that it names',
      {},
      { classes: ['medication'], sensitive: ['mentalHealth'] },
    ],
    ['nothing in an emergency that nobody has opened', { purpose: 'emergency' }, {}],
  ])('%s', async (_what, asked, changed) => {
    const granted = { ...consent, ...changed };
    const code = await consentOf(database.db, 'an', granted, granting);
    const wanted = { agency: 'H29.61', purpose: 'treatment' as const, at: in2026, ...asked };
    expect(await seen(wanted)).toEqual(allowed(granted, wanted));
    await endConsent(database.db, code, 'withdrawn', granting);
    expect(await seen(wanted)).toEqual(nothing);
  });

  it('is what it says, whatever it says and whoever asks', async () => {
    const days = ['2026-12-05', '2026-12-15', '2026-12-25'];
    const grants = fc.record({
      recipient: fc.constantFrom('H29.61', 'H29.62'),
      purpose: fc.constantFrom(...(Object.keys(purposes) as Purpose[])),
      classes: fc.uniqueArray(fc.constantFrom(...(Object.keys(dataClasses) as DataClass[])), {
        minLength: 1,
      }),
      sensitive: fc.uniqueArray(fc.constantFrom<SensitiveClass>('mentalHealth', 'hiv')),
      from: fc.constantFrom(...days.slice(0, 2)),
      to: fc.constantFrom(...days.slice(1)),
    });
    const asks = fc.record({
      agency: fc.constantFrom('H29.61', 'H29.62'),
      purpose: fc.constantFrom(...(Object.keys(purposes) as Purpose[]), undefined),
      at: fc.constantFrom(...days.map((day) => new Date(`${day}T03:00:00Z`))),
    });
    await fc.assert(
      fc.asyncProperty(grants, asks, async (granted, asked) => {
        const code = await consentOf(database.db, 'an', granted, granting);
        try {
          expect(await seen(asked)).toEqual(allowed(granted, asked));
        } finally {
          await endConsent(database.db, code, 'withdrawn', granting);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('without a consent', () => {
  it('a record is its citizen’s, all of it, and not that of whom they name for emergencies', async () => {
    const own = await seen({ agency: '', purpose: undefined, at: in2026, number: record.personalNumber });
    expect(own).toEqual(Object.fromEntries(holds.map(([type, , open, mental]) => [type, open + mental])));
    expect(await seen({ agency: '', purpose: undefined, at: in2026, number: '077192990003' })).toEqual(
      nothing,
    );
  });
});
