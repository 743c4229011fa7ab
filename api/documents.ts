import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { findDocument } from '../records/documents.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { sendFile } from './files.ts';
import { file, refused } from './schemas.ts';

const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/documents/{id}': {
    get: {
      summary: 'A document or letter of a case, as it was signed',
      requestParams: { path: Path },
      responses: { 200: file('The document', 'application/pdf'), default: refused },
    },
  },
};

/** Issued documents, for those who may read their case. */
export function documents({ db, objects, clock }: Pick<Deps, 'db' | 'objects' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/documents/:id', async (req, res) => {
    const actor = actorIn(req);
    const { sha256, size, document, caseCode, registerNumber } = await findDocument(
      db,
      actor,
      checkAddress(req, Path, req.params).id,
      clock.now(),
    );
    const fileName = `${(registerNumber ?? `${caseCode} ${document}`).replaceAll('/', '-')}.pdf`;
    await sendFile(res, objects, { sha256, size, mediaType: 'application/pdf', fileName }, 'inline');
  });

  return router;
}
