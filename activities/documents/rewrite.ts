import type { OpenPdf } from '../../records/pdf.ts';
import { nextObject, type NewObject } from './revision.ts';

/**
 * Writes a PDF of one revision again: the given objects are new or stand in the place of those with their numbers. Every
 * other is copied unread, so that a table's thousands of structure elements cost next to nothing.
 *
 * @param trailer what the trailer says besides `/Size` and `/Root`
 * @throws Error when the file has more than one revision, or numbers without an object
 */
export function rewrite(pdf: OpenPdf, objects: NewObject[], trailer: string): Buffer {
  const { bytes, root, startxref, tables } = pdf;
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const lines = source.toString('latin1', startxref).matchAll(/^(\d{10}) 00000 n/gm);
  const starts = Array.from(lines, ([, offset]) => Number(offset));
  const size = nextObject(pdf).objectNumber;
  if (tables.length > 1 || starts.length !== size - 1) throw new Error('not a PDF of one complete revision');

  const texts = new Map(objects.map(({ ref, text }) => [ref.objectNumber, text]));
  const byPlace = starts
    .map((start, index) => ({ number: index + 1, start }))
    .sort((a, b) => a.start - b.start);
  const head = source.subarray(0, byPlace[0]?.start);
  const parts: Uint8Array[] = [head];
  const places: number[] = [];
  let length = head.length;
  const put = (number: number, part: Uint8Array) => {
    places[number] = length;
    parts.push(part);
    length += part.length;
  };
  const write = (number: number, text: string) =>
    put(number, Buffer.from(`${number} 0 obj\n${text}\nendobj\n\n`, 'latin1'));
  for (const [at, { number, start }] of byPlace.entries()) {
    const text = texts.get(number);
    if (text === undefined) put(number, source.subarray(start, byPlace[at + 1]?.start ?? startxref));
    else write(number, text);
  }
  for (const [number, text] of texts) if (number >= size) write(number, text);

  const table = Array.from(places, (place, number) =>
    number === 0 ? '0000000000 65535 f \n' : `${String(place).padStart(10, '0')} 00000 n \n`,
  );
  const end = `xref\n0 ${table.length}\n${table.join('')}trailer\n<< /Size ${table.length} /Root ${root.toString()} ${trailer} >>\nstartxref\n${length}\n%%EOF\n`;
  return Buffer.concat([...parts, Buffer.from(end, 'latin1')]);
}
