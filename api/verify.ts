import { readFile, rm } from 'node:fs/promises';
import { Router, type Request } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { publicDocument } from '../records/documents.ts';
import { Refusal } from '../records/refusal.ts';
import { everybody } from './abilities.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { limited } from './limits.ts';
import { anybody, GenuineDocument, json, refused, VerifiedFile } from './schemas.ts';
import { fileOf, receiveFile } from './uploads.ts';
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
export function verify(deps: Pick<Deps, 'db' | 'objects' | 'config' | 'clock'>): Router {
  const { db, objects, clock } = deps;
  const router = Router();

  router.get('/api/v1/verify/:id', everybody, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const document = await publicDocument(db, id, clock.now());
    if (!document)
      throw new Refusal(
        'not-found',
        'Hệ thống không phát hành văn bản này · This document was not issued here',
      );
    res.json(GenuineDocument.parse({ genuine: true, ...document }));
  });

  router.post(
    '/api/v1/verify',
    everybody,
    limited(deps, 'verify'),
    receiveFile(objects),
    async (req, res) => {
      res.json(await verdictOn(deps, req));
    },
  );

  return router;
}

/** What the file of a request is: of ours or not, signed by whom, changed since; the file is removed. */
export async function verdictOn(
  deps: Parameters<typeof verifyFile>[0],
  req: Request,
): Promise<z.infer<typeof VerifiedFile>> {
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
}
