import { describe, expect, test } from 'vitest';
import { verify } from './signatures.ts';

/** A PDF signature dictionary around the given contents, with a byte range that fits. */
function file(contents: string, about = ''): Buffer {
  const head = `%PDF-1.7\n1 0 obj\n<< /Type /Sig ${about} /ByteRange [0 AAAAAAAAAA BBBBBBBBBB CCCCCCCCCC] /Contents `;
  const tail = ' >>\nendobj\n%%EOF\n';
  const pad = (value: number) => String(value).padStart(10);
  return Buffer.from(
    (head + contents + tail)
      .replace('AAAAAAAAAA', pad(head.length))
      .replace('BBBBBBBBBB', pad(head.length + contents.length))
      .replace('CCCCCCCCCC', pad(tail.length)),
    'latin1',
  );
}

describe('a stranger uploads something', () => {
  test('that is no PDF, or has no signature: none is found', () => {
    expect(verify(Buffer.from('hello'))).toEqual([]);
    expect(verify(Buffer.alloc(0))).toEqual([]);
  });

  test.each([
    ['nothing where the signature should be', '<>'],
    ['bytes that are no CMS', `<${'00'.repeat(100)}>`],
    ['a length that runs past the end', '<30847fffffff00>'],
    ['text that hides outside the signed bytes', '<00> /Extra (hidden) <00>'],
  ])('%s: not valid', (_, contents) => {
    expect(verify(file(contents))).toMatchObject([{ valid: false, certificateSubject: null }]);
  });

  test('a byte range beyond the file: not valid', () => {
    expect(verify(Buffer.from('/ByteRange [0 5 9999999999 9999999999]'))).toMatchObject([
      { valid: false, coversWholeFile: false },
    ]);
  });

  test('thousands of signatures: only the first are looked at', () => {
    expect(verify(Buffer.from('/ByteRange [0 1 2 3] '.repeat(10_000))).length).toBe(32);
  });
});

test('name and time are read as PDF writes them', () => {
  const about = "/Name <FEFF005600691EC700740000004E0061006D> /M (D:20260205093000+07'00')";
  expect(verify(file('<00>', about))).toMatchObject([
    { name: 'Việt\u0000Nam', at: new Date('2026-02-05T02:30:00Z') },
  ]);
  expect(verify(file('<00>', '/Name (An) /M (D:20260205093000Z)'))).toMatchObject([
    { name: 'An', at: new Date('2026-02-05T09:30:00Z') },
  ]);
});
