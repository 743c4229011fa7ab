import { X509Certificate } from 'node:crypto';
import { nameOf } from './certificates.ts';
import { firstElement } from './der.ts';
import { additionTo, type Addition } from './pdf-additions.ts';
import { signaturePlaces, type SignaturePlace } from './signature-places.ts';
import { checkSignedData, leadsTo, type CheckedSignedData } from './signed-data.ts';
import { readTimestampToken, type TimestampToken } from './timestamp-token.ts';

/** One signature, or one document timestamp, found in a PDF. */
export interface Signature {
  /** `timestamp`: no person's act, but the proof that the file existed (RFC 3161, PAdES document timestamp). */
  kind: 'signature' | 'timestamp';
  /** Who signed, as the signature dictionary says; what the certificate says is `certificateSubject`. */
  name: string | null;
  /** When, as the signature dictionary says; for a timestamp as its authority says. */
  at: Date | null;
  /** When it existed at the latest, by the first timestamp of it that is right. */
  stamped: { at: Date; authority: string; trusted: boolean | null } | null;
  /** Whether nothing was added to the file after this signature. Only the last one of a file can. */
  coversWholeFile: boolean;
  /** What was added after it. */
  added: Addition;
  /** Whether the signed bytes are unchanged and the signature is the certificate's. */
  valid: boolean;
  /** Whether the certificate leads to one of the given roots, and did when it was stamped; `null` when none were given. */
  trusted: boolean | null;
  certificateSubject: string | null;
}

/** Unsigned attribute of a signature: a timestamp over its value (RFC 3161, appendix A). */
export const signatureTimestamp = '1.2.840.113549.1.9.16.2.14';

/**
 * Finds the signatures and document timestamps of a PDF, in the order of the file, and checks each: bytes, signature,
 * certificate, time, and what was added to the file afterwards.
 *
 * Never throws on a strange file: what cannot be understood is not valid, and a file without signatures gives `[]`.
 *
 * @param pdf any file, also one that somebody uploaded
 * @param roots trusted root certificates, PEM
 */
export function verify(pdf: Uint8Array, roots: string[] = []): Signature[] {
  const file = Buffer.from(pdf.buffer, pdf.byteOffset, pdf.byteLength);
  const anchors = roots.map((root) => new X509Certificate(root));
  const places = signaturePlaces(file);
  const additions = additionsAfter(file, places);
  const checked = places.map((place, index) => ({
    ...about(place, anchors),
    coversWholeFile: place.covered !== undefined && place.end === file.length,
    added: additions[index] ?? 'changes',
  }));
  return checked.map(({ judge, ...signature }, index) => {
    // A timestamp of the file stamps all that is inside of it.
    const later = checked.slice(index + 1).find((each) => each.kind === 'timestamp' && each.stamped);
    const stamped = signature.stamped ?? later?.stamped ?? null;
    return { ...signature, stamped, trusted: judge(stamped?.at ?? signature.at) };
  });
}

type Judged = Omit<Signature, 'coversWholeFile' | 'added' | 'trusted'> & {
  /** Whether its certificate was trusted at an instant. */
  judge: (at: Date | null) => boolean | null;
};

function about(place: SignaturePlace, anchors: X509Certificate[]): Judged {
  const trust = (signer: Pick<CheckedSignedData, 'certificate' | 'others'>, at: Date | null) =>
    anchors.length > 0 ? leadsTo(anchors, signer.certificate, signer.others, at) : null;
  const unreadable: Judged = {
    kind: place.kind,
    name: place.name,
    at: place.at,
    stamped: null,
    valid: false,
    certificateSubject: null,
    judge: () => (anchors.length > 0 ? false : null),
  };
  if (!place.covered) return unreadable;
  const stampOf = (token: TimestampToken) => ({
    at: token.info.genTime,
    authority: nameOf(token.certificate),
    trusted: trust(token, token.info.genTime),
  });
  try {
    // The hole is longer than the signature in it.
    const { bytes } = firstElement(place.contents);
    if (place.kind === 'timestamp') {
      const token = readTimestampToken(bytes);
      const valid = token.stamps(place.covered);
      return {
        ...unreadable,
        at: token.info.genTime,
        stamped: valid ? stampOf(token) : null,
        valid,
        certificateSubject: nameOf(token.certificate),
        judge: (at) => trust(token, at),
      };
    }
    const signed = checkSignedData(bytes, place.covered);
    const token = signed.valid ? timestampIn(signed) : undefined;
    return {
      ...unreadable,
      stamped: token ? stampOf(token) : null,
      valid: signed.valid,
      certificateSubject: nameOf(signed.certificate),
      judge: (at) => trust(signed, at),
    };
  } catch {
    return unreadable;
  }
}

/** The timestamp of a signature's value, where it has one that is right. */
function timestampIn({ signer }: CheckedSignedData): TimestampToken | undefined {
  const attribute = signer.unsignedAttrs?.find(({ attrType }) => attrType === signatureTimestamp);
  const [value] = attribute?.attrValues ?? [];
  if (!value) return undefined;
  try {
    const token = readTimestampToken(new Uint8Array(value));
    return token.stamps([Buffer.from(signer.signature.buffer)]) ? token : undefined;
  } catch {
    return undefined;
  }
}

/** For each signature what was added between it and the end of the file, compared from one signature to the next. */
function additionsAfter(file: Buffer, places: SignaturePlace[]): Addition[] {
  const ends = [...new Set(places.flatMap(({ covered, end }) => (covered ? end : [])))].sort((a, b) => a - b);
  const after = new Map<number, Addition>([[file.length, 'nothing']]);
  let later = file.length;
  for (const end of ends.reverse()) {
    const step = additionTo(end, file.subarray(0, later));
    const rest = after.get(later) ?? 'changes';
    after.set(end, step === 'nothing' ? rest : rest === 'changes' ? rest : step);
    later = end;
  }
  return places.map(({ covered, end }) => (covered ? after.get(end) : undefined) ?? 'changes');
}
