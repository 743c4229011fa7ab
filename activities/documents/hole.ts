/**
 * A dictionary with a place for its `/ByteRange` and a hole for its `/Contents`, both filled when the bytes around the
 * hole are known: how PDF keeps a signature or a timestamp inside the file that it covers (ISO 32000-1, 12.8.1).
 */
export interface Holed {
  text: string;
  /** Where in the text the byte range stands, and how long it may be. */
  range: { at: number; length: number };
  /** Where in the text the hole begins and ends, its angle brackets included. */
  hole: { from: number; to: number };
  /** Bytes that fit. */
  room: number;
}

/**
 * Makes the text of such a dictionary.
 *
 * @param entries what it says beside, as PDF writes it: `/Type /Sig /Filter …`
 */
export function withHole(entries: string, room: number): Holed {
  const about = `<< ${entries} /ByteRange `;
  const range = { at: about.length, length: '[0 0000000000 0000000000 0000000000'.length };
  const before = `${about}${' '.repeat(range.length)}] /Contents `;
  const hole = `<${'0'.repeat(2 * room)}>`;
  return {
    text: `${before}${hole} >>`,
    range,
    hole: { from: before.length, to: before.length + hole.length },
    room,
  };
}

/**
 * Fills the hole of a dictionary that begins at `start` of a file, which is changed in place.
 *
 * @param make given the bytes before and after the hole, makes what is put into it
 * @throws Error when that is longer than the room kept for it
 */
export async function fillHole(
  file: Buffer,
  start: number,
  { range, hole, room }: Holed,
  make: (covered: [Buffer, Buffer]) => Promise<Uint8Array>,
): Promise<void> {
  const from = start + hole.from;
  const to = start + hole.to;
  file.write(`[0 ${from} ${to} ${file.length - to}`.padEnd(range.length), start + range.at, 'latin1');
  const contents = await make([file.subarray(0, from), file.subarray(to)]);
  if (contents.length > room)
    throw new Error(`${contents.length} bytes do not fit into the ${room} kept for them`);
  file.write(Buffer.from(contents).toString('hex'), from + 1, 'latin1');
}
