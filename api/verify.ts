import { readFile, rm } from 'node:fs/promises';
import { Router, type ErrorRequestHandler, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { publicDocument } from '../records/documents.ts';
import { Refusal } from '../records/refusal.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { script, sendPage } from './pages.ts';
import { anybody, GenuineDocument, json, refused, VerifiedFile } from './schemas.ts';
import { fileOf, largestFile, receiveFile } from './uploads.ts';
import { verifyFile } from './verified-file.ts';

const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/verify/{id}': {
    get: {
      summary: 'Whether a document was issued here, by the id in its QR code',
      security: anybody,
      requestParams: { path: Path },
      responses: { 200: json('Genuine', GenuineDocument), default: refused },
    },
  },
  '/api/v1/verify': {
    post: {
      summary:
        'Whether a file is a document of ours, who signed it and what was added to it; the file is not kept',
      security: anybody,
      requestBody: {
        content: {
          'multipart/form-data': {
            schema: {
              type: 'object',
              required: ['file'],
              properties: { file: { type: 'string', format: 'binary' } },
            },
          },
        },
      },
      responses: { 200: json('What it is', VerifiedFile), default: refused },
    },
  },
};

/** Answers anybody who holds a document; says nothing about the person it was issued to. */
export function verify(deps: Pick<Deps, 'db' | 'objects' | 'config' | 'clock' | 'issuer'>): Router {
  const { db, objects, clock, issuer } = deps;
  const router = Router();

  const verified = async (req: Request): Promise<z.infer<typeof VerifiedFile>> => {
    const { path } = fileOf(req);
    try {
      const { verdict, document, signatures } = await verifyFile(deps, await readFile(path));
      return VerifiedFile.parse({
        verdict,
        document: document ?? null,
        signatures: signatures.map(({ at, stamped, ...signature }) => ({
          ...signature,
          at: at?.toISOString() ?? null,
          stamped: stamped && { ...stamped, at: stamped.at.toISOString() },
        })),
      });
    } finally {
      await rm(path, { force: true });
    }
  };

  router.get('/api/v1/verify/:id', async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const document = await publicDocument(db, id, clock.now());
    if (!document)
      throw new Refusal(
        'not-found',
        'Hệ thống không phát hành văn bản này · This document was not issued here',
      );
    res.json(GenuineDocument.parse({ genuine: true, ...document }));
  });

  router.post('/api/v1/verify', receiveFile(objects), async (req, res) => {
    res.json(await verified(req));
  });

  router.get('/verify', (req, res) => sendPage(req, res, 'verify-file', { title, ...nothing }));

  router.post('/verify', receiveFile(objects), async (req, res) => {
    const result = await verified(req);
    res.set('Cache-Control', 'private, no-store');
    sendPage(req, res, 'verify-file', { title, ...nothing, result: forReading(result) });
  });
  router.use('/verify', tellOnPage);

  router.get('/verify/offline', (req, res) => {
    // No end of the script element can stand in it.
    const keys = JSON.stringify(issuer.keys).replaceAll('<', '\\u003c');
    sendPage(req, res, 'offline', { title, keys });
  });

  for (const name of ['offline.js', 'statement.js', 'offline-worker.js']) {
    const text = script(name);
    router.get(`/verify/${name}`, (_req, res) => {
      // The worker lies below the address that it answers for.
      res.set({ 'Cache-Control': 'no-cache', 'Service-Worker-Allowed': '/verify' }).type('js').send(text);
    });
  }

  router.get('/verify/:id', async (req, res) => {
    const id = Path.shape.id.safeParse(req.params.id);
    const document = id.success ? await publicDocument(db, id.data, clock.now()) : undefined;
    res.status(document ? 200 : 404);
    sendPage(req, res, 'verify', { title, document });
  });

  return router;
}

const title = 'Xác thực · Verify';
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
    ...nothing,
    problem: tooLarge
      ? {
          vi: `Tệp lớn hơn ${largestFile / 1024 / 1024} MB.`,
          en: `The file is larger than ${largestFile / 1024 / 1024} MB.`,
        }
      : { vi: 'Hãy chọn một tệp PDF.', en: 'Choose a PDF file.' },
  });
};
