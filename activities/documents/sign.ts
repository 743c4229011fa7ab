import { X509Certificate, createHash } from 'node:crypto';
import { PDFArray, PDFHexString, PDFName, PDFString } from 'pdf-lib';
import type { PDFRef, PDFDict } from 'pdf-lib';
import { nameOf } from '../../records/certificates.ts';
import { hashOf, roomFor, signDigest, validityOf } from './cms.ts';
import type { Signer, OptionalTimestampSource } from './cms.ts';
import { fillHole, withHole, type Holed } from './hole.ts';
import { openPdf, type OpenPdf } from '../../records/pdf.ts';
import { appendRevision, nextObject } from './revision.ts';

export type { Signer } from './cms.ts';

export interface SignatureOptions {
  /** The prepared signature field, `Signature1` for the first signature. */
  field: string;
  reason: string;
  /** When it is signed; the visible stamp shows the same instant. */
  at: Date;
  /** Who signs, as people read it. */
  name: string;
}

/** Thrown when a document cannot be signed as asked; nothing has been signed. */
export class SigningError extends Error {}

/**
 * Signs a rendered document: one signature as one incremental revision, every earlier byte untouched. It is PAdES-B-T with
 * a signature timestamp, and B-B without.
 *
 * @param pdf a document from `createRenderer`, or one that this function has signed
 * @param timestamp where the signature timestamp comes from
 * @returns the signed PDF
 * @throws SigningError when the field is absent or signed, or the certificate is not valid at that instant
 */
export async function sign(
  pdf: Uint8Array,
  signer: Signer,
  options: SignatureOptions,
  timestamp?: OptionalTimestampSource,
): Promise<Uint8Array> {
  checkValidity(signer, options.at);
  const open = openPdf(pdf);
  const field = findField(open, options.field);
  const signature = nextObject(open);
  field.dict.set(PDFName.of('V'), signature);

  const room = roomFor(signer, timestamp !== undefined);
  const signed = signatureDictionary(options, room);
  const { file, offsets } = appendRevision(open, [
    { ref: signature, text: signed.text },
    { ref: field.ref, text: field.dict.toString() },
  ]);
  await fillHole(file, offsets[0] ?? 0, signed, ([before, after]) => {
    const digest = createHash(hashOf(signer)).update(before).update(after).digest();
    return signDigest(signer, digest, timestamp);
  });
  return file;
}

function checkValidity(signer: Signer, at: Date): void {
  const { from, to } = validityOf(signer);
  if (at >= from && at <= to) return;
  const who = nameOf(new X509Certificate(signer.certificate));
  const period = `from ${from.toISOString()} to ${to.toISOString()}`;
  throw new SigningError(`the certificate of ${who} is valid ${period}, not at ${at.toISOString()}`);
}

function findField(pdf: OpenPdf, name: string): { ref: PDFRef; dict: PDFDict } {
  const form = pdf.dict(pdf.dict(pdf.root).get(PDFName.of('AcroForm')));
  const fields = form.get(PDFName.of('Fields'));
  const free: string[] = [];
  for (const ref of fields instanceof PDFArray ? (fields.asArray() as PDFRef[]) : []) {
    const dict = pdf.dict(ref);
    const title = dict.get(PDFName.of('T'));
    const signed = dict.has(PDFName.of('V'));
    if (!(title instanceof PDFString)) continue;
    if (title.decodeText() !== name) {
      if (!signed) free.push(title.decodeText());
      continue;
    }
    if (signed) throw new SigningError(`${name} is signed already`);
    return { ref, dict };
  }
  throw new SigningError(`there is no field ${name}; unsigned fields: ${free.join(', ') || 'none'}`);
}

/** The signature dictionary that PAdES asks for. */
function signatureDictionary({ name, reason, at }: SignatureOptions, room: number): Holed {
  const kind = '/Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached';
  const about = `/Name ${text(name)} /Reason ${text(reason)} /M ${PDFString.of(pdfDate(at)).toString()}`;
  return withHole(`${kind} ${about}`, room);
}

const text = (value: string) => PDFHexString.fromText(value).toString();

/** An instant as PDF writes it, in Vietnamese time: `D:20260205093000+07'00'`. */
function pdfDate(at: Date): string {
  const local = new Date(at.getTime() + 7 * 3_600_000).toISOString().replace(/\D/g, '');
  return `D:${local.slice(0, 14)}+07'00'`;
}
