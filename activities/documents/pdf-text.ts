import { inflateSync } from 'node:zlib';
import { PDFArray, PDFDict, PDFDocument, PDFName, PDFRawStream } from 'pdf-lib';
import type { PDFContext, PDFObject, PDFPage } from 'pdf-lib';

/**
 * Reads the text of a PDF of ours, a line for each run of text; for tests, which must not need any other program.
 *
 * It knows what Typst writes: deflated streams, two-byte characters, `bfchar` tables.
 */
export async function textOf(pdf: Uint8Array): Promise<string> {
  const document = await PDFDocument.load(pdf, { updateMetadata: false });
  return document.getPages().map(pageText).join('\n').normalize('NFC').replaceAll('\u200b', '');
}

function pageText(page: PDFPage): string {
  const { context } = page.node;
  const fonts = page.node.Resources()?.lookup(PDFName.of('Font'), PDFDict);
  const characters = new Map(
    (fonts?.entries() ?? []).map(([name, font]) => [name.asString(), charactersOf(context, font)]),
  );
  const contents = context.lookup(page.node.get(PDFName.of('Contents')));
  const parts = contents instanceof PDFArray ? contents.asArray() : [contents];
  const code = parts.map((part) => streamText(context, part)).join('\n');

  let current = new Map<string, string>();
  let text = '';
  const tokens =
    /(\/\S+) [\d.]+ Tf|\(((?:\\[\s\S]|[^\\()]|\((?:\\[\s\S]|[^\\()])*\))*)\)|<([0-9a-f]+)>|TJ|Tj/gi;
  for (const [token, font, literal, hex] of code.matchAll(tokens)) {
    if (font) current = characters.get(font) ?? new Map<string, string>();
    else if (/^tj$/i.test(token)) text += '\n';
    else if (!literal?.startsWith('\xfe\xff')) {
      // a literal with a byte order mark is a description, not shown text
      const run = hex ?? Buffer.from(unescapePdf(literal ?? ''), 'latin1').toString('hex');
      text += (run.match(/.{4}/g) ?? []).map((glyph) => current.get(glyph.toLowerCase()) ?? '').join('');
    }
  }
  return text;
}

function charactersOf(context: PDFContext, font: PDFObject): Map<string, string> {
  const table = streamText(context, context.lookup(font, PDFDict).get(PDFName.of('ToUnicode')));
  const pairs = [...table.matchAll(/^<([0-9a-f]{4})> <([0-9a-f]+)>$/gim)];
  return new Map(pairs.map(([, glyph = '', utf16 = '']) => [glyph.toLowerCase(), fromUtf16(utf16)]));
}

const escapes: Record<string, string> = { n: '\n', r: '\r', t: '\t', b: '\b', f: '\f' };

function unescapePdf(literal: string): string {
  return literal.replace(/\\([0-7]{1,3}|[\s\S])/g, (_, code: string) =>
    /^[0-7]/.test(code) ? String.fromCharCode(parseInt(code, 8)) : (escapes[code] ?? code),
  );
}

const fromUtf16 = (hex: string) => Buffer.from(hex, 'hex').swap16().toString('utf16le');

function streamText(context: PDFContext, object: PDFObject | undefined): string {
  const stream = context.lookup(object);
  if (!(stream instanceof PDFRawStream)) return '';
  const bytes = stream.getContents();
  const deflated = stream.dict.get(PDFName.of('Filter')) === PDFName.of('FlateDecode');
  return (deflated ? inflateSync(bytes) : Buffer.from(bytes)).toString('latin1');
}
