import type { Bundle, Composition, FhirResource } from 'fhir/r4.js';
import { documentBundle, referencesOf } from '../../fhir/document.ts';
import { isStored } from '../../fhir/resource-types.ts';
import type { Transaction } from '../../records/db.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { findResource } from '../../records/fhir/resources.ts';

/** Puts a composition and all that it refers to together, as far as its reader may see it: what they may not see is not named either. */
export async function documentFor(
  trx: Transaction,
  reader: Reader,
  base: string,
  composition: Composition,
): Promise<Bundle> {
  const resources: FhirResource[] = [];
  for (const reference of referencesOf(composition)) {
    const [type = '', id = ''] = reference.split('/');
    const kept = isStored(type) ? await findResource(trx, reader, { type, id }) : undefined;
    if (kept?.resource) resources.push(kept.resource);
  }
  return documentBundle({ base, composition, resources, at: reader.at });
}
