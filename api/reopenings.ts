import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { reopenCase, requestCorrection, type Refiling } from '../records/reopenings.ts';
import type { Procedure } from '../workflows/engine/index.ts';
import { withoutPersonal } from '../workflows/engine/form.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, json, refused, titled } from './schemas.ts';

export const GivenReopening = z
  .strictObject({
    decision: z
      .strictObject({
        number: z
          .string()
          .trim()
          .min(1)
          .max(100)
          .meta({ ...titled('Số quyết định', 'Number'), example: '15/QĐ-GQKN' }),
        date: z.iso.date().meta(titled('Ngày', 'Date')),
        authority: z.string().trim().min(1).max(200).meta(titled('Cơ quan ban hành', 'Issued by')),
      })
      .meta({
        ...titled('Quyết định giải quyết khiếu nại', 'The decision on the appeal'),
        description: 'The decision on the appeal',
      }),
    reason: z.string().trim().min(1).max(2000).meta(titled('Lý do', 'Reason')),
  })
  .meta({ id: 'GivenReopening' });
export const GivenCorrection = z
  .strictObject({
    document: z.uuid().meta({
      ...titled('Kết quả sai', 'The result that is wrong'),
      widget: 'document',
      description: 'Id of the result that is wrong',
    }),
    wrong: z
      .string()
      .trim()
      .min(1)
      .max(2000)
      .meta({
        ...titled('Sai ở đâu, đúng là gì', 'What is wrong, and what is right'),
        description: 'What is wrong in it, and what is right',
      }),
  })
  .meta({ id: 'GivenCorrection' });
const Filed = z.object({ code: CaseCode }).meta({ id: 'FiledAgain' });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/reopening': {
    post: {
      summary: 'Look at a case again, as a decision on an appeal says; the answer names the new case',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenReopening } } },
      responses: { 201: json('Filed anew', Filed), default: refused },
    },
  },
  '/api/v1/cases/{code}/correction': {
    post: {
      summary: 'Ask for the correction of a delivered result; the answer names the case that does it',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenCorrection } } },
      responses: { 201: json('Asked', Filed), default: refused },
    },
  },
};

/** What filing a case anew needs of its procedure. */
export function refilingOf({ procedures, newCaseKey }: Pick<Deps, 'procedures' | 'newCaseKey'>): Refiling {
  const procedureOf = (id: string): Procedure & { id: string } => {
    const procedure = procedures.get(id);
    if (!procedure) throw new Error(`this code has no procedure ${id}`);
    return { ...procedure, id };
  };
  return {
    procedureOf,
    publicAnswers: (id, answers) => withoutPersonal(procedureOf(id).application, answers),
    wrappedKey: newCaseKey(),
  };
}

/** What goes back to a case that has ended. */
export function reopenings(deps: Pick<Deps, 'db' | 'clock' | 'procedures' | 'newCaseKey'>): Router {
  const router = Router();
  router.post('/api/v1/cases/:code/reopening', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      const given = checkForm(req, GivenReopening, req.body);
      return { status: 201, body: await reopenCase(by.trx, by, { code, ...given }, refilingOf(deps)) };
    });
    res.status(status).json(Filed.parse(body));
  });

  router.post('/api/v1/cases/:code/correction', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      const given = checkForm(req, GivenCorrection, req.body);
      return { status: 201, body: await requestCorrection(by.trx, by, { code, ...given }, refilingOf(deps)) };
    });
    res.status(status).json(Filed.parse(body));
  });

  return router;
}
