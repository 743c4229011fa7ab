import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { certificatesIn } from '../records/certificates.ts';
import { documentByHash, publicDocument, type PublicDocument } from '../records/documents.ts';
import { additionTo } from '../records/pdf-additions.ts';
import { verify, type Signature } from '../records/signatures.ts';
import type { Deps } from './deps.ts';

/**
 * What a file is to this installation:
 * - `genuine`: byte for byte the document as it is kept here
 * - `earlier`: the document as it was handed out before it was completed for the archive
 * - `continued`: the document, to which somebody added what proves its signatures for longer and nothing else
 * - `changed-after-signing`: the document, to which somebody added something else
 * - `altered`: names a document of ours, but its bytes are others
 * - `unknown`: never issued here; `unsigned` where it has no signature either
 */
export type Verdict =
  'genuine' | 'earlier' | 'continued' | 'changed-after-signing' | 'altered' | 'unknown' | 'unsigned';

/** A file that somebody handed in to be verified. */
export interface VerifiedFile {
  verdict: Verdict;
  /** The document that the file is, or claims to be. */
  document: PublicDocument | undefined;
  signatures: Signature[];
}

/** Verifies a file against what was issued here; never throws on a strange one. */
export async function verifyFile(
  { db, objects, config, clock }: Pick<Deps, 'db' | 'objects' | 'config' | 'clock'>,
  file: Buffer,
): Promise<VerifiedFile> {
  const signatures = verify(file, await trustAnchors(config.TRUST_ANCHORS));
  const same = await documentByHash(db, createHash('sha256').update(file).digest('hex'), clock.now());
  if (same) return { verdict: 'genuine', document: same, signatures };
  const claimed = claimedId(file);
  const document = claimed ? await publicDocument(db, claimed, clock.now()) : undefined;
  if (!document)
    return { verdict: signatures.length > 0 ? 'unknown' : 'unsigned', document: undefined, signatures };
  return { verdict: compare(file, await objects.read(document.sha256), signatures), document, signatures };
}

function compare(file: Buffer, ours: Buffer, signatures: Signature[]): Verdict {
  if (isPrefix(ours, file))
    return additionTo(ours.length, file) === 'archive' ? 'continued' : 'changed-after-signing';
  // A beginning of ours is an edition where it ends with a signature; anywhere else it was cut off.
  const whole = signatures.at(-1)?.coversWholeFile ?? false;
  return whole && isPrefix(file, ours) ? 'earlier' : 'altered';
}

const isPrefix = (begin: Buffer, whole: Buffer) =>
  begin.length <= whole.length && whole.subarray(0, begin.length).equals(begin);

/** Which document a file says that it is, in its metadata (XMP). */
function claimedId(file: Buffer): string | undefined {
  const text = file.toString('latin1');
  return /<xmpMM:DocumentID>uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})</.exec(text)?.[1];
}

async function trustAnchors(file: string | undefined): Promise<string[]> {
  if (!file) return [];
  return certificatesIn(await readFile(file, 'utf8'));
}
