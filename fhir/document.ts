import { createHash } from 'node:crypto';
import type { Bundle, BundleEntry, Composition, FhirResource } from 'fhir/r4.js';
import { systems } from './codings.ts';

/** Makes a UUID that is the same whenever the same words are given: what is made again gets its id again. */
export function idFrom(...words: string[]): string {
  const hex = createHash('sha256').update(words.join('\n')).digest('hex');
  const variant = ((Number.parseInt(hex[16]!, 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** What a composition refers to, its subject first. */
export const referencesOf = ({ subject, section = [] }: Composition): string[] => [
  ...(subject?.reference ? [subject.reference] : []),
  ...section.flatMap(({ entry = [] }) => entry.flatMap(({ reference }) => reference ?? [])),
];

/** What a document is made of. */
export interface DocumentParts {
  /** Address of the FHIR endpoint. */
  base: string;
  composition: Composition;
  /** The patient and what the sections list; a section loses what is not among them, and goes where it loses all. */
  resources: FhirResource[];
  at: Date;
}

/** Makes the document of a composition: a bundle that is complete in itself. */
export function documentBundle({ base, composition, resources, at }: DocumentParts): Bundle {
  const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id ?? ''}`));
  const { section = [], ...rest } = composition;
  const left = section
    .map((each) => ({
      ...each,
      entry: each.entry?.filter(({ reference }) => known.has(reference ?? '')) ?? [],
    }))
    .filter(({ entry }) => entry.length > 0);
  const shown: Composition = { ...rest, ...(left.length > 0 ? { section: left } : {}) };
  const entries = [shown, ...resources].map((resource) => ({
    fullUrl: `${base}/${resource.resourceType}/${resource.id ?? ''}`,
    resource,
  })) as BundleEntry[];
  const version = composition.meta?.versionId ?? '1';
  return {
    resourceType: 'Bundle',
    id: idFrom('document', composition.id ?? '', version),
    identifier: {
      system: 'urn:ietf:rfc:3986',
      value: `urn:uuid:${idFrom('document', composition.id ?? '', version)}`,
    },
    type: 'document',
    timestamp: at.toISOString(),
    entry: entries,
  };
}

/** The organisation that keeps a record, as resources name it. */
export const organisationOf = ({ code, name }: { code: string; name: string }) => ({
  type: 'Organization',
  identifier: { system: systems.agency, value: code },
  display: name,
});
