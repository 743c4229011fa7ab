import { createHash } from 'node:crypto';
import { PDFArray, PDFHexString, PDFName, PDFRef, PDFString, type PDFDict } from 'pdf-lib';
import { openPdf, type OpenPdf } from '../../records/pdf.ts';
import { nextObject, streamOf, type NewObject } from './revision.ts';
import { rewrite } from './rewrite.ts';
import { producer, xmp } from './xmp.ts';
import type { Metadata } from './xmp.ts';

/** The name of the nth signature field of a document, counted from 1. */
export const fieldName = (nth: number) => `Signature${nth}`;

/**
 * Makes the base that signatures are added to: the PDF/UA-1 claim, the document's own id, and as many empty
 * signature fields ({@link fieldName}) as there will be signatures.
 *
 * The fields lie off the page and show nothing, because visible widgets and a tagged PDF/A contradict each other in
 * validators; what people see of a signature is page content. With the fields in place a signature later changes
 * nothing but its own field, and needs neither a parse nor a rewrite of the document.
 */
export function makeBase(
  typeset: Uint8Array,
  { signatures, ...metadata }: Metadata & { signatures: number },
): Uint8Array {
  const pdf = openPdf(typeset);
  const catalog = pdf.dict(pdf.root);
  const pages = pagesBelow(pdf, catalog.get(PDFName.of('Pages')) as PDFRef);
  const info = pdf.trailer.get(PDFName.of('Info')) as PDFRef;
  const next = nextObject(pdf).objectNumber;
  const fields = Array.from({ length: signatures }, (_, index) => PDFRef.of(next + index));
  const form = PDFRef.of(next + signatures);

  catalog.set(PDFName.of('ViewerPreferences'), catalog.context.obj({ DisplayDocTitle: true }));
  if (signatures > 0) catalog.set(PDFName.of('AcroForm'), form);
  const objects: NewObject[] = [
    { ref: info, text: infoText(metadata) },
    {
      ref: catalog.get(PDFName.of('Metadata')) as PDFRef,
      text: streamOf(xmp(metadata), '/Type /Metadata /Subtype /XML'),
    },
    { ref: pdf.root, text: catalog.toString() },
    ...pages.map((ref, index) => ({ ref, text: pageText(pdf.dict(ref), index === 0 ? fields : []) })),
    ...fields.map((ref, index) => ({ ref, text: fieldText(fieldName(index + 1), pages[0]!) })),
  ];
  // 3: there are signature fields, and the file may only be appended to.
  if (signatures > 0) objects.push({ ref: form, text: `<< /Fields [${fields.join(' ')}] /SigFlags 3 >>` });
  const id = createHash('sha256').update(metadata.id).digest('hex').slice(0, 32);
  return rewrite(pdf, objects, `/Info ${info.toString()} /ID [<${id}> <${id}>]`);
}

function pagesBelow(pdf: OpenPdf, ref: PDFRef): PDFRef[] {
  const kids = pdf.dict(ref).get(PDFName.of('Kids'));
  if (!(kids instanceof PDFArray)) return [ref];
  return kids.asArray().flatMap((kid) => pagesBelow(pdf, kid as PDFRef));
}

function infoText({ title, at }: Metadata): string {
  const [name, made] = [PDFHexString.fromText(producer).toString(), PDFString.fromDate(at).toString()];
  return `<< /Title ${PDFHexString.fromText(title).toString()} /Creator ${name} /Producer ${name} /CreationDate ${made} /ModDate ${made} >>`;
}

function pageText(page: PDFDict, fields: PDFRef[]): string {
  page.set(PDFName.of('Tabs'), PDFName.of('S'));
  if (fields.length > 0) page.set(PDFName.of('Annots'), page.context.obj(fields));
  return page.toString();
}

/** F 132: printed and locked, as PDF/A asks of an annotation. */
const fieldText = (name: string, page: PDFRef) =>
  `<< /Type /Annot /Subtype /Widget /FT /Sig /T (${name}) /Rect [0 0 0 0] /F 132 /P ${page.toString()} >>`;
