import { createHash } from 'node:crypto';
import type { PDFDict } from 'pdf-lib';
import { PDFArray, PDFName, PDFRef, PDFString } from 'pdf-lib';
import { openPdf, type OpenPdf } from '../../records/pdf.ts';
import { tokenRoom, type TimestampSource } from './cms.ts';
import { fillHole, withHole } from './hole.ts';
import { appendRevision, nextObject, streamOf, type NewObject } from './revision.ts';

/** What proves later that the certificates of a document were good: certificates, OCSP responses and CRLs, DER. */
export interface Evidence {
  certificates: Uint8Array[];
  ocsps: Uint8Array[];
  crls: Uint8Array[];
}

/**
 * Augments a signed document: evidence goes into its document security store, and a document timestamp covers everything.
 * With the evidence for all of its signatures it is PAdES-B-LTA afterwards (ETSI EN 319 142-1); with none, the timestamp
 * says when they existed at the latest. Done again before that timestamp expires, it renews the proof: the store then has
 * the earlier evidence too.
 *
 * One revision; every earlier byte stays as it is.
 */
export async function augment(
  pdf: Uint8Array,
  evidence: Evidence | undefined,
  timestamp: TimestampSource,
): Promise<{ pdf: Buffer; until: Date }> {
  const open = openPdf(pdf);
  const objects = new Revision(open);
  const catalog = open.dict(open.root);
  if (evidence) {
    catalog.set(PDFName.of('DSS'), objects.add(storeOf(open, catalog, evidence, objects)));
    objects.replace(open.root, catalog);
  }
  const place = withHole('/Type /DocTimeStamp /Filter /Adobe.PPKLite /SubFilter /ETSI.RFC3161', tokenRoom);
  const contents = objects.add(place.text);
  addField(open, catalog, contents, objects);

  const { file, offsets } = appendRevision(open, objects.all);
  const start = offsets[objects.all.findIndex(({ ref }) => ref === contents)] ?? 0;
  let until = new Date(0);
  await fillHole(file, start, place, async ([before, after]) => {
    const stamp = await timestamp(createHash('sha256').update(before).update(after).digest());
    ({ until } = stamp);
    return stamp.token;
  });
  return { pdf: file, until };
}

/** The objects of a new revision. */
class Revision {
  readonly all: NewObject[] = [];
  #next: number;

  constructor(open: OpenPdf) {
    this.#next = nextObject(open).objectNumber;
  }

  /** Adds an object; gives its reference. */
  add(text: string): PDFRef {
    const ref = PDFRef.of(this.#next++);
    this.all.push({ ref, text });
    return ref;
  }

  /** Puts a newer version in the place of an object. */
  replace(ref: PDFRef, dict: PDFDict): void {
    this.all.push({ ref, text: dict.toString() });
  }
}

/** The text of the document security store: what it has already, and what the evidence adds. */
function storeOf(open: OpenPdf, catalog: PDFDict, evidence: Evidence, objects: Revision): string {
  const known = catalog.has(PDFName.of('DSS')) ? open.dict(catalog.get(PDFName.of('DSS'))) : undefined;
  const entry = (name: string, added: Uint8Array[]) => {
    const kept = known?.get(PDFName.of(name));
    const refs = kept instanceof PDFArray ? kept.asArray().map(String) : [];
    for (const der of added) refs.push(objects.add(streamOf(der)).toString());
    return refs.length > 0 ? ` /${name} [${refs.join(' ')}]` : '';
  };
  const { certificates, ocsps, crls } = evidence;
  return `<< /Type /DSS${entry('Certs', certificates)}${entry('OCSPs', ocsps)}${entry('CRLs', crls)} >>`;
}

/** Adds a signature field, off the page and without appearance as those of the base, whose value is given. */
function addField(open: OpenPdf, catalog: PDFDict, value: PDFRef, objects: Revision): void {
  const form = catalog.get(PDFName.of('AcroForm'));
  if (!(form instanceof PDFRef)) throw new Error('a document for the archive has signature fields');
  const formDict = open.dict(form);
  const fields = formDict.get(PDFName.of('Fields')) as PDFArray;
  const page = firstPage(open, catalog);
  const name = PDFString.of(`Timestamp${fields.size() + 1}`).toString();
  const field = objects.add(
    `<< /Type /Annot /Subtype /Widget /FT /Sig /T ${name} /Rect [0 0 0 0] /F 132 /P ${page.toString()} /V ${value.toString()} >>`,
  );
  fields.push(field);
  objects.replace(form, formDict);
  const pageDict = open.dict(page);
  (pageDict.get(PDFName.of('Annots')) as PDFArray).push(field);
  objects.replace(page, pageDict);
}

/** The first page, found from the catalog down. */
function firstPage(open: OpenPdf, catalog: PDFDict): PDFRef {
  let ref = catalog.get(PDFName.of('Pages'));
  for (;;) {
    const kids = open.dict(ref).get(PDFName.of('Kids'));
    if (!(kids instanceof PDFArray)) return ref as PDFRef;
    ref = kids.get(0);
  }
}
