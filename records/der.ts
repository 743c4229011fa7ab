import { randomBytes } from 'node:crypto';

/** An element of DER (X.690): its tag, all of its bytes, and what is inside. */
export interface Element {
  tag: number;
  bytes: Buffer;
  body: Buffer;
}

/** Tags of the containers that are read and made here. */
export const tag = {
  integer: 0x02,
  octetString: 0x04,
  sequence: 0x30,
  set: 0x31,
  context0: 0xa0,
  context1: 0xa1,
} as const;

/**
 * Splits DER into its elements, and looks at nothing inside them: a certificate in a signature is an element among others,
 * whose thousand parts a full parser would read for nothing.
 *
 * @throws Error when an element is longer than what is there, or its length is not written as DER has it
 */
export function elementsOf(der: Uint8Array): Element[] {
  const all = Buffer.from(der.buffer, der.byteOffset, der.byteLength);
  const elements: Element[] = [];
  for (let at = 0; at < all.length;) {
    const element = elementAt(all, at);
    elements.push(element);
    at += element.bytes.length;
  }
  return elements;
}

/** The first element of bytes that may go on with something else. */
export function firstElement(bytes: Uint8Array): Element {
  return elementAt(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength), 0);
}

function elementAt(all: Buffer, at: number): Element {
  const kind = all[at];
  const first = all[at + 1];
  if (kind === undefined || first === undefined || (kind & 0x1f) === 0x1f || first === 0x80 || first > 0x84)
    throw new Error('this is no DER');
  const lengthBytes = first > 0x80 ? first - 0x80 : 0;
  const start = at + 2 + lengthBytes;
  if (start > all.length) throw new Error('this DER is cut off');
  const length = lengthBytes > 0 ? all.readUIntBE(at + 2, lengthBytes) : first;
  if (start + length > all.length) throw new Error('this DER is cut off');
  return { tag: kind, bytes: all.subarray(at, start + length), body: all.subarray(start, start + length) };
}

/** Makes a container around elements that are DER already. */
export function wrap(kind: number, ...parts: Uint8Array[]): Buffer {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 0x80 ? 0 : length < 0x100 ? 1 : length < 0x10000 ? 2 : 3;
  const head = Buffer.alloc(2 + lengthBytes);
  head[0] = kind;
  head[1] = lengthBytes === 0 ? length : 0x80 + lengthBytes;
  if (lengthBytes > 0) head.writeUIntBE(length, 2, lengthBytes);
  return Buffer.concat([head, ...parts]);
}

/** A random INTEGER that nobody guesses: positive, and always sixteen bytes long. */
export function randomInteger(): Buffer {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes;
}
