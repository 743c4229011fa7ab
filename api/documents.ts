import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { decisionSchemas, type Decision } from '../records/decision.ts';
import { attachedDecision } from '../records/attached-decision.ts';
import { findDocument, publicDocument, type PublicDocument } from '../records/documents.ts';
import { extractLines } from '../records/english-extract.ts';
import { Refusal } from '../records/refusal.ts';
import { Applicant, fieldNames } from '../workflows/engine/form.ts';
import { everybody, signedIn } from './abilities.ts';
import { actorIn } from './auth.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { sendFile } from './files.ts';
import { sendPrintout } from './printouts.ts';
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
  '/api/v1/documents/{id}/english': {
    get: {
      summary:
        'What a document says in English, under the seal of its agency; made on demand and kept nowhere',
      requestParams: { path: Path },
      responses: { 200: file('The extract', 'application/pdf'), default: refused },
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
export function documents({
  db,
  objects,
  clock,
  config,
  procedures,
}: Pick<Deps, 'db' | 'objects' | 'clock' | 'config' | 'procedures'>): Router {
  const router = Router();

  /** What the extract shows; see templates/letters/english-extract.hbs. */
  const extractOf = (decision: Decision, known: PublicDocument | undefined): Record<string, unknown> => {
    const procedure = procedures.get(decision.procedure.id);
    const names = { applicant: fieldNames(Applicant), answers: procedure?.names ?? {} };
    return {
      case: decision.case,
      procedure: `${procedure?.title.en ?? decision.procedure.id} (${decision.procedure.code})`,
      original: {
        title: decision.document.title.en,
        number: decision.document.number,
        issuedAt: decision.issuedAt,
        signers: known?.signers ?? [],
        inForce: known?.inForce ?? false,
        verifyUrl: `${config.publicUrl}/verify/${decision.id}`,
      },
      ...extractLines(decision, names),
    };
  };

  router.get('/schemas/:kind/:edition', everybody, (req, res) => {
    const { kind, edition } = checkAddress(req, SchemaPath, req.params);
    const name = `motcua/${kind}/${edition}`;
    if (!Object.hasOwn(decisionSchemas, name))
      throw new Refusal('not-found', 'Không có lược đồ này · There is no such schema');
    res.type('application/schema+json').json(decisionSchemas[name]);
  });

  router.get('/api/v1/documents/:id', signedIn, async (req, res) => {
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

  router.get('/api/v1/documents/:id/english', signedIn, async (req, res) => {
    const at = clock.now();
    const { id } = checkAddress(req, Path, req.params);
    const { sha256 } = await findDocument(db, actorIn(req), id, at);
    const decision = await attachedDecision(await objects.read(sha256));
    const content = extractOf(decision, await publicDocument(db, id, at));
    const printout = { form: 'english-extract' as const, agency: decision.agency.code, content, at };
    await sendPrintout(res, db, printout, `${decision.case} ${decision.document.kind} (en).pdf`);
  });

  return router;
}
