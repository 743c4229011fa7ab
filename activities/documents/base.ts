import { createHash } from 'node:crypto';
import { PDFDocument, PDFHexString, PDFName, PDFString } from 'pdf-lib';
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
export async function makeBase(
  typeset: Uint8Array,
  { signatures, ...metadata }: Metadata & { signatures: number },
): Promise<Uint8Array> {
  // Infinity: pdf-lib otherwise yields to the event loop every few objects, at four times the price.
  const pdf = await PDFDocument.load(typeset, { updateMetadata: false, parseSpeed: Infinity });
  const { context, catalog } = pdf;

  pdf.setTitle(metadata.title);
  pdf.setProducer(producer);
  pdf.setCreator(producer);
  pdf.setCreationDate(metadata.at);
  pdf.setModificationDate(metadata.at);
  const packet = context.stream(xmp(metadata), { Type: 'Metadata', Subtype: 'XML' });
  context.assign(catalog.get(PDFName.of('Metadata')) as never, packet);
  catalog.set(PDFName.of('ViewerPreferences'), context.obj({ DisplayDocTitle: true }));
  const id = PDFHexString.of(createHash('sha256').update(metadata.id).digest('hex').slice(0, 32));
  context.trailerInfo.ID = context.obj([id, id]);

  for (const page of pdf.getPages()) page.node.set(PDFName.of('Tabs'), PDFName.of('S'));
  addFields(pdf, signatures);
  return pdf.save({
    useObjectStreams: false,
    objectsPerTick: Infinity,
    addDefaultPage: false,
    updateFieldAppearances: false,
  });
}

function addFields(pdf: PDFDocument, count: number): void {
  const { context, catalog } = pdf;
  const page = pdf.getPage(0);
  const fields = Array.from({ length: count }, (_, index) =>
    context.register(
      context.obj({
        Type: 'Annot',
        Subtype: 'Widget',
        FT: 'Sig',
        T: PDFString.of(fieldName(index + 1)),
        Rect: [0, 0, 0, 0],
        F: 4 + 128, // printed and locked, as PDF/A asks of an annotation
        P: page.ref,
      }),
    ),
  );
  if (count === 0) return;
  page.node.set(PDFName.of('Annots'), context.obj(fields));
  // 3: there are signature fields, and the file may only be appended to.
  catalog.set(PDFName.of('AcroForm'), context.register(context.obj({ Fields: fields, SigFlags: 3 })));
}
