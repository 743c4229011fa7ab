import type { Language } from '../../api/language.ts';
import { describe, kindCalled, kinds } from '../../fhir/describe.ts';
import { sensitiveClassesOf } from '../../fhir/labels.ts';
import type { Database, Transaction } from '../../records/db.ts';
import type { Reader } from '../../records/fhir/grounds.ts';
import { searchResources } from '../../records/fhir/search.ts';

/** A kind of entries with what a record has of it. */
export interface Shown {
  kind: string;
  title: string;
  entries: { text: string; sensitive: boolean; updatedAt: string }[];
}

/** Most entries of a kind on a page; `/fhir` has all of them. */
const most = 200;

/** Reads what a reader may see of a record, in plain words. */
export async function entriesOf(
  trx: Database | Transaction,
  reader: Reader,
  record: string,
  language: Language,
): Promise<Shown[]> {
  const shown: Shown[] = [];
  for (const kind of kinds) {
    const { rows } = await searchResources(trx, reader, kind, {
      patients: [record],
      dates: [],
      updated: [],
      count: most,
    });
    shown.push({
      kind,
      title: kindCalled(kind)[language],
      entries: rows.flatMap(({ resource, updatedAt }) =>
        resource
          ? [
              {
                text: describe(resource).text[language],
                sensitive: sensitiveClassesOf(resource).length > 0,
                updatedAt: updatedAt.toISOString(),
              },
            ]
          : [],
      ),
    });
  }
  return shown;
}
