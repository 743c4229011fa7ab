import { PDFDocument } from 'pdf-lib';
import { Decision } from './decision.ts';

/**
 * Reads the decision that is attached to a document of ours.
 *
 * @throws Error for a file without one
 */
export async function attachedDecision(pdf: Uint8Array): Promise<Decision> {
  const attachments = (
    await PDFDocument.load(pdf, { updateMetadata: false, parseSpeed: Infinity })
  ).getAttachments();
  const attached = attachments.find(({ name }) => name === 'decision.json');
  if (!attached) throw new Error('the document has no decision attached');
  return Decision.parse(JSON.parse(Buffer.from(attached.data).toString('utf8')));
}
