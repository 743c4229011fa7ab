import { PDFArray, PDFHexString, PDFName } from 'pdf-lib';
import { firstElement } from '../../records/der.ts';
import { openPdf, type OpenPdf } from '../../records/pdf.ts';
import { readSignedData } from '../../records/signed-data.ts';
import { signatureTimestamp } from '../../records/signatures.ts';

/** What the signatures of a document rest on. */
export interface Foundations {
  /** Certificates of signers and timestamp authorities with their issuers, DER, as far as the document has no evidence for them. */
  certificates: Uint8Array[];
  /** Whether a timestamp says of each signature when it existed at the latest. */
  timestamped: boolean;
}

/**
 * Reads what evidence must be gathered for: everything that was signed or, for a document that has evidence already, only its
 * last timestamp.
 */
export function foundationsOf(pdf: Uint8Array): Foundations {
  const open = openPdf(pdf);
  const catalog = open.dict(open.root);
  const all = signaturesIn(open);
  const proven = catalog.has(PDFName.of('DSS'));
  const insides = (proven ? all.slice(-1) : all).map(({ contents }) => inside(contents));
  const last = all.at(-1);
  return {
    certificates: insides.flatMap(({ certificates, timestamp }) => [
      ...certificates,
      ...(timestamp ? inside(timestamp).certificates : []),
    ]),
    timestamped: last?.isTimestamp === true || insides.every(({ timestamp }) => timestamp !== undefined),
  };
}

/** The values of the signed fields, in their order. */
function signaturesIn(open: OpenPdf): { contents: Uint8Array; isTimestamp: boolean }[] {
  const form = open.dict(open.dict(open.root).get(PDFName.of('AcroForm')));
  const fields = form.get(PDFName.of('Fields'));
  if (!(fields instanceof PDFArray)) return [];
  const values = fields.asArray().flatMap((field) => open.dict(field).get(PDFName.of('V')) ?? []);
  return values.map((value) => {
    const dict = open.dict(value);
    const contents = dict.get(PDFName.of('Contents'));
    if (!(contents instanceof PDFHexString)) throw new Error('a signature has no contents');
    const isTimestamp = dict.get(PDFName.of('Type')) === PDFName.of('DocTimeStamp');
    return { contents: firstElement(contents.asBytes()).bytes, isTimestamp };
  });
}

function inside(der: Uint8Array): { certificates: Uint8Array[]; timestamp: Uint8Array | undefined } {
  const { certificates, signer } = readSignedData(der);
  const timestamp = signer.unsignedAttrs?.find(({ attrType }) => attrType === signatureTimestamp);
  const [token] = timestamp?.attrValues ?? [];
  return { certificates: certificates.map(({ raw }) => raw), timestamp: token && new Uint8Array(token) };
}
