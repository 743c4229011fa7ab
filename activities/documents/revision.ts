import { createHash } from 'node:crypto';
import { PDFName, PDFRef } from 'pdf-lib';
import type { PDFArray, PDFHexString, PDFNumber } from 'pdf-lib';
import type { OpenPdf } from '../../records/pdf.ts';

/** An object of a new revision, as the text between `obj` and `endobj` (Latin-1). */
export interface NewObject {
  ref: PDFRef;
  text: string;
}

/** The first number that a new object may take. */
export function nextObject({ trailer }: OpenPdf): PDFRef {
  return PDFRef.of(Number((trailer.get(PDFName.of('Size')) as PDFNumber).asNumber()));
}

/** The text of a stream with those bytes; its dictionary has the given entries beside. */
export const streamOf = (bytes: Uint8Array, entries = '') =>
  `<< ${entries} /Length ${bytes.length} >>\nstream\n${Buffer.from(bytes).toString('latin1')}\nendstream`;

/**
 * Adds a revision: every earlier byte stays as it is, the given objects are new or replace their older versions.
 *
 * @returns the file, and where the text of each object begins in it
 */
export function appendRevision(pdf: OpenPdf, objects: NewObject[]): { file: Buffer; offsets: number[] } {
  let text = '\n';
  const starts: number[] = [];
  const offsets: number[] = [];
  for (const { ref, text: body } of objects) {
    starts.push(pdf.bytes.length + text.length);
    const head = `${ref.objectNumber} ${ref.generationNumber} obj\n`;
    offsets.push(pdf.bytes.length + text.length + head.length);
    text += `${head}${body}\nendobj\n`;
  }
  const size = Math.max(nextObject(pdf).objectNumber, ...objects.map(({ ref }) => ref.objectNumber + 1));
  const startxref = pdf.bytes.length + text.length;
  text += 'xref\n';
  for (const [index, { ref }] of objects.entries()) {
    const offset = String(starts[index]).padStart(10, '0');
    text += `${ref.objectNumber} 1\n${offset} ${String(ref.generationNumber).padStart(5, '0')} n \n`;
  }
  text += `trailer\n${trailerOf(pdf, size)}\nstartxref\n${startxref}\n%%EOF\n`;
  return { file: Buffer.concat([pdf.bytes, Buffer.from(text, 'latin1')]), offsets };
}

function trailerOf({ trailer, root, startxref }: OpenPdf, size: number): string {
  const [first, second] = (trailer.get(PDFName.of('ID')) as PDFArray).asArray() as [
    PDFHexString,
    PDFHexString,
  ];
  // The second half of the id names the revision; derived, so that the same acts give the same bytes.
  const revision = createHash('sha256')
    .update(`${second.asString()} ${startxref}`)
    .digest('hex')
    .slice(0, 32);
  const info = trailer.get(PDFName.of('Info'));
  return `<< /Size ${size} /Root ${root.toString()} /Prev ${startxref}${info ? ` /Info ${info.toString()}` : ''} /ID [${first.toString()} <${revision}>] >>`;
}
