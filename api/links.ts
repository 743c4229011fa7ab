import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { allLinkKinds, linkCases, linkKinds, unlinkCases } from '../records/links.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused, titled } from './schemas.ts';

/** A link as one of its two cases shows it. */
export const Link = z
  .object({
    id: z.uuid(),
    kind: z.enum(allLinkKinds),
    case: CaseCode,
    direction: z.enum(['to', 'from']),
    at: Instant,
  })
  .meta({ id: 'Link' });

export const GivenLink = z
  .strictObject({
    case: CaseCode.meta(titled('Mã hồ sơ kia', 'Code of the other case')),
    kind: z.enum(linkKinds).meta({
      ...titled('Quan hệ', 'What it is to this one'),
      choices: {
        duplicate: { vi: 'Trùng việc', en: 'The same matter' },
        follows: { vi: 'Tiếp theo', en: 'What comes after it' },
        'belongs-to': { vi: 'Thuộc về', en: 'A part of it' },
      },
    }),
  })
  .meta({ id: 'GivenLink' });
const Linked = z.object({ id: z.uuid() }).meta({ id: 'Linked' });
const Path = z.object({ code: CaseCode });
const LinkPath = Path.extend({ id: z.uuid() });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/links': {
    post: {
      summary: 'Link a case to another one that you may read too',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenLink } } },
      responses: { 201: json('Linked', Linked), default: refused },
    },
  },
  '/api/v1/cases/{code}/links/{id}': {
    delete: {
      summary: 'Take a link away; the records of both cases keep that it was there',
      requestParams: { path: LinkPath, header: actHeader },
      responses: { 204: { description: 'Not linked any more' }, default: refused },
    },
  },
};

/** Links between cases. */
export function links(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.post('/api/v1/cases/:code/links', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      const { case: other, kind } = checkForm(req, GivenLink, req.body);
      return { status: 201, body: await linkCases(by.trx, by, { code, other, kind }) };
    });
    res.status(status).json(Linked.parse(body));
  });

  router.delete('/api/v1/cases/:code/links/:id', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      await unlinkCases(by.trx, by, checkAddress(req, LinkPath, req.params));
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}
