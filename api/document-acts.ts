import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { actsOn, askDocumentAct } from '../records/document-acts.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, Instant, json, refused, titled } from './schemas.ts';
import { expectProof } from './step-up.ts';

const Act = z.enum(['revoke', 'copy', 'reissue']).meta({
  ...titled('Việc cần làm', 'What is to be done'),
  choices: {
    revoke: { vi: 'Thu hồi', en: 'Revoke it' },
    copy: { vi: 'Cấp bản sao từ sổ gốc', en: 'Certify a copy' },
    reissue: { vi: 'Cấp lại', en: 'Issue it again' },
  },
  description:
    'revoke: a signed decision ends it; copy: a certified copy from the register; reissue: a new original under a new number takes its place',
});
export const GivenDocumentAct = z
  .strictObject({
    act: Act,
    reason: z.string().trim().min(1).max(2000).meta(titled('Lý do', 'Reason')),
    basis: z
      .string()
      .trim()
      .min(1)
      .max(300)
      .optional()
      .meta({ ...titled('Căn cứ', 'Provision'), description: 'The provision that allows it' }),
  })
  .meta({ id: 'GivenDocumentAct' });
const Asked = z.object({ id: z.uuid() }).meta({ id: 'DocumentActAsked' });
const DocumentAct = z
  .object({
    id: z.uuid(),
    act: Act,
    reason: z.string(),
    basis: z.string().nullable(),
    at: Instant,
    by: z.object({ name: z.string(), title: z.string().optional() }),
    issued: z
      .uuid()
      .nullable()
      .meta({ description: 'The document that came of it; null while it is under way' }),
  })
  .meta({ id: 'DocumentAct' });
const Path = z.object({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/documents/{id}/acts': {
    post: {
      summary: 'Revoke a result, certify a copy of it or issue it again; signed by whoever asks, and sealed',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenDocumentAct } } },
      responses: { 202: json('Asked; the document is on its way', Asked), default: refused },
    },
    get: {
      summary: 'What its agency has done with a result',
      requestParams: { path: Path },
      responses: {
        200: json('The latest first', z.object({ items: z.array(DocumentAct) })),
        default: refused,
      },
    },
  },
};

/** What agencies do with results that they have issued. */
export function documentActs(deps: Pick<Deps, 'db' | 'clock' | 'config'>): Router {
  const router = Router();

  router.post('/api/v1/documents/:id/acts', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { id } = checkAddress(req, Path, req.params);
      const given = checkForm(req, GivenDocumentAct, req.body);
      return { status: 202, body: await askDocumentAct(by.trx, by, id, given, () => expectProof(req, deps)) };
    });
    res.status(status).json(Asked.parse(body));
  });

  router.get('/api/v1/documents/:id/acts', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const items = await actsOn(deps.db, actorIn(req), id, deps.clock.now());
    res.json({ items: z.array(DocumentAct).parse(items) });
  });

  return router;
}
