import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { handIn } from '../records/applications.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { Application, checkApplication, completionOf } from './application-form.ts';
import { actorIn } from './auth.ts';
import type { Deps } from './deps.ts';
import { cleanGivenPhotos } from './task-photos.ts';
import { actHeader, CaseCode, Instant, json, refused } from './schemas.ts';

/** What became of an application: it is a case now, or it waits for signatures. */
export const Filed = z.object({ code: CaseCode }).meta({ id: 'Filed' });
export const Waiting = z
  .object({ id: z.uuid(), expiresAt: Instant, waitingFor: z.int().meta({ description: 'Signatures' }) })
  .meta({ id: 'WaitingApplication' });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/applications': {
    post: {
      summary: 'Hand in an application; 201 means that it is filed and kept, whatever happens next',
      requestParams: { header: actHeader },
      requestBody: { content: { 'application/json': { schema: Application } } },
      responses: {
        201: json('Filed', Filed),
        202: json('Kept until its co-applicants have signed: no case yet', Waiting),
        default: refused,
      },
    },
  },
};

/** Where a case begins. */
export function applications(
  deps: Pick<Deps, 'db' | 'clock' | 'objects' | 'procedures' | 'newCaseKey'>,
): Router {
  const router = Router();

  router.post('/api/v1/applications', may('change', 'applications'), async (req, res) => {
    const actor = actorIn(req);
    const { handedIn, ...named } = checkApplication(deps, req, actor);
    await cleanGivenPhotos(deps, actor, deps.procedures.get(handedIn.procedure), handedIn.papers);
    const { status, body } = await act(deps, req, async (by) => {
      const done = await handIn(by.trx, by, handedIn, named, () => completionOf(deps, handedIn));
      return { status: 'code' in done ? 201 : 202, body: done };
    });
    if (status === 202) {
      const waiting = Waiting.parse(body);
      res.status(202).location(`/api/v1/applications/${waiting.id}`).json(waiting);
      return;
    }
    const filed = Filed.parse(body);
    res.status(status).location(`/api/v1/cases/${filed.code}`).json(filed);
  });

  return router;
}
