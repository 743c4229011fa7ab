import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PDFArray, PDFName, PDFRef } from 'pdf-lib';
import { augment } from '../../activities/documents/augment.ts';
import { foundationsOf } from '../../activities/documents/foundations.ts';
import { appendRevision, nextObject } from '../../activities/documents/revision.ts';
import { openPdf, type OpenPdf } from '../../records/pdf.ts';
import { systemClock as clock } from '../../clock.ts';
import { makeCrl } from '../../embedded/authority/crl.ts';
import type { SampleAuthority } from '../../testing/authority.ts';

/** A later revision that writes over the first page: the earlier bytes, and so the signatures, stay as they are. */
export function forgedText(pdf: Uint8Array): Uint8Array {
  const open = openPdf(pdf);
  const page = firstPage(open);
  const dict = open.dict(page);
  const drawing = nextObject(open);
  const contents = dict.get(PDFName.of('Contents'));
  const before = contents instanceof PDFArray ? contents.asArray().join(' ') : String(contents);
  dict.set(PDFName.of('Contents'), PDFName.of('placeholder'));
  const text = 'q 0 0 0 rg 60 400 300 24 re f Q';
  const pageText = dict.toString().replace('/placeholder', `[${before} ${drawing.toString()}]`);
  return appendRevision(open, [
    { ref: drawing, text: `<< /Length ${text.length} >>\nstream\n${text}\nendstream` },
    { ref: page, text: pageText },
  ]).file;
}

/** A later revision that puts another file in the place of the attached decision. */
export function forgedAttachment(pdf: Uint8Array): Uint8Array {
  const open = openPdf(pdf);
  const [specification] = (open.dict(open.root).get(PDFName.of('AF')) as PDFArray).asArray();
  const embedded = open.dict(open.dict(specification).get(PDFName.of('EF'))).get(PDFName.of('F'));
  if (!(embedded instanceof PDFRef)) throw new Error('the attachment is not where it was');
  const decision = '{"outcome":"granted"}';
  const entries = `/Type /EmbeddedFile /Subtype /application#2Fjson /Length ${decision.length}`;
  return appendRevision(open, [{ ref: embedded, text: `<< ${entries} >>\nstream\n${decision}\nendstream` }])
    .file;
}

/** Augments a document whose signer is revoked with the list that says so, which our own way refuses to do. */
export async function augmentUnasked(
  pdf: Uint8Array,
  folder: string,
  authority: SampleAuthority,
): Promise<Uint8Array> {
  const [issuerPem, rootPem, rootKey] = (await Promise.all(
    ['issuer.pem', 'root.pem', 'root.key'].map((file) => readFile(join(folder, file), 'utf8')),
  )) as [string, string, string];
  const revoked = await fetch(`${authority.url}/issuer.crl`);
  const root = { certificate: new X509Certificate(rootPem), key: createPrivateKey(rootKey) };
  const evidence = {
    certificates: [...foundationsOf(pdf).certificates, new X509Certificate(issuerPem).raw],
    ocsps: [],
    crls: [Buffer.from(await revoked.arrayBuffer()), makeCrl(root, [], clock.now())],
  };
  return (await augment(pdf, evidence, authority.services.timestamp)).pdf;
}

function firstPage(open: OpenPdf): PDFRef {
  let ref = open.dict(open.root).get(PDFName.of('Pages'));
  for (;;) {
    const kids: unknown = open.dict(ref).get(PDFName.of('Kids'));
    if (!(kids instanceof PDFArray)) return ref as PDFRef;
    ref = kids.get(0);
  }
}
