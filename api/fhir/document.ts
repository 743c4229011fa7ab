import type { Bundle, Composition } from 'fhir/r4.js';
import { documentBundle, referencesOf } from '../../fhir/document.ts';
import { isStored } from '../../fhir/resource-types.ts';
import type { Transaction } from '../../records/db.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { findResources } from '../../records/fhir/resources.ts';

/** Puts a composition and all that it refers to together, as far as its reader may see it: what they may not see is not named either. */
export async function documentFor(
  trx: Transaction,
  reader: Reader,
  base: string,
  composition: Composition,
): Promise<Bundle> {
  const places = referencesOf(composition).flatMap((reference) => {
    const [type = '', id = ''] = reference.split('/');
    return isStored(type) ? { type, id } : [];
  });
  const kept = await findResources(trx, reader, places);
  const resources = kept.flatMap(({ resource }) => resource ?? []);
  return documentBundle({ base, composition, resources, at: reader.at });
}
