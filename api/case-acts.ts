import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { consultAgency, transferCase } from '../records/case-acts.ts';
import { parseLimit, transferDue, type Limit } from '../workflows/engine/legal-clock.ts';
import { calendarOf } from '../workflows/engine/legal-clock-calendar.ts';
import { signedIn } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, refused, titled } from './schemas.ts';

const AgencyCode = z.string().min(1).max(20).meta({ example: 'H29.17' });
export const GivenTransfer = z
  .strictObject({
    agency: AgencyCode.meta({
      ...titled('Cơ quan có thẩm quyền', 'The competent agency'),
      widget: 'agency',
      description: 'Code of the competent agency',
    }),
    reason: z.string().trim().min(1).max(2000).meta(titled('Lý do', 'Reason')),
  })
  .meta({ id: 'GivenTransfer' });
const Transferred = z
  .object({
    by: Instant.meta({ description: 'When it had to be done (Decree 118/2025 Art. 18.2)' }),
    late: z.boolean(),
  })
  .meta({ id: 'Transferred' });

/** How long an agency has: short enough that the case can still be decided. */
const Within = z
  .string()
  .regex(/^[1-9]\d?(wh|wd|d)$/)
  .transform((limit) => limit as Limit)
  .refine((limit) => parseLimit(limit).count <= 30)
  .default('3wd')
  .meta({
    ...titled('Trả lời trong (wh giờ làm việc, wd ngày làm việc, d ngày)', 'Answer within (wh, wd or d)'),
    type: 'string',
    description: 'Working hours, working days or days',
    example: '3wd',
  });
export const GivenConsultation = z
  .strictObject({
    agency: AgencyCode.meta({ ...titled('Cơ quan được hỏi', 'Whom to ask'), widget: 'agency' }),
    question: z.string().trim().min(1).max(2000).meta(titled('Câu hỏi', 'Question')),
    within: Within,
  })
  .meta({ id: 'GivenConsultation' });
const Path = z.object({ code: CaseCode });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/cases/{code}/transfer': {
    post: {
      summary: 'Transfer a case to the competent agency, with clock and papers, instead of rejecting it',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenTransfer } } },
      responses: { 200: json('Transferred', Transferred), default: refused },
    },
  },
  '/api/v1/cases/{code}/consultations': {
    post: {
      summary: 'Ask an agency for its opinion on a case, beside what the procedure asks',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenConsultation } } },
      responses: { 202: { description: 'Asked' }, default: refused },
    },
  },
};

/** When a transfer had to be done, over the calendar of the agency (Decree 118/2025 Art. 18.2). */
export const dueOfTransfer: Parameters<typeof transferCase>[3] = (received, rows) =>
  transferDue(received, calendarOf(rows));

/** What officers do to a case as a whole. */
export function caseActs(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.post('/api/v1/cases/:code/transfer', signedIn, async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      const { agency: to, reason } = checkForm(req, GivenTransfer, req.body);
      const { by: due, late } = await transferCase(by.trx, by, { code, to, reason }, dueOfTransfer);
      return { status: 200, body: { by: due.toISOString(), late } };
    });
    res.status(status).json(Transferred.parse(body));
  });

  router.post('/api/v1/cases/:code/consultations', signedIn, async (req, res) => {
    const { status } = await act(deps, req, async (by) => {
      const { code } = checkAddress(req, Path, req.params);
      await consultAgency(by.trx, by, { code, ...checkForm(req, GivenConsultation, req.body) });
      return { status: 202, body: null };
    });
    res.status(status).end();
  });

  return router;
}
