import { Router } from 'express';
import { z } from 'zod';
import type { ZodOpenApiPathsObject } from 'zod-openapi';
import { listOwed, remit } from '../records/remittances.ts';
import { may } from './abilities.ts';
import { act } from './act.ts';
import { checkAddress, checkForm } from './check.ts';
import type { Deps } from './deps.ts';
import { actHeader, CaseCode, Instant, json, Paging, refused } from './schemas.ts';

const Fee = z.object({
  case: CaseCode,
  number: z.int().min(1).meta({ description: 'Which fee of the case' }),
});
const Owed = z
  .object({
    owed: z.int().meta({ description: 'How many fees of the agency are not in the budget yet' }),
    items: z.array(
      Fee.extend({
        amount: z.int().meta({ description: 'In đồng' }),
        receipt: z.string(),
        paidAt: Instant,
        remitBy: Instant.meta({ description: 'When the money must be there (Decree 118/2025 Art. 24.3)' }),
        late: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'OwedFees' });
const GivenRemittance = z
  .strictObject({
    transferOrder: z.string().trim().min(1).max(100).meta({ description: 'Number of the treasury’s order' }),
    fees: z.array(Fee).min(1).max(500),
  })
  .meta({ id: 'GivenRemittance' });
const Remitted = z.object({ late: z.int().meta({ description: 'How many of them came late' }) });
const Path = z.object({ agency: z.string().regex(/^[A-Z]\d{2}(\.\d{2,3}){0,3}$/, 'H29.16') });

export const paths: ZodOpenApiPathsObject = {
  '/api/v1/agencies/{agency}/owed-fees': {
    get: {
      summary: 'Fees that were paid online and are not in the state budget yet, the most urgent first',
      requestParams: { path: Path, query: Paging.pick({ limit: true }) },
      responses: { 200: json('Owed fees', Owed), default: refused },
    },
  },
  '/api/v1/agencies/{agency}/remittances': {
    post: {
      summary: 'Enter that fees were transferred to the state budget',
      requestParams: { path: Path, header: actHeader },
      requestBody: { content: { 'application/json': { schema: GivenRemittance } } },
      responses: { 200: json('Entered', Remitted), default: refused },
    },
  },
};

/** Fees on their way to the state budget. */
export function remittances(deps: Pick<Deps, 'db' | 'clock'>): Router {
  const router = Router();

  router.get('/api/v1/agencies/:agency/owed-fees', may('read', 'fees'), async (req, res) => {
    const { agency } = checkAddress(req, Path, req.params);
    const { limit } = checkAddress(req, Paging, req.query);
    const now = deps.clock.now();
    const { items, owed } = await listOwed(deps.db, { agency, limit });
    const shown = items.map(({ paidAt, remitBy, ...fee }) => ({
      ...fee,
      paidAt: paidAt.toISOString(),
      remitBy: remitBy.toISOString(),
      late: remitBy < now,
    }));
    res.json(Owed.parse({ owed, items: shown }));
  });

  router.post('/api/v1/agencies/:agency/remittances', may('change', 'fees'), async (req, res) => {
    const { status, body } = await act(deps, req, async (by) => {
      const { agency } = checkAddress(req, Path, req.params);
      const given = checkForm(req, GivenRemittance, req.body);
      return { status: 200, body: await remit(by.trx, by, { agency, ...given }) };
    });
    res.status(status).json(Remitted.parse(body));
  });

  return router;
}
