import type { PDFDict } from 'pdf-lib';
import { PDFArray, PDFName, PDFRef, type PDFObject } from 'pdf-lib';
import { openPdf, type OpenPdf } from './pdf.ts';

/**
 * What a later revision adds to a PDF: `archive` is what proves the signatures for longer (more signatures, timestamps,
 * certificates and revocation data; PAdES, ETSI EN 319 142-1), `changes` is anything else.
 */
export type Addition = 'nothing' | 'archive' | 'changes';

/** Objects that a revision for the archive may put in the place of older ones; more are not looked at. */
const mostReplaced = 40;

/**
 * Says what the revisions between two lengths of a file add.
 *
 * Only what is known to be harmless counts as `archive`; a file that cannot be understood has been changed. Never throws.
 *
 * @param length of the earlier file, whose bytes the later one begins with
 */
export function additionTo(length: number, later: Uint8Array): Addition {
  if (length === later.length) return 'nothing';
  try {
    return isForArchive(openPdf(later.subarray(0, length)), openPdf(later), length) ? 'archive' : 'changes';
  } catch {
    return 'changes';
  }
}

function isForArchive(before: OpenPdf, after: OpenPdf, length: number): boolean {
  const known = after.tables.filter((table) => table < length);
  // Bytes without a table of their own are no revision.
  if (after.tables.length === known.length || known.join() !== before.tables.join()) return false;
  if (!sameBut(['Size', 'Prev', 'ID'], before.trailer, after.trailer)) return false;
  const entries = after.entriesAfter(length);
  const replaced = entries.filter(({ ref }) => before.has(ref));
  if (entries.some(({ inUse }) => !inUse) || replaced.length > mostReplaced) return false;
  const catalog = before.dict(before.root);
  const form = catalog.get(PDFName.of('AcroForm'));
  return replaced.every(({ ref }) => {
    const [old, now] = [before.dict(ref), after.dict(ref)];
    if (ref === before.root) return sameBut(['DSS'], old, now);
    if (ref === form)
      return sameBut(['Fields'], old, now) && addsOnlyFields('Fields', old, now, { before, after });
    if (nameIn(old, 'Type') === 'Page')
      return sameBut(['Annots'], old, now) && addsOnlyFields('Annots', old, now, { before, after });
    if (nameIn(old, 'FT') === 'Sig')
      return sameBut(['V'], old, now) && !old.has(v) && isSignature(after, now);
    return nameIn(old, 'Type') === 'DSS' && ref === catalog.get(PDFName.of('DSS'));
  });
}

const v = PDFName.of('V');
const nameIn = (dict: PDFDict, key: string) => {
  const value = dict.get(PDFName.of(key));
  return value instanceof PDFName ? value.decodeText() : undefined;
};

/** Whether two dictionaries say the same beside some keys. */
function sameBut(keys: string[], old: PDFDict, now: PDFDict): boolean {
  const rest = (dict: PDFDict) =>
    dict
      .entries()
      .filter(([key]) => !keys.includes(key.decodeText()))
      .map(([key, value]) => `${key.toString()} ${value.toString()}`)
      .sort()
      .join('\n');
  return rest(old) === rest(now);
}

/** Whether an array only got fields with signatures, none of which shows anything on a page. */
function addsOnlyFields(
  key: string,
  old: PDFDict,
  now: PDFDict,
  { before, after }: { before: OpenPdf; after: OpenPdf },
): boolean {
  const items = (dict: PDFDict): PDFObject[] | undefined => {
    const value = dict.get(PDFName.of(key));
    return value === undefined ? [] : value instanceof PDFArray ? value.asArray() : undefined;
  };
  const [known, all] = [items(old), items(now)];
  if (!known || !all || known.some((item, index) => item !== all[index])) return false;
  return all.slice(known.length).every((item) => {
    if (!(item instanceof PDFRef) || before.has(item)) return false;
    const field = after.dict(item);
    const rect = field.get(PDFName.of('Rect'));
    const invisible = rect instanceof PDFArray && rect.asArray().every((side) => side.toString() === '0');
    const bare = !['AP', 'A', 'AA', 'Kids'].some((each) => field.has(PDFName.of(each)));
    return nameIn(field, 'FT') === 'Sig' && invisible && bare && isSignature(after, field);
  });
}

function isSignature(pdf: OpenPdf, field: PDFDict): boolean {
  const type = nameIn(pdf.dict(field.get(v)), 'Type');
  return type === 'Sig' || type === 'DocTimeStamp';
}
