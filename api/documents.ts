import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { decisionSchemas } from '../records/decision.ts';
import { findDocument } from '../records/documents.ts';
import { Refusal } from '../records/refusal.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { sendFile } from './files.ts';
import { anybody, file, json, refused } from './schemas.ts';

const Path = z.object({ id: z.uuid() });

const SchemaPath = z.object({ kind: z.string(), edition: z.string() });

export const paths: ZodOpenApiPathsObject = {
  '/schemas/{kind}/{edition}': {
    get: {
      summary: 'JSON Schema of the data that are attached to a document, as its `schema` names it',
      security: anybody,
      requestParams: { path: SchemaPath },
      responses: { 200: json('JSON Schema 2020-12', z.looseObject({})), default: refused },
    },
  },
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

  router.get('/schemas/:kind/:edition', (req, res) => {
    const { kind, edition } = checkAddress(req, SchemaPath, req.params);
    const name = `motcua/${kind}/${edition}`;
    if (!Object.hasOwn(decisionSchemas, name))
      throw new Refusal('not-found', 'Không có lược đồ này · There is no such schema');
    res.type('application/schema+json').json(decisionSchemas[name]);
  });

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
