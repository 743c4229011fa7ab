import { Router, type ErrorRequestHandler } from 'express';
import { z } from 'zod';
import { everybody } from '../api/abilities.ts';
import type { Deps } from '../api/deps.ts';
import { limited } from '../api/limits.ts';
import type { VerifiedFile } from '../api/schemas.ts';
import { largestFile, receiveFile } from '../api/uploads.ts';
import { verdictOn } from '../api/verify.ts';
import { publicDocument } from '../records/documents.ts';
import { Refusal } from '../records/refusal.ts';
import { assetAddress } from './assets.ts';
import { script, sendPage } from './page.ts';

/** Whether a document is genuine, for anybody who holds one: by its file, by its QR code, and without a network. */
export function verify(deps: Pick<Deps, 'db' | 'objects' | 'config' | 'clock' | 'issuer'>): Router {
  const { db, objects, clock, issuer } = deps;
  const router = Router();

  router.get('/verify', everybody, (req, res) =>
    sendPage(req, res, 'verify-file', { title, scripts, ...nothing }),
  );

  router.post('/verify', everybody, limited(deps, 'verify'), receiveFile(objects), async (req, res) => {
    const result = await verdictOn(deps, req);
    res.set('Cache-Control', 'private, no-store');
    sendPage(req, res, 'verify-file', { title, scripts, ...nothing, result: forReading(result) });
  });
  router.use('/verify', tellOnPage);

  router.get('/verify/offline', everybody, (req, res) => {
    // No end of the script element can stand in it.
    const keys = JSON.stringify(issuer.keys).replaceAll('<', '\\u003c');
    // Browsers keep this page: it must not name who is signed in.
    delete req.actor;
    sendPage(req, res, 'offline', { title, scripts, keys });
  });

  for (const name of ['offline.js', 'statement.js', 'offline-worker.js']) {
    const text = script(name).replace('motcua.css', assetAddress('motcua.css'));
    router.get(`/verify/${name}`, everybody, (_req, res) => {
      // The worker lies below the address that it answers for.
      res.set({ 'Cache-Control': 'no-cache', 'Service-Worker-Allowed': '/verify' }).type('js').send(text);
    });
  }

  router.get('/verify/:id', everybody, async (req, res) => {
    const id = z.uuid().safeParse(req.params.id);
    const document = id.success ? await publicDocument(db, id.data, clock.now()) : undefined;
    res.status(document ? 200 : 404);
    sendPage(req, res, 'verify', { title, scripts, document });
  });

  return router;
}

const title = { vi: 'Xác thực văn bản', en: 'Verify a document' };
const scripts = ['/verify/offline.js'];
const nothing = { result: undefined, problem: undefined };

/** A result with what the page says of each signature in the place where it stands. */
function forReading({ verdict, document, signatures }: z.infer<typeof VerifiedFile>) {
  return {
    verdict,
    document,
    signatures: signatures.map((signature) => {
      const signer = document?.signers.find(({ name }) => name === signature.name);
      return {
        ...signature,
        isTimestamp: signature.kind === 'timestamp',
        who: signature.name ?? signature.certificateSubject,
        capacity: signer?.capacity,
        jobTitle: signer?.title,
      };
    }),
  };
}

/** Whoever sends a form without a file, or with one that is too large, reads so on the page. */
const tellOnPage: ErrorRequestHandler = (error: unknown, req, res, next) => {
  const { code } = error as { code?: unknown };
  const tooLarge = code === 'LIMIT_FILE_SIZE';
  if (req.method !== 'POST' || !(error instanceof Refusal || tooLarge)) {
    next(error);
    return;
  }
  res.status(tooLarge ? 413 : 400);
  sendPage(req, res, 'verify-file', {
    title,
    scripts,
    ...nothing,
    problem: tooLarge
      ? {
          vi: `Tệp lớn hơn ${largestFile / 1024 / 1024} MB.`,
          en: `The file is larger than ${largestFile / 1024 / 1024} MB.`,
        }
      : { vi: 'Hãy chọn một tệp PDF.', en: 'Choose a PDF file.' },
  });
};
