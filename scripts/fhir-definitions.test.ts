import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { makeDefinitions } from './fhir-definitions.ts';

it('keeps of FHIR R4 what the published definitions say', () => {
  expect(makeDefinitions()).toBe(readFileSync('fhir/definitions.json', 'utf8'));
}, 60_000);
