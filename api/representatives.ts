import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { endRepresentation } from '../records/authorisations.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, refused } from './schemas.ts';

const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/representative': {
    delete: {
      summary: 'End the authority of a case’s representative now',
      requestParams: { path: Path, header: actHeader },
      responses: { 204: { description: 'They act for nobody any more' }, default: refused },
    },
  },
};

/** Who acts for the applicant of a case. */
export function representatives(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.delete('/api/v1/cases/:code/representative', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      await endRepresentation(by.trx, { ...by, code: checkAddress(req, Path, req.params).code });
      return { status: 204, body: null };
    });
    res.status(status).end();
  });

  return router;
}
