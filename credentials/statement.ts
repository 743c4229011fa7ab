import { createHash } from 'node:crypto';
import type { Issuer } from './issuer.ts';

/** What a document says about itself in its QR code. */
export interface StatedDocument {
  id: string;
  number: string | null;
  title: string;
  agency: string;
  /** Who signed in person. */
  signatory: string | undefined;
  /** Whom it was issued to. */
  holder: string;
  at: Date;
}

/**
 * States in a compact JWS what a document is, for who is offline; templates/pages/statement.js verifies it.
 *
 * Claims have three letters each, as every character makes the QR code denser. The holder is only a {@link holderMark}: what is
 * in an address is kept in the history of browsers.
 */
export function stateDocument(issuer: Issuer, document: StatedDocument): Promise<string> {
  return issuer.sign({
    iat: Math.floor(document.at.getTime() / 1000),
    ...(document.number && { num: document.number }),
    doc: document.title,
    org: document.agency,
    ...(document.signatory && { sig: document.signatory }),
    who: holderMark(document.id, document.holder),
  });
}

/**
 * A name as a mark that only tells whether somebody who reads the name on the paper reads the right one: the first 8 bytes of the
 * SHA-256 of document and name. Accents do not count, since Vietnamese keyboards place them differently.
 */
function holderMark(id: string, name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('đ', 'd')
    .replace(/\s+/g, ' ')
    .trim();
  return createHash('sha256').update(`${id}\n${plain}`).digest().subarray(0, 8).toString('base64url');
}
