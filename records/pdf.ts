import { PDFContext, PDFDict, PDFName, PDFNumber, PDFObjectParser, PDFRef } from 'pdf-lib';
import type { PDFObject } from 'pdf-lib';

/**
 * A PDF read through its cross-reference tables: only the objects that are asked for are parsed.
 *
 * pdf-lib would parse the whole document; a signature touches two objects.
 */
export interface OpenPdf {
  bytes: Uint8Array;
  root: PDFRef;
  trailer: PDFDict;
  startxref: number;
  /** Where its cross-reference tables are, the newest first. */
  tables: number[];
  /** The lines of the tables that are beyond a length. */
  entriesAfter(length: number): Entry[];
  /** Whether there is an object of that number. */
  has(ref: PDFRef): boolean;
  /** Gives a dictionary, following a reference to its newest version. */
  dict(object: PDFObject | undefined): PDFDict;
}

/** A line of a cross-reference table. */
export interface Entry {
  ref: PDFRef;
  inUse: boolean;
}

interface Section {
  /** Of the table that it belongs to. */
  table: number;
  first: number;
  count: number;
  at: number;
}

const entryLength = 20; // of one line of a cross-reference table, by ISO 32000
/** More than decades of revisions need; a hostile file gets no further. */
const most = { sections: 10_000, entries: 5_000, dictionary: 64 * 1024 };
const malformed = (what: string) => new Error(`not a PDF that Motcua made: ${what}`);

/**
 * Opens a PDF whose revisions all have classic cross-reference tables, as our base stage writes them.
 *
 * @throws Error when it is any other file; so do the methods of what is given, in bounded time
 */
export function openPdf(bytes: Uint8Array): OpenPdf {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const context = PDFContext.create();
  const parseAt = (offset: number) =>
    PDFObjectParser.forBytes(file.subarray(offset, offset + most.dictionary), context).parseObject();

  const startxref = Number(
    /startxref\s+(\d+)\s+%%EOF\s*$/.exec(file.subarray(-64).toString('latin1'))?.[1] ?? NaN,
  );
  if (Number.isNaN(startxref)) throw malformed('it has no startxref');
  const sections: Section[] = [];
  const tables: number[] = [];
  let trailer: PDFDict | undefined;
  for (let table = startxref; ;) {
    tables.push(table);
    const dict = parseAt(readTable(file, table, sections));
    if (!(dict instanceof PDFDict)) throw malformed('a trailer is broken');
    trailer ??= dict;
    const previous = dict.get(PDFName.of('Prev'));
    if (!(previous instanceof PDFNumber)) break;
    if (previous.asNumber() >= table) throw malformed('its revisions are not in order');
    table = previous.asNumber();
  }

  const lineAt = (at: number) => {
    const line = /^(\d{10}) (\d{5}) ([nf])/.exec(file.toString('latin1', at, at + entryLength));
    if (!line) throw malformed('its cross-reference table is broken');
    return { offset: Number(line[1]), generation: Number(line[2]), inUse: line[3] === 'n' };
  };
  const lineOf = ({ objectNumber }: PDFRef) => {
    const section = sections.find(
      ({ first, count }) => objectNumber >= first && objectNumber < first + count,
    );
    return section && lineAt(section.at + (objectNumber - section.first) * entryLength);
  };
  const offsetOf = (ref: PDFRef): number => {
    const line = lineOf(ref);
    if (!line?.inUse) throw malformed(`object ${ref.objectNumber} is missing`);
    const { offset } = line;
    const header = /^(\d+) (\d+) obj/.exec(file.toString('latin1', offset, offset + 30));
    if (!header || Number(header[1]) !== ref.objectNumber)
      throw malformed(`object ${ref.objectNumber} is not where it should be`);
    return offset + header[0].length;
  };
  const root = trailer.get(PDFName.of('Root'));
  if (!(root instanceof PDFRef)) throw malformed('it has no catalog');
  return {
    bytes,
    root,
    trailer,
    startxref,
    tables,
    has: (ref) => lineOf(ref)?.inUse ?? false,
    entriesAfter(length) {
      const newer = sections.filter(({ table }) => table >= length);
      if (newer.reduce((sum, { count }) => sum + count, 0) > most.entries)
        throw malformed('a revision has too many objects');
      return newer.flatMap(({ first, count, at }) =>
        Array.from({ length: count }, (_, index) => {
          const { generation, inUse } = lineAt(at + index * entryLength);
          return { ref: PDFRef.of(first + index, generation), inUse };
        }),
      );
    },
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
    const head = /^\s*(\d{1,10}) (\d{1,10}) *\r?\n/.exec(line);
    if (!head || sections.length >= most.sections) throw malformed('its cross-reference table is broken');
    const section = { table, first: Number(head[1]), count: Number(head[2]), at: at + head[0].length };
    sections.push(section);
    at = section.at + section.count * entryLength;
  }
}
