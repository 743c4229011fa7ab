import type { Request } from 'express';
import { dateSearch } from '../../fhir/dates.ts';
import { isStored, type Interactions, type ResourceType } from '../../fhir/resource-types.ts';
import type { Search } from '../../records/fhir/search.ts';
import { FhirProblem } from './outcome.ts';
import { isId } from './request.ts';

/** A search parameter of a type, as the CapabilityStatement tells it and as searches read it. */
export interface SearchParameter {
  name: string;
  type: 'token' | 'reference' | 'date' | 'number';
  definition?: string;
  documentation?: string;
  read(into: Search, values: string[]): void;
}

/** Most resources on a page, and how many there are unless told. */
export const mostOnPage = 100;
const usuallyOnPage = 20;

const resource = (name: string) => `http://hl7.org/fhir/SearchParameter/Resource-${name}`;
const wrong = (name: string, value: string) =>
  new FhirProblem(400, 'value', `${name}: không đọc được "${value.slice(0, 40)}" · cannot be read`);

/** What each of several conditions asks must hold. */
const both = (before: string[] | undefined, more: string[]) =>
  before ? before.filter((each) => more.includes(each)) : more;

/** An id, or the address of a patient. */
const patientId = (value: string) => value.split('/').at(-1) ?? '';
const ids = (value: string) => value.split(',').filter(isId);

/** The words of an identifier: `system|value`, `|value` without a system, `value` of any system. */
const tokenWords = (value: string) =>
  value.split(',').map((each) => (each.includes('|') ? each : `*|${each}`));

function dates(field: 'dates' | 'updated', name: string): SearchParameter['read'] {
  return (into, values) => {
    for (const value of values) {
      const search = dateSearch(value);
      if (!search) throw wrong(name, value);
      into[field].push(search);
    }
  };
}

/** The search parameters of a type; what is not among them is refused. */
export function parametersOf(type: ResourceType, facts: Interactions): SearchParameter[] {
  const onDate = (name: string, more: Partial<SearchParameter>): SearchParameter => ({
    name,
    type: 'date',
    read: dates('dates', name),
    ...more,
  });
  const { date, dateName, dateDefinition: definition, patient } = facts;
  return [
    {
      name: '_id',
      type: 'token',
      definition: resource('id'),
      read: (into, values) => {
        for (const value of values) into.ids = both(into.ids, ids(value));
      },
    },
    ...(isStored(type) ? [identifier(type)] : []),
    ...(patient
      ? [
          {
            name: 'patient',
            type: 'reference' as const,
            documentation: 'Patient/{id} or the id alone',
            read: (into: Search, values: string[]) => {
              for (const value of values)
                into.patients = both(into.patients, value.split(',').map(patientId).filter(isId));
            },
          },
        ]
      : []),
    ...(date
      ? [onDate('date', dateName ? { documentation: `The same as ${dateName}` } : { definition })]
      : []),
    ...(dateName ? [onDate(dateName, { definition })] : []),
    {
      name: '_lastUpdated',
      type: 'date',
      definition: resource('lastUpdated'),
      read: dates('updated', '_lastUpdated'),
    },
    {
      name: '_count',
      type: 'number',
      documentation: `How many on a page, ${mostOnPage} at most`,
      read: (into, [value = '']) => {
        if (!/^\d{1,9}$/.test(value)) throw wrong('_count', value);
        into.count = Math.min(Number(value), mostOnPage);
      },
    },
  ];
}

const identifier = (type: string): SearchParameter => ({
  name: 'identifier',
  type: 'token',
  ...(type === 'Patient' ? { definition: 'http://hl7.org/fhir/SearchParameter/Patient-identifier' } : {}),
  documentation: 'Send personal numbers by POST …/_search, so that they stand in no address',
  read: (into, values) => {
    for (const value of values) into.identifiers = both(into.identifiers, tokenWords(value));
  },
});

/** Said about the answer, not about what is searched for. */
const aside = new Set(['_format', '_pretty']);

/** The parameters of a search, in the address and, where it is sent so, in a form. */
export function givenParameters(req: Request): [string, string][] {
  const sent = [req.query, ...(req.method === 'POST' ? [(req.body ?? {}) as Record<string, unknown>] : [])];
  return sent.flatMap((each) =>
    Object.entries(each).flatMap(([name, value]) =>
      [value].flat().map((one): [string, string] => [name, typeof one === 'string' ? one : '']),
    ),
  );
}

/**
 * Reads a search.
 *
 * @throws FhirProblem 400 for a parameter that the type has not, or a value that cannot be read
 */
export function searchOf(parameters: readonly SearchParameter[], given: readonly [string, string][]): Search {
  const search: Search = { dates: [], updated: [], count: usuallyOnPage };
  for (const [name, value] of given) {
    if (aside.has(name)) continue;
    const parameter = parameters.find((each) => each.name === name);
    if (!parameter)
      throw new FhirProblem(
        400,
        'not-supported',
        `Không tìm theo "${name.slice(0, 40)}" được; có · cannot be searched by; there are ${parameters.map((each) => each.name).join(', ')}`,
      );
    parameter.read(search, [value]);
  }
  return search;
}
