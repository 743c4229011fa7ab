import { createHash } from 'node:crypto';
import { PDFContext, PDFDict, PDFName, PDFNumber, PDFObjectParser, PDFRef } from 'pdf-lib';
import type { PDFObject, PDFArray, PDFHexString } from 'pdf-lib';

/**
 * A PDF of ours, read through its cross-reference tables: only the objects that are asked for are parsed.
 *
 * pdf-lib would parse and write the whole document for each signature; a signature touches two objects.
 */
export interface OpenPdf {
  bytes: Uint8Array;
  root: PDFRef;
  trailer: PDFDict;
  startxref: number;
  /** Gives a dictionary, following a reference to its newest version. */
  dict(object: PDFObject | undefined): PDFDict;
}

interface Section {
  first: number;
  count: number;
  at: number;
}

const entryLength = 20; // of one line of a cross-reference table, by ISO 32000
const malformed = (what: string) => new Error(`not a PDF that Motcua made: ${what}`);

/**
 * Opens a PDF whose revisions all have classic cross-reference tables, as our base stage writes them.
 *
 * @throws Error when it is any other file
 */
export function openPdf(bytes: Uint8Array): OpenPdf {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context = PDFContext.create();
  const parseAt = (offset: number) => PDFObjectParser.forBytes(file.subarray(offset), context).parseObject();

  const startxref = Number(
    /startxref\s+(\d+)\s+%%EOF\s*$/.exec(file.subarray(-64).toString('latin1'))?.[1] ?? NaN,
  );
  if (Number.isNaN(startxref)) throw malformed('it has no startxref');
  const sections: Section[] = [];
  let trailer: PDFDict | undefined;
  for (let table = startxref, hops = 0; ; hops++) {
    const dict = parseAt(readTable(file, table, sections));
    if (!(dict instanceof PDFDict) || hops > 1000) throw malformed('a trailer is broken');
    trailer ??= dict;
    const previous = dict.get(PDFName.of('Prev'));
    if (!(previous instanceof PDFNumber)) break;
    table = previous.asNumber();
  }

  const offsetOf = (ref: PDFRef): number => {
    const section = sections.find(
      ({ first, count }) => ref.objectNumber >= first && ref.objectNumber < first + count,
    );
    if (!section) throw malformed(`object ${ref.objectNumber} is missing`);
    const at = section.at + (ref.objectNumber - section.first) * entryLength;
    const offset = Number(file.toString('latin1', at, at + 10));
    const header = /^\d+ \d+ obj/.exec(file.toString('latin1', offset, offset + 30));
    if (!header) throw malformed(`object ${ref.objectNumber} is not where it should be`);
    return offset + header[0].length;
  };
  const root = trailer.get(PDFName.of('Root'));
  if (!(root instanceof PDFRef)) throw malformed('it has no catalog');
  return {
    bytes,
    root,
    trailer,
    startxref,
    dict(object) {
      const found = object instanceof PDFRef ? parseAt(offsetOf(object)) : object;
      if (!(found instanceof PDFDict)) throw malformed('a dictionary is missing');
      return found;
    },
  };
}

/** Reads the sections of one cross-reference table into `sections` and gives the offset of its trailer dictionary. */
function readTable(file: Buffer, table: number, sections: Section[]): number {
  const start = /^xref\s+/.exec(file.toString('latin1', table, table + 10));
  if (!start) throw malformed('it has no cross-reference table');
  for (let at = table + start[0].length; ;) {
    const line = file.toString('latin1', at, at + 40);
    const end = /^\s*trailer\s*/.exec(line);
    if (end) return at + end[0].length;
    const head = /^\s*(\d+) (\d+) *\r?\n/.exec(line);
    if (!head) throw malformed('its cross-reference table is broken');
    const section = { first: Number(head[1]), count: Number(head[2]), at: at + head[0].length };
    sections.push(section);
    at = section.at + section.count * entryLength;
  }
}

/** An object of a new revision, as the text between `obj` and `endobj` (Latin-1). */
export interface NewObject {
  ref: PDFRef;
  text: string;
}

/** The first number that a new object may take. */
export function nextObject({ trailer }: OpenPdf): PDFRef {
  return PDFRef.of(Number((trailer.get(PDFName.of('Size')) as PDFNumber).asNumber()));
}

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
