import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { PDFName, PDFString } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { augment } from '../activities/documents/augment.ts';
import { appendRevision, nextObject } from '../activities/documents/revision.ts';
import { forgedAttachment, forgedText } from '../scripts/validate/forgeries.ts';
import { signSample, type SignedSample } from '../testing/signed-sample.ts';
import { openPdf } from './pdf.ts';
import { verify } from './signatures.ts';

let sample: SignedSample;
let roots: string[];
let archived: Uint8Array;
beforeAll(async () => {
  sample = await signSample();
  archived = sample.stamped;
  roots = [await readFile(join(sample.folder, 'root.pem'), 'utf8')];
});
afterAll(() => sample.close());

const seen = (pdf: Uint8Array) =>
  verify(pdf, roots).map(({ kind, valid, trusted, added, coversWholeFile }) => ({
    kind,
    good: valid && trusted,
    added,
    coversWholeFile,
  }));

describe('what is told of a document that we signed', () => {
  test('at B-B: two signatures, the second of which only signs; no time but the claimed one', () => {
    expect(seen(sample.plain)).toEqual([
      { kind: 'signature', good: true, added: 'archive', coversWholeFile: false },
      { kind: 'signature', good: true, added: 'nothing', coversWholeFile: true },
    ]);
    expect(verify(sample.plain, roots).map(({ stamped }) => stamped)).toEqual([null, null]);
  });

  test('at B-LTA: a timestamp completes it for the archive, and each signature has a time that its authority says', () => {
    expect(seen(archived)).toEqual([
      { kind: 'signature', good: true, added: 'archive', coversWholeFile: false },
      { kind: 'signature', good: true, added: 'archive', coversWholeFile: false },
      { kind: 'timestamp', good: true, added: 'nothing', coversWholeFile: true },
    ]);
    for (const { stamped } of verify(archived, roots))
      expect(stamped).toMatchObject({ at: sample.signedAt, trusted: true });
  });

  test('renewed years later: still nothing but the archive', () => {
    expect(seen(sample.renewed).map(({ added }) => added)).toEqual([
      'archive',
      'archive',
      'archive',
      'archive',
      'nothing',
    ]);
    expect(seen(sample.renewed).every(({ good }) => good)).toBe(true);
  });

  test('where the roots are others: right, but trusted by nobody', async () => {
    const stranger = await readFile(join(sample.folder, 'timestamps.pem'), 'utf8');
    expect(verify(archived, [stranger])).toMatchObject(
      Array.from({ length: 3 }, () => ({ valid: true, trusted: false })),
    );
  });
});

describe('a document that somebody changed after it was signed', () => {
  const catalogWith = (key: string, value: string) => (pdf: Uint8Array) => {
    const open = openPdf(pdf);
    const catalog = open.dict(open.root);
    catalog.set(PDFName.of(key), PDFString.of(value));
    return appendRevision(open, [{ ref: open.root, text: catalog.toString() }]).file;
  };
  const visibleField = (pdf: Uint8Array) => {
    const open = openPdf(pdf);
    const form = open.dict(open.root).get(PDFName.of('AcroForm'));
    const [first] = (
      open.dict(form).get(PDFName.of('Fields')) as unknown as { asArray(): never[] }
    ).asArray();
    const field = open.dict(first);
    field.set(PDFName.of('AP'), PDFString.of('drawn'));
    return appendRevision(open, [{ ref: first!, text: field.toString() }]).file;
  };
  /** A cross-reference table that frees an object: the reader of the new revision no longer sees it. */
  const freed = (pdf: Uint8Array) => {
    const open = openPdf(pdf);
    const { file } = appendRevision(open, [{ ref: nextObject(open), text: 'null' }]);
    const text = file.toString('latin1');
    const at = text.lastIndexOf(' 00000 n ');
    return Buffer.from(`${text.slice(0, at)} 00000 f ${text.slice(at + 9)}`, 'latin1');
  };

  test.each([
    ['text over the first page', forgedText],
    ['another attachment', forgedAttachment],
    ['something that opens with it', catalogWith('OpenAction', 'x')],
    ['a picture for a signature', visibleField],
    ['an object taken away', freed],
    ['bytes behind the end', (pdf: Uint8Array) => Buffer.concat([pdf, Buffer.from('hello')])],
    [
      'a second end without a table',
      (pdf: Uint8Array) => Buffer.concat([pdf, Buffer.from('\nstartxref\n9\n%%EOF\n')]),
    ],
  ])('%s: it is told of every signature, though each is still right', (_, forge) => {
    const told = seen(forge(archived));
    expect(told.every(({ added }) => added === 'changes')).toBe(true);
    expect(told.every(({ good }) => good)).toBe(true);
  });

  test('and whoever timestamps the forgery does not heal it', async () => {
    const { pdf } = await augment(forgedText(archived), undefined, sample.authority.services.timestamp);
    expect(seen(pdf).map(({ added }) => added)).toEqual(['changes', 'changes', 'changes', 'nothing']);
  });

  test('one byte inside what was signed: the signature is wrong', () => {
    const flipped = Buffer.from(archived);
    flipped[2000]! ^= 1;
    expect(verify(flipped, roots).map(({ valid }) => valid)).toEqual([false, false, false]);
  });
});

describe('whatever is uploaded', () => {
  test('a file with bytes changed, cut or doubled anywhere is answered', () => {
    const size = archived.length;
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(size - 1), fc.nat(255)), { maxLength: 12 }),
        fc.integer({ min: Math.floor(size / 2), max: size }),
        fc.nat(size),
        (flips, cut, again) => {
          const file = Buffer.concat([archived.subarray(0, cut), archived.subarray(again)]);
          for (const [at, value] of flips) if (at < file.length) file[at] = value;
          const found = verify(file, roots);
          expect(found.length).toBeLessThanOrEqual(32);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('the structure behind the last signature may be any nonsense', () => {
    const tokens = [
      'xref\n',
      '0 1\n',
      '0000000000 65535 f \n',
      'trailer\n',
      '<< /Root 1 0 R /Prev 5 >>',
      '9 0 obj\n',
      '[[[[',
      '<<',
      '%%EOF\n',
      'startxref\n',
      '12\n',
      ' ',
    ];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...tokens), { minLength: 1, maxLength: 60 }), (parts) => {
        const file = Buffer.concat([archived, Buffer.from(parts.join(''))]);
        const [signature] = verify(file, roots);
        expect(signature).toMatchObject({ valid: true, added: 'changes' });
      }),
      { numRuns: 60 },
    );
  });

  test('a file of 20 MB that is made to be slow is answered all the same', () => {
    const table = 'xref\n' + '0 0\n'.repeat(2_000_000) + 'trailer\n<< >>\n';
    const nested = '['.repeat(5_000_000);
    const ranges = '/ByteRange [0 1 2 3] '.repeat(300_000);
    const file = Buffer.from(`%PDF-1.7\n${ranges}${nested}${table}startxref\n16300009\n%%EOF\n`);
    expect(verify(file, roots).every(({ valid }) => !valid)).toBe(true);
  });
});
