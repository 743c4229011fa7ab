import { crc32, deflateSync } from 'node:zlib';

const signature = Buffer.from('89504e470d0a1a0a', 'hex');

/**
 * Makes a PNG (ISO/IEC 15948) of black and white squares, one bit each.
 *
 * @param isBlack whether the square in a row and column is black
 */
export function pngOf(side: number, isBlack: (row: number, column: number) => boolean): Buffer {
  // Each row begins with the number of its filter, 0 for none.
  const rowBytes = 1 + Math.ceil(side / 8);
  const rows = Buffer.alloc(rowBytes * side);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      if (!isBlack(row, column)) rows[row * rowBytes + 1 + (column >> 3)]! |= 0x80 >> (column & 7);
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1; // bits for each square; grey, deflated, not interlaced
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}
