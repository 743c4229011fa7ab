import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { ObjectStore } from '../records/objects.ts';

/** A file of the object store under the name and type that it is given out with. */
export interface NamedFile {
  sha256: string;
  size: number;
  mediaType: string;
  fileName: string;
}

/**
 * Sends a stored file. It is personal data: no cache keeps it, and a browser never takes it for another type
 * or runs anything in it.
 */
export async function sendFile(
  res: Response,
  objects: ObjectStore,
  file: NamedFile,
  show: 'inline' | 'attachment',
): Promise<void> {
  const bytes = await objects.stream(file.sha256);
  res.attachment(file.fileName);
  if (show === 'inline')
    res.set('Content-Disposition', `inline${String(res.get('Content-Disposition')).slice(10)}`);
  res.type(file.mediaType).set({
    'Content-Length': String(file.size),
    'Cache-Control': 'private, no-store',
    'Content-Security-Policy': policyFor(file.mediaType, show),
  });
  await pipeline(bytes, res);
}

/**
 * Browsers show a PDF in a viewer of their own that a sandbox would not let start; nothing else is shown without one. Only our
 * own pages may frame it.
 */
function policyFor(mediaType: string, show: 'inline' | 'attachment'): string {
  const viewer = show === 'inline' && mediaType === 'application/pdf';
  return `default-src 'none'; frame-ancestors 'self'${viewer ? '' : '; sandbox'}`;
}
