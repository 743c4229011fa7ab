import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { documentByHash, publicDocument, type PublicDocument } from '../records/documents.ts';
import { Refusal } from '../records/refusal.ts';
import { verify as verifySignatures, type Signature } from '../records/signatures.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { sendPage } from './pages.ts';
import { anybody, GenuineDocument, json, refused, SignedDocument } from './schemas.ts';
import { fileOf, receiveFile } from './uploads.ts';

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
      summary: 'Whether a file is exactly as it was issued here; the file is not kept',
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
      responses: { 200: json('Genuine and unchanged', SignedDocument), default: refused },
    },
  },
};

/** Answers anybody who holds a document; says nothing about the person it was issued to. */
export function verify({ db, objects }: Pick<Deps, 'db' | 'objects'>): Router {
  const router = Router();

  router.get('/api/v1/verify/:id', async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    res.json(genuine(await publicDocument(db, id)));
  });

  router.post('/api/v1/verify', receiveFile(objects), async (req, res) => {
    const { path } = fileOf(req);
    try {
      // By its hash first: only bytes that are our own are ever parsed.
      const hash = createHash('sha256');
      await pipeline(createReadStream(path), hash);
      const document = genuine(await documentByHash(db, hash.digest('hex')));
      const signatures = verifySignatures(await objects.read(document.sha256));
      res.json(SignedDocument.parse({ ...document, signatures: signatures.map(dated) }));
    } finally {
      await rm(path, { force: true });
    }
  });

  router.get('/verify/:id', async (req, res) => {
    const id = Path.shape.id.safeParse(req.params.id);
    const document = id.success ? await publicDocument(db, id.data) : undefined;
    res.status(document ? 200 : 404);
    sendPage(req, res, 'verify', { title: 'Xác thực · Verify', document });
  });

  return router;
}

const dated = (signature: Signature) => ({ ...signature, at: signature.at?.toISOString() ?? null });

function genuine(document: PublicDocument | undefined): z.infer<typeof GenuineDocument> {
  if (!document)
    throw new Refusal(
      'not-found',
      'Hệ thống không phát hành văn bản này, hoặc nó đã bị sửa · Not issued here, or changed since',
    );
  return GenuineDocument.parse({ genuine: true, ...document });
}
