import { readFileSync } from 'node:fs';
import {
  crawlTypedValue,
  getDataType,
  indexStructureDefinitionBundle,
  OperationOutcomeError,
  validateResource,
  type TypedValue,
} from '@medplum/core';
import type { FhirResource, OperationOutcomeIssue } from 'fhir/r4.js';

/** A value set by its address: the codes that it has, by their system. */
type ValueSets = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

let valueSets: ValueSets | undefined;

/** Reads FHIR's own definitions when they are first needed: most processes never validate a resource. */
function definitions(): ValueSets {
  if (valueSets) return valueSets;
  const text = readFileSync(new URL('definitions.json', import.meta.url), 'utf8');
  const known = JSON.parse(text) as { structures: object[]; codes: ValueSets };
  indexStructureDefinitionBundle(known.structures);
  return (valueSets = known.codes);
}

/**
 * Says what is wrong with a resource by FHIR R4: structure, cardinality, types, invariants, and codes that must come from one
 * value set. What it says of people is another matter: see the constraints of records/fhir.
 */
export function faultsOf(resource: unknown): OperationOutcomeIssue[] {
  const codes = definitions();
  if (!isResource(resource)) return [fault('structure', 'There is no resource of that type', '')];
  try {
    // Warnings are matters of style; every error is thrown.
    validateResource(resource);
  } catch (error) {
    if (!(error instanceof OperationOutcomeError)) throw error;
    const { issue } = error.outcome as unknown as { issue: OperationOutcomeIssue[] };
    return issue.map(({ code, details, diagnostics, expression }) =>
      fault(code, details?.text ?? diagnostics ?? '', expression?.[0] ?? ''),
    );
  }
  return wrongCodes(resource, codes);
}

/** Whether FHIR has a type of that name among those that are served. */
function isResource(value: unknown): value is FhirResource {
  const type = (value as { resourceType?: unknown } | null)?.resourceType;
  if (typeof type !== 'string') return false;
  try {
    return getDataType(type).kind === 'resource';
  } catch {
    return false;
  }
}

const fault = (code: string, text: string, expression: string): OperationOutcomeIssue => ({
  severity: 'error',
  code: code as OperationOutcomeIssue['code'],
  diagnostics: text,
  ...(expression ? { expression: [expression] } : {}),
});

type Placed = TypedValue & { path: string };

/** Codes that the value set bound to their element does not have. */
function wrongCodes(resource: FhirResource, codes: ValueSets): OperationOutcomeIssue[] {
  const wrong: OperationOutcomeIssue[] = [];
  crawlTypedValue(
    { type: resource.resourceType, value: resource },
    {
      visitProperty(_parent, key, _path, values, schema) {
        const { valueSet = '' } = (schema.elements[key]?.binding ?? {}) as { valueSet?: string };
        const allowed = codes[valueSet];
        if (!allowed) return;
        for (const { type, value, path } of values.flat() as Placed[])
          if (!fits(type, value, allowed))
            wrong.push(fault('code-invalid', `The code is not one of ${valueSet}`, path));
      },
    },
  );
  return wrong;
}

function fits(type: string, value: unknown, allowed: ValueSets[string]): boolean {
  const known = ({ system, code }: { system?: string; code?: string }) =>
    code !== undefined && (allowed[system ?? ''] ?? []).includes(code);
  switch (type) {
    case 'code':
      return Object.values(allowed).some((codes) => codes.includes(value as string));
    case 'Coding':
      return known(value as { system?: string; code?: string });
    case 'CodeableConcept':
      return ((value as { coding?: { system?: string; code?: string }[] }).coding ?? []).some(known);
    default:
      return true;
  }
}
