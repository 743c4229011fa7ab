/** Where a signature or document timestamp stands in a PDF, and what its dictionary says (ISO 32000-1, 12.8.1). */
export interface SignaturePlace {
  kind: 'signature' | 'timestamp';
  name: string | null;
  at: Date | null;
  /** What its byte range covers, before and after its own hole; nothing where the range is no right one. */
  covered: [Buffer, Buffer] | undefined;
  /** Where the covered bytes end. */
  end: number;
  /** What is in the hole. */
  contents: Buffer;
}

/** More than a document of ours can have; the rest of a hostile file is not looked at. */
const mostSignatures = 32;

const byteRange = /\/ByteRange\s*\[\s*(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s+(\d{1,10})\s*\]/g;

/** Finds the signatures of a file by their byte ranges, in the order of the file. Never throws. */
export function signaturePlaces(file: Buffer): SignaturePlace[] {
  const text = file.toString('latin1');
  const places: SignaturePlace[] = [];
  for (const match of text.matchAll(byteRange)) {
    if (places.length === mostSignatures) break;
    places.push(placeOf(file, text, match));
  }
  return places;
}

function placeOf(file: Buffer, text: string, match: RegExpExecArray): SignaturePlace {
  const [start, before, after, rest] = match.slice(1).map(Number) as [number, number, number, number];
  const dictionary = dictionaryAround(text, match.index, after);
  const end = after + rest;
  // Only the hexadecimal string of the signature itself may lie outside the signed bytes.
  const hole = end <= file.length ? text.slice(before, after) : '';
  const right = start === 0 && /^<[0-9a-f]*>$/i.test(hole);
  return {
    kind: /\/Type\s*\/DocTimeStamp\b/.test(dictionary) ? 'timestamp' : 'signature',
    name: nameOf(dictionary),
    at: timeOf(dictionary),
    covered: right ? [file.subarray(0, before), file.subarray(after, end)] : undefined,
    end,
    contents: Buffer.from(right ? hole.slice(1, -1) : '', 'hex'),
  };
}

function dictionaryAround(text: string, range: number, afterContents: number): string {
  const start = Math.max(text.lastIndexOf(' obj', range), range - 4096, 0);
  const end = text.indexOf('endobj', afterContents);
  return (
    text.slice(start, range) +
    text.slice(afterContents, end < 0 ? afterContents + 4096 : Math.min(end, afterContents + 4096))
  );
}

function nameOf(dictionary: string): string | null {
  const hex = /\/Name\s*<((?:[0-9A-F]{2}){0,2048})>/i.exec(dictionary)?.[1];
  if (hex === undefined) return /\/Name\s*\(([^()\\]{0,512})\)/.exec(dictionary)?.[1] ?? null;
  const bytes = Buffer.from(hex, 'hex');
  const isUtf16 = bytes.length % 2 === 0 && bytes[0] === 0xfe && bytes[1] === 0xff;
  return isUtf16 ? bytes.subarray(2).swap16().toString('utf16le') : bytes.toString('latin1');
}

function timeOf(dictionary: string): Date | null {
  const found = /\/M\s*\(D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z|([+-]\d\d)'(\d\d)'?)/.exec(dictionary);
  if (!found) return null;
  const [, year, month, day, hour, minute, second, zone = '+00', zoneMinutes = '00'] = found;
  const time = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}:${zoneMinutes}`);
  return Number.isNaN(time.getTime()) ? null : time;
}
