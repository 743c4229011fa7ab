import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { channels } from '../records/channels.ts';
import { coSign, refuseToSign, takeBack } from '../records/prepared-applications.ts';
import {
  findPrepared,
  findPreparedPaper,
  listPrepared,
  type PreparedView,
} from '../records/prepared-views.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { completionOf } from './application-form.ts';
import { Filed, Waiting } from './applications.ts';
import { actorIn } from './auth.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { sendFile } from './files.ts';
import { actHeader, CaseCode, file, Instant, json, refused, Text } from './schemas.ts';

const summaryFields = {
  id: z.uuid(),
  state: z.enum(['open', 'filed', 'refused', 'taken-back', 'expired']),
  agency: z.string(),
  preparedAt: Instant,
  expiresAt: Instant,
  case: CaseCode.nullable().meta({ description: 'The case, once the last signature has filed it' }),
  coApplicants: z.array(
    z.object({
      fullName: z.string(),
      signedAt: Instant.nullable(),
      refusedAt: Instant.nullable(),
      reason: z.string().nullable(),
    }),
  ),
};
const Prepared = z.object(summaryFields).meta({ id: 'PreparedSummary' });
const PreparedWithContent = z
  .object({
    ...summaryFields,
    content: z
      .object({
        procedure: z.object({ id: z.string(), title: Text.optional() }),
        channel: z.enum(channels),
        applicant: z.record(z.string(), z.unknown()),
        answers: z.record(z.string(), z.unknown()),
        papers: z.array(
          z.object({
            number: z.int(),
            kind: z.string(),
            title: Text.optional(),
            brought: z.string().optional(),
          }),
        ),
      })
      .nullable()
      .meta({ description: 'What is to be signed; nothing is kept of it here once it has ended' }),
  })
  .meta({ id: 'PreparedApplication' });
const List = z.object({ items: z.array(Prepared) });
const GivenRefusal = z
  .strictObject({ reason: z.string().trim().min(1).max(2000) })
  .meta({ id: 'RefusalToSign' });

const Path = z.object({ id: z.uuid() });
const PaperPath = Path.extend({ number: z.coerce.number().int().min(1).max(200) });
const acting = { path: Path, header: actHeader };

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/applications': {
    get: {
      summary: 'Applications with co-applicants that concern you, the latest first',
      responses: { 200: json('Applications', List), default: refused },
    },
  },
  '/api/v1/applications/{id}': {
    get: {
      summary: 'An application that waits for its co-applicants: what is to be signed, and who has',
      requestParams: { path: Path },
      responses: { 200: json('The application', PreparedWithContent), default: refused },
    },
    delete: {
      summary: 'Take an application back before it is filed',
      requestParams: acting,
      responses: { 204: { description: 'It waits no more' }, default: refused },
    },
  },
  '/api/v1/applications/{id}/papers/{number}': {
    get: {
      summary: 'A paper of an application that waits',
      requestParams: { path: PaperPath },
      responses: { 200: file('The file', 'application/pdf', 'image/jpeg', 'image/png'), default: refused },
    },
  },
  '/api/v1/applications/{id}/co-signature': {
    post: {
      summary: 'Sign an application as one of its co-applicants; the last signature files it',
      requestParams: acting,
      responses: {
        200: json('Signed; others are awaited', Waiting),
        201: json('Filed', Filed),
        default: refused,
      },
    },
  },
  '/api/v1/applications/{id}/refusal': {
    post: {
      summary: 'Refuse to sign; the application has ended',
      requestParams: acting,
      requestBody: { content: { 'application/json': { schema: GivenRefusal } } },
      responses: { 204: { description: 'Refused' }, default: refused },
    },
  },
};

/** Applications that wait for their co-applicants. */
export function preparedApplications(
  deps: Pick<Deps, 'db' | 'clock' | 'objects' | 'procedures' | 'newCaseKey'>,
): Router {
  const { db, clock, objects, procedures } = deps;
  const router = Router();

  const shown = (content: NonNullable<PreparedView['content']>) => {
    const facts = procedures.get(content.procedure);
    return {
      ...content,
      procedure: { id: content.procedure, title: facts?.title },
      papers: content.papers.map(({ kind, brought }, index) => ({
        number: index + 1,
        kind,
        title: facts?.papers[kind]?.title,
        brought,
      })),
    };
  };

  router.get('/api/v1/applications', signedIn, async (req, res) => {
    res.json(List.parse({ items: await listPrepared(db, actorIn(req), clock.now()) }));
  });

  router.get('/api/v1/applications/:id', signedIn, async (req, res) => {
    const { id } = checkAddress(req, Path, req.params);
    const { content, ...found } = await findPrepared(db, actorIn(req), id, clock.now());
    res.json(PreparedWithContent.parse({ ...found, content: content && shown(content) }));
  });

  router.get('/api/v1/applications/:id/papers/:number', signedIn, async (req, res) => {
    const address = checkAddress(req, PaperPath, req.params);
    const paper = await findPreparedPaper(db, actorIn(req), { ...address, at: clock.now() });
    await sendFile(res, objects, paper, 'attachment');
  });

  router.post('/api/v1/applications/:id/co-signature', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { id } = checkAddress(req, Path, req.params);
      const done = await coSign(by.trx, by, id, (handedIn) => completionOf(deps, handedIn));
      return { status: 'code' in done ? 201 : 200, body: done };
    });
    res.status(status).json(status === 201 ? Filed.parse(body) : Waiting.parse(body));
  });

  router.post('/api/v1/applications/:id/refusal', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      const { id } = checkAddress(req, Path, req.params);
      await refuseToSign(by.trx, by, { id, ...checkForm(req, GivenRefusal, req.body) });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  router.delete('/api/v1/applications/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      await takeBack(by.trx, by, checkAddress(req, Path, req.params).id);
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}
